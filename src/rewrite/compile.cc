// Compiles the rules of a Config; diagnoses them as sendmail's reader does.
// sendmail: readcf.c, case 'R'.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "rewrite/program.h"

namespace hky::rewrite {

namespace {

constexpr uint32_t kUnlimited = 0xffffffff;
constexpr int kMaxMapArgs = 20;  // sendmail: MAX_MAP_ARGS

class Compiler {
 public:
  Compiler(Program& program, std::vector<cf::Diagnostic>& errors) : p_(program), errors_(errors) {}

  void run() {
    for (const cf::Ruleset& set : p_.config->rulesets) {
      RuleRange range{static_cast<uint32_t>(p_.rules.size()), static_cast<uint32_t>(set.rules.size())};
      for (const cf::RuleLine& line : set.rules) rule(line);
      p_.rulesets.push_back(range);
    }
    for (const cf::Ruleset& set : p_.config->rulesets) p_.words.intern(cf::to_text(set.name));
    for (ClassView& view : p_.classes) fill_class(view);
    p_.target_of_word.assign(p_.words.size(), kNotAsked);
    for (const cf::Ruleset& set : p_.config->rulesets) name_target(set.name);
    for (const Op& op : p_.ops)
      if (op.kind == OpKind::kWord && op.arg >= kMetaIds) name_target(to_bytes(cf::Text(p_.words.text(op.arg))));
  }

 private:
  void name_target(const std::string& name) {
    Tok tok{};
    if (p_.words.find(cf::to_text(name), tok)) p_.target_of_word[tok.id] = p_.find_ruleset(strip_quotes(name));
  }

  // What the reader said already is not said again.
  void complain(const cf::RuleLine& line, std::string text) {
    for (const cf::Diagnostic& d : p_.config->diagnostics)
      if (d.place.line == line.place.line && d.text == text) return;
    errors_.push_back(cf::Diagnostic{true, line.place, std::move(text)});
  }

  void rule(const cf::RuleLine& line) {
    Rule r;
    r.line = &line;
    int fuzzy = left(line, r);
    right(line, r, fuzzy);
    p_.rules.push_back(r);
  }

  int left(const cf::RuleLine& line, Rule& r) {
    scan(scan_, std::u16string_view(line.lhs), '\t', p_.types, TokenTable::kKeepComments, true);
    r.lhs = static_cast<uint32_t>(p_.ops.size());
    if (scan_.spans.empty()) complain(line, "R line: null LHS");
    int fuzzy = 0;
    for (Span span : scan_.spans) {
      std::u16string_view token = token_at(span);
      if (const char* botch = misplaced_left(token.front())) complain(line, fmt::format("Inappropriate use of {} on LHS", botch));
      Op op = left_op(token);
      if (op.kind >= OpKind::kZeroAny && op.kind <= OpKind::kNotClass && op.kind != OpKind::kZero) ++fuzzy;
      p_.ops.push_back(op);
    }
    if (fuzzy > kMaxMatches) {
      complain(line, "R line: too many wildcards");
      p_.ops.resize(r.lhs);
    }
    r.lhs_count = static_cast<uint32_t>(p_.ops.size()) - r.lhs;
    measure(r);
    return fuzzy;
  }

  Op left_op(std::u16string_view token) {
    switch (token.front()) {
      case cf::kMatchZeroAny: return Op{OpKind::kZeroAny, 0, 0};
      case cf::kMatchAny: return Op{OpKind::kAny, 0, 0};
      case cf::kMatchOne: return Op{OpKind::kOne, 0, 0};
      case cf::kMatchZero:
      case cf::kCanonHost: return Op{OpKind::kZero, 0, 0};  // sendmail: $@ on a left side matches nothing
      case cf::kMatchClass: return Op{OpKind::kClass, class_index(token[1]), 0};
      case cf::kMatchNotClass: return Op{OpKind::kNotClass, class_index(token[1]), 0};
      case cf::kMacroDefer: return Op{OpKind::kMacro, token[1], 0};
      default: return word(token);
    }
  }

  static const char* misplaced_left(char16_t c) {
    switch (c) {
      case cf::kMatchRepl: return "$1-$9";
      case cf::kCanonUser: return "$:";
      case cf::kCallSubr: return "$>";
      case cf::kCondIf: return "$?";
      case cf::kCondFi: return "$.";
      case cf::kHostBegin: return "$[";
      case cf::kHostEnd: return "$]";
      case cf::kLookupBegin: return "$(";
      case cf::kLookupEnd: return "$)";
      default: return nullptr;
    }
  }

  static const char* misplaced_right(char16_t c) {
    switch (c) {
      case cf::kMatchZeroAny: return "$*";
      case cf::kMatchAny: return "$+";
      case cf::kMatchOne: return "$-";
      case cf::kMatchClass: return "$=";
      case cf::kMatchNotClass: return "$~";
      case cf::kCondIf: return "$?";
      case cf::kCondFi: return "$.";
      default: return nullptr;
    }
  }

  void right(const cf::RuleLine& line, Rule& r, int fuzzy) {
    scan(scan_, std::u16string_view(line.rhs), '\t', p_.types, TokenTable::kKeepComments, true);
    r.rhs = static_cast<uint32_t>(p_.ops.size());
    if (scan_.spans.empty()) complain(line, "R line: null RHS");
    check_maps(line);
    for (size_t i = 0; i < scan_.spans.size(); ++i) {
      std::u16string_view token = token_at(scan_.spans[i]);
      char16_t c = token.front();
      if (i == 0 && (c == cf::kCanonUser || c == cf::kCanonHost)) {
        (c == cf::kCanonUser ? r.once : r.returns) = true;
        continue;
      }
      if (c == cf::kMatchRepl) {
        if (token[1] < 1 || token[1] > fuzzy) complain(line, fmt::format("replacement ${} out of bounds", static_cast<int>(token[1])));
        p_.ops.push_back(Op{OpKind::kReplace, token[1], 0});
      } else if (c == cf::kMacroDefer) {
        p_.ops.push_back(Op{OpKind::kMacro, token[1], 0});
      } else {
        if (const char* botch = misplaced_right(c)) complain(line, fmt::format("Inappropriate use of {} on RHS", botch));
        p_.ops.push_back(word(token));
      }
    }
    r.rhs_count = static_cast<uint32_t>(p_.ops.size()) - r.rhs;
  }

  // sendmail: look-ups do not nest and take so many arguments.
  void check_maps(const cf::RuleLine& line) {
    char16_t end = 0;
    int args = 0;
    for (Span span : scan_.spans) {
      char16_t c = token_at(span).front();
      if (c == cf::kHostBegin || c == cf::kLookupBegin) {
        if (end != 0) complain(line, "cannot nest map lookups");
        end = c == cf::kHostBegin ? cf::kHostEnd : cf::kLookupEnd;
        args = 0;
      } else if (end != 0 && c == end) {
        end = 0;
      } else if (end != 0 && c == cf::kCanonHost && ++args == kMaxMapArgs) {
        complain(line, "too many arguments for map lookup");
      }
    }
  }

  Op word(std::u16string_view token) {
    Tok tok = p_.words.intern(token);
    return Op{OpKind::kWord, tok.id, tok.fold};
  }

  void measure(Rule& r) {
    bool open = false;
    for (uint32_t i = 0; i < r.lhs_count; ++i) {
      const Op& op = p_.ops[r.lhs + i];
      if (op.kind == OpKind::kWord) r.needs |= uint64_t{1} << (op.fold % 64);
      if (op.kind != OpKind::kZeroAny && op.kind != OpKind::kZero && op.kind != OpKind::kMacro) ++r.min_tokens;
      open = open || op.kind == OpKind::kZeroAny || op.kind == OpKind::kAny || op.kind == OpKind::kClass || op.kind == OpKind::kMacro;
    }
    r.max_tokens = open ? kUnlimited : r.min_tokens;
  }

  uint32_t class_index(cf::NameId id) {
    auto [it, fresh] = class_index_.try_emplace(id, static_cast<uint32_t>(p_.classes.size()));
    if (fresh) p_.classes.push_back(ClassView{id, {}, true, 0});
    return it->second;
  }

  void fill_class(ClassView& view) {
    // A separator that is itself a word's character could glue two tokens into one word of the class.
    view.filter = !p_.types.atom(static_cast<unsigned char>(p_.types.blank_sub()));
    auto it = p_.config->classes.find(view.id);
    if (it == p_.config->classes.end()) return;
    for (const std::string& member : it->second) {
      if (member.find_first_of("\"\\(") != std::string::npos) view.filter = false;
      scan(scan_, std::string_view(member), '\0', p_.types, TokenTable::kKeepComments, true);
      if (scan_.spans.empty()) continue;
      view.max_tokens = std::max(view.max_tokens, static_cast<uint32_t>(scan_.spans.size()));
      uint32_t fold = p_.words.intern(token_at(scan_.spans.front())).fold;
      if (view.first.size() <= fold / 64) view.first.resize(fold / 64 + 1, 0);
      view.first[fold / 64] |= uint64_t{1} << (fold % 64);
    }
    if (!view.filter) view.max_tokens = kUnlimited;
  }

  std::u16string_view token_at(Span span) const { return std::u16string_view(scan_.buffer).substr(span.begin, span.length); }

  Program& p_;
  std::vector<cf::Diagnostic>& errors_;
  Scan scan_;
  std::unordered_map<cf::NameId, uint32_t> class_index_;
};

}  // namespace

int Program::find_ruleset(std::string_view name) const {
  bool number = !name.empty() && name.front() >= '0' && name.front() <= '9';
  const cf::Ruleset* set = config->find_ruleset(name);
  if (set == nullptr) return number ? kEmptyRuleset : kUnknownRuleset;
  return static_cast<int>(set - config->rulesets.data());
}

std::shared_ptr<const Program> compile(std::shared_ptr<const cf::Config> config, std::vector<cf::Diagnostic>& errors) {
  auto program = std::make_shared<Program>(std::move(config));
  Compiler(*program, errors).run();
  return program;
}

}  // namespace hky::rewrite
