// prescan's state machine; see scan.h.
#include "rewrite/scan.h"

#include <fmt/format.h>

namespace hky::rewrite {

namespace {

constexpr uint8_t kMeta = 0x10;   // do not keep this character (sendmail: M)
constexpr uint8_t kBreak = 0x20;  // a token ends before it (sendmail: B)
constexpr uint8_t kMB = kMeta | kBreak;
constexpr uint8_t kTypeMask = 0x0f;

// sendmail: StateTab. Rows: the state; columns: the type of the character read.
constexpr uint8_t kStates[6][6] = {
    /* OPR */ {kOpr | kBreak, kAtm | kBreak, kQst | kBreak, kSpc | kMB, kOne | kBreak, kIll | kMB},
    /* ATM */ {kOpr | kBreak, kAtm, kQst | kBreak, kSpc | kMB, kOne | kBreak, kIll | kMB},
    /* QST */ {kQst, kQst, kOpr, kQst, kQst, kQst},
    /* SPC */ {kOpr, kAtm, kQst, kSpc | kMeta, kOne, kIll | kMB},
    /* ONE */ {kOpr, kOpr, kOpr, kOpr, kOpr, kIll | kMB},
    /* ILL */ {kOpr | kBreak, kAtm | kBreak, kQst | kBreak, kSpc | kMB, kOne | kBreak, kIll | kMeta},
};

constexpr char16_t kNone = 0xffff;  // no character waits (sendmail: NOCHAR)

bool is_space(char16_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

template <class Unit>
class Scanner {
 public:
  Scanner(Scan& out, std::basic_string_view<Unit> in, int delimiter, const CharTypes& types, TokenTable table, bool ignore)
      : out_(out), in_(in), delimiter_(static_cast<char16_t>(delimiter)), types_(types), table_(table), ignore_(ignore),
        strip_comments_(types.of('(', table) == kSpc) {}

  void run() {
    do {
      size_t token = out_.buffer.size();
      while (step()) {
      }
      if (out_.refused) break;
      if (!finish_token(token)) break;
    } while (c_ != 0 && (c_ != delimiter_ || angles_ > 0));
    if (out_.refused) {
      out_.spans.clear();
      out_.buffer.clear();
    }
    out_.consumed = pos_ > 0 ? pos_ - 1 : 0;
  }

 private:
  // Reads one character. False: a token ends (or everything).
  bool step() {
    if (c_ != kNone && !backslash_ && !keep(c_)) return false;
    read();
    if (c_ == 0) {
      if (!mend()) return false;
    } else if (c_ == delimiter_ && comments_ <= 0 && state_ != kQst) {
      if (angles_ <= 0) return false;
      // special case for better error management
      if (delimiter_ == ',' && !route_ && !ignore_) {
        out_.errors.emplace_back("553 Unbalanced '<'");
        c_ = '>';
        --pos_;
      }
    }
    if (backslash_) {
      backslash_ = false;
      if (comments_ > 0) {
        c_ = kNone;
        return true;
      }
      // sendmail: "kludge \! for naive users"
      if (c_ != '!' || state_ == kQst) {
        if (!room()) return false;
        out_.buffer.push_back('\\');
        return true;
      }
    }
    classify();
    if (c_ == kNone) return true;
    if (c_ == delimiter_ && angles_ <= 0 && state_ != kQst) return false;
    return advance();
  }

  void read() {
    char16_t unit = 0;
    if (pos_ < in_.size()) {
      if constexpr (std::is_same_v<Unit, char>) unit = static_cast<unsigned char>(in_[pos_]);
      else unit = in_[pos_];
    }
    ++pos_;
    c_ = unit;
    if (unit >= 0x100 && cf::meta_has_operand(unit)) operand_ = pos_ < in_.size() ? static_cast<char16_t>(in_[pos_++]) : u'\0';
  }

  // The text ended inside something: patch it up. False: it did not.
  bool mend() {
    if (ignore_) return false;
    if (state_ == kQst) {
      out_.errors.emplace_back("553 Unbalanced '\"'");
      c_ = '"';
    } else if (comments_ > 0) {
      out_.errors.emplace_back("553 Unbalanced '('");
      c_ = ')';
    } else if (angles_ > 0) {
      out_.errors.emplace_back("553 Unbalanced '<'");
      c_ = '>';
    } else {
      return false;
    }
    --pos_;
    return true;
  }

  // Backslashes, comments, angle brackets.
  void classify() {
    if (c_ == '\\') {
      backslash_ = true;
    } else if (state_ == kQst) {
      return;
    } else if (c_ == '(' && strip_comments_) {
      ++comments_;
      c_ = kNone;
    } else if (c_ == ')' && strip_comments_) {
      if (comments_ > 0) --comments_;
      else complain("553 Unbalanced ')'");
    } else if (comments_ > 0) {
      c_ = kNone;
    } else if (c_ == '<') {
      ++angles_;
      size_t next = pos_;
      while (next < in_.size() && is_space(static_cast<char16_t>(in_[next]))) ++next;
      if (next < in_.size() && in_[next] == '@') route_ = true;
    } else if (c_ == '>') {
      if (angles_ > 0) --angles_;
      else complain("553 Unbalanced '>'");
      route_ = false;
    } else if (delimiter_ == ' ' && is_space(c_)) {
      c_ = ' ';
    }
  }

  void complain(const char* text) {
    if (ignore_) return;
    out_.errors.emplace_back(text);
    c_ = kNone;
  }

  bool advance() {
    uint8_t next = kStates[state_][types_.of(c_, table_)];
    state_ = next & kTypeMask;
    if (state_ == kIll) out_.errors.push_back(fmt::format("553 Illegal character 0x{:02x}", static_cast<unsigned>(c_)));
    if ((next & kMeta) != 0) c_ = kNone;
    return (next & kBreak) == 0;
  }

  bool keep(char16_t c) {
    if (!room()) return false;
    out_.buffer.push_back(c);
    if (c >= 0x100 && cf::meta_has_operand(c)) out_.buffer.push_back(operand_);
    return true;
  }

  bool room() {
    if (out_.buffer.size() + out_.spans.size() < kMaxPrescan - 5) return true;
    out_.errors.emplace_back("553 5.1.1 Address too long");
    out_.refused = true;
    return false;
  }

  bool finish_token(size_t token) {
    size_t length = out_.buffer.size() - token;
    if (length == 0) return true;
    if (!room()) return false;
    const char* why = nullptr;
    if (out_.spans.size() >= kMaxAtoms) why = "553 5.1.0 prescan: too many tokens";
    else if (length + 1 > kMaxTokenLength) why = "553 5.1.0 prescan: token too long";
    if (why != nullptr) {
      out_.errors.emplace_back(why);
      out_.refused = true;
      return false;
    }
    out_.spans.push_back(Span{static_cast<uint32_t>(token), static_cast<uint32_t>(length)});
    return true;
  }

  Scan& out_;
  std::basic_string_view<Unit> in_;
  char16_t delimiter_;
  const CharTypes& types_;
  TokenTable table_;
  bool ignore_, strip_comments_;
  char16_t c_ = kNone, operand_ = 0;
  size_t pos_ = 0;
  uint8_t state_ = kAtm;
  bool backslash_ = false, route_ = false;
  int comments_ = 0, angles_ = 0;
};

template <class Unit>
void run_scan(Scan& out, std::basic_string_view<Unit> in, int delimiter, const CharTypes& types, TokenTable table, bool ignore) {
  out.buffer.clear();
  out.spans.clear();
  out.errors.clear();
  out.refused = false;
  Scanner<Unit>(out, in, delimiter, types, table, ignore).run();
}

// How a metasymbol is typed after its dollar.
char typed(char16_t meta) {
  switch (meta) {
    case cf::kMatchZeroAny: return '*';
    case cf::kMatchAny: return '+';
    case cf::kMatchOne: return '-';
    case cf::kMatchClass: return '=';
    case cf::kMatchNotClass: return '~';
    case cf::kMatchZero:
    case cf::kCanonHost: return '@';
    case cf::kCanonUser: return ':';
    case cf::kCanonNet: return '#';
    case cf::kCallSubr: return '>';
    case cf::kHostBegin: return '[';
    case cf::kHostEnd: return ']';
    case cf::kLookupBegin: return '(';
    case cf::kLookupEnd: return ')';
    case cf::kCondIf: return '?';
    case cf::kCondElse: return '|';
    case cf::kCondFi: return '.';
    case cf::kMacroDefer: return '&';
    default: return '\0';
  }
}

}  // namespace

CharTypes::CharTypes(const cf::Config& config) {
  // sendmail: OperatorChars unset means ".:@[]"
  std::string operators = config.options.operator_chars.empty() ? ".:@[]" : config.options.operator_chars;
  operators += "()<>,;\r\n";
  for (auto& table : tables_) {
    table.fill(kAtm);
    table['\t'] = table['\n'] = table['\v'] = table['\f'] = table['\r'] = table[' '] = kSpc;
    table['"'] = kQst;
    table['('] = table[')'] = kSpc;
  }
  auto& internal = tables_[static_cast<size_t>(TokenTable::kInternal)];
  auto& keep = tables_[static_cast<size_t>(TokenTable::kKeepComments)];
  internal[0xff] = keep[0xff] = kOne;
  keep['('] = keep[')'] = kOpr;
  for (char c : operators)
    for (auto& table : tables_)
      if (uint8_t& type = table[static_cast<unsigned char>(c)]; type == kAtm) type = kOpr;
  blank_sub_ = config.options.blank_sub == '\0' ? ' ' : config.options.blank_sub;
}

void scan(Scan& out, std::string_view in, int delimiter, const CharTypes& types, TokenTable table, bool ignore_unbalanced) {
  run_scan<char>(out, in, delimiter, types, table, ignore_unbalanced);
}

void scan(Scan& out, std::u16string_view in, int delimiter, const CharTypes& types, TokenTable table, bool ignore_unbalanced) {
  run_scan<char16_t>(out, in, delimiter, types, table, ignore_unbalanced);
}

// sendmail keeps metasymbols as bytes 0x81..0x9e inside its strings, so such a byte of an address prints as one.
static bool append_disguised(std::string& out, std::u16string_view token, size_t& i, const cf::NameTable& names) {
  constexpr const char* kPrinted[] = {
      "$",  "$&", nullptr, nullptr, "$(", "$)", nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,  // 0x81..0x8f
      "$*", "$+", "$-",    "$=",    "$~", "$",  "$#",    "$@",    "$:",    "$>",    "$?",    "$|",    "$.",    "$[",    "$]",  // 0x90..0x9e
      nullptr};
  const char16_t c = token[i];
  const char* printed = kPrinted[c - 0x81];
  if (printed == nullptr) return false;
  out += printed;
  const bool named = c == 0x81 || c == 0x82 || c == 0x93 || c == 0x94;
  if ((named || c == 0x95) && i + 1 < token.size()) {
    const char16_t operand = token[++i];
    if (operand >= 0x100) --i;
    else if (named) out += names.display_byte(static_cast<unsigned char>(operand));
    else out.push_back(static_cast<char>(operand));
  }
  return true;
}

void append_display(std::string& out, std::u16string_view token, const cf::NameTable& names) {
  for (size_t i = 0; i < token.size(); ++i) {
    char16_t c = token[i];
    if (c < 0x100) {
      if (c >= 0x81 && c <= 0x9f && append_disguised(out, token, i, names)) continue;
      if (c >= 0x80 && c != 0xff) {
        out += "M-";
        c &= 0x7f;
      }
      if (c >= ' ' && c < 0x7f) out.push_back(static_cast<char>(c));
      else if (c == '\n' || c == '\r' || c == '\t') out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
      continue;
    }
    out.push_back('$');
    if (char t = typed(c); t != '\0') out.push_back(t);
    if (!cf::meta_has_operand(c) || i + 1 >= token.size()) continue;
    char16_t operand = token[++i];
    if (c == cf::kMatchRepl) out.push_back(static_cast<char>('0' + operand));
    else out += names.display(operand);
  }
}

}  // namespace hky::rewrite
