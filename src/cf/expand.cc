// Macro expansion and the two spellings of metasymbols; see expand.h.
#include "cf/expand.h"

#include <array>

namespace hky::cf {

namespace {

constexpr int kMaxMacroRecursion = 10;     // sendmail: MAXMACRORECURSION
constexpr size_t kMaxExpansion = 64 * 1024;  // ours: a value that doubles itself stops here

struct MetaSpelling { char typed; char16_t meta; };
constexpr std::array<MetaSpelling, 14> kMetas{{{'*', kMatchZeroAny}, {'+', kMatchAny}, {'-', kMatchOne}, {':', kCanonUser},
                                               {'@', kCanonHost}, {'#', kCanonNet}, {'>', kCallSubr}, {'[', kHostBegin},
                                               {']', kHostEnd}, {'(', kLookupBegin}, {')', kLookupEnd}, {'|', kCondElse},
                                               {'.', kCondFi}, {'@', kMatchZero}}};

// One pass of expand(): the state of conditionals, and whether a value brought new work.
class Pass {
 public:
  Pass(const MacroScope& scope, bool deferred_too) : scope_(scope), deferred_too_(deferred_too) {}

  Text run(const Text& in) {
    for (size_t i = 0; i < in.size() && out_.size() < kMaxExpansion; ++i) {
      char16_t c = in[i];
      char16_t operand = 0;
      bool has_operand = meta_has_operand(c);
      if (has_operand) {
        if (++i >= in.size()) break;
        operand = in[i];
      }
      if (conditional(c, operand)) continue;
      if (skipping_) continue;
      if (c == kMacroExpand || (c == kMacroDefer && deferred_too_)) {
        value(operand);
        continue;
      }
      out_.push_back(c);
      if (has_operand) out_.push_back(operand);
    }
    return std::move(out_);
  }

  bool again() const { return again_; }

 private:
  // sendmail: expand(), CONDIF / CONDELSE / CONDFI. Outside a conditional, $| and $. are ordinary tokens.
  bool conditional(char16_t c, char16_t operand) {
    if (c == kCondIf) {
      ++depth_;
      if (skipping_) {
        ++skipped_depth_;
      } else {
        const Text* v = scope_.find(operand);
        skipping_ = v == nullptr || v->empty();
      }
      return true;
    }
    if ((c != kCondElse && c != kCondFi) || depth_ == 0) return false;
    if (c == kCondElse) {
      if (skipped_depth_ == 0) skipping_ = !skipping_;
      return true;
    }
    --depth_;
    if (skipped_depth_ > 0) --skipped_depth_;
    else skipping_ = false;
    return true;
  }

  void value(NameId id) {
    const Text* v = scope_.find(id);
    if (v == nullptr) return;
    out_ += *v;
    for (char16_t c : *v) again_ = again_ || c >= kMatchZeroAny;
  }

  const MacroScope& scope_;
  const bool deferred_too_;
  Text out_;
  int depth_ = 0, skipped_depth_ = 0;
  bool skipping_ = false, again_ = false;
};

Text expand_passes(const Text& in, const MacroScope& scope, bool deferred_too) {
  Text text = in;
  for (int level = 0; level < kMaxMacroRecursion; ++level) {
    Pass pass(scope, deferred_too);
    text = pass.run(text);
    if (!pass.again()) break;
  }
  return text;
}

std::string spelled(char16_t meta) {
  switch (meta) {
    case kMatchClass: return "$=";
    case kMatchNotClass: return "$~";
    case kMacroDefer: return "$&";
    case kCondIf: return "$?";
    case kMatchRepl:
    case kMacroExpand: return "$";
    default: break;
  }
  for (const MetaSpelling& m : kMetas)
    if (m.meta == meta) return std::string{'$', m.typed};
  return "$";
}

}  // namespace

void MacroScope::set(NameId id, std::string_view plain) { own_[id] = to_text(plain); }

const Text* MacroScope::find(NameId id) const {
  if (auto it = own_.find(id); it != own_.end()) return &it->second;
  if (outer_ != nullptr) return outer_->find(id);
  auto it = config_->macros.find(id);
  return it == config_->macros.end() ? nullptr : &it->second;
}

Text expand(const Text& in, const MacroScope& scope) { return expand_passes(in, scope, false); }

std::string expand_to_string(const Text& in, const MacroScope& scope) {
  return to_display(expand_passes(in, scope, true), scope.config().names);
}

std::string macro_value(const MacroScope& scope, NameId id) { return expand_to_string(Text{kMacroExpand, id}, scope); }

std::string to_display(const Text& in, const NameTable& names) {
  std::string out;
  out.reserve(in.size());
  for (size_t i = 0; i < in.size(); ++i) {
    char16_t c = in[i];
    if (c < kMatchZeroAny) {
      out.push_back(static_cast<char>(c));
      continue;
    }
    out += spelled(c);
    if (!meta_has_operand(c) || i + 1 >= in.size()) continue;
    char16_t operand = in[++i];
    if (c == kMatchRepl) out += std::to_string(static_cast<int>(operand));
    else out += names.display(operand);
  }
  return out;
}

Text translate_dollars(std::string_view in, NameTable& names, std::vector<std::string>* errors) {
  Text out;
  out.reserve(in.size());
  auto name_at = [&](size_t& i, char16_t meta) {  // i stands on the first byte of a name; leaves it on the last
    ParsedName name = parse_name(in.substr(i), names);
    if (!name.error.empty() && errors != nullptr) errors->push_back(name.error);
    if (name.id != 0) {
      out.push_back(meta);
      out.push_back(name.id);
    }
    i += name.length == 0 ? 0 : name.length - 1;
  };
  for (size_t i = 0; i < in.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(in[i]);
    unsigned char next = i + 1 < in.size() ? static_cast<unsigned char>(in[i + 1]) : 0;
    // sendmail: a dollar before a blank, a control or an 8-bit byte is a dollar; $$ is one too
    if (c != '$' || next <= ' ' || next >= 0x7f) {
      out.push_back(c);
      continue;
    }
    ++i;
    if (next == '$') {
      out.push_back('$');
    } else if (next >= '0' && next <= '9') {
      out.push_back(kMatchRepl);
      out.push_back(next - '0');
    } else if (next == '=' || next == '~' || next == '&' || next == '?') {
      char16_t meta = next == '=' ? kMatchClass : next == '~' ? kMatchNotClass : next == '&' ? kMacroDefer : kCondIf;
      if (++i < in.size()) name_at(i, meta);
    } else {
      const MetaSpelling* hit = nullptr;
      for (const MetaSpelling& m : kMetas)
        if (hit == nullptr && m.typed == static_cast<char>(next)) hit = &m;
      if (hit != nullptr) out.push_back(hit->meta);
      else name_at(i, kMacroExpand);
    }
  }
  return out;
}

}  // namespace hky::cf
