// scan: prescan's state machine over bytes or Text, into buffers that are kept between calls (the hot path of the machine).
// Who calls it: tokens.cc (the public form), compile, machine.
// sendmail: parseaddr.c prescan(), StateTab, the token type tables.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rewrite/tokens.h"

namespace hky::rewrite {

enum CharType : uint8_t { kOpr, kAtm, kQst, kSpc, kOne, kIll };

// Character types of one Config, by table. Built from OperatorChars and the built-in ()<>,;CRLF.
class CharTypes {
 public:
  explicit CharTypes(const cf::Config& config);
  CharType of(char16_t unit, TokenTable table) const {
    if (unit >= 0x100) return table == TokenTable::kExternal ? kAtm : kOpr;
    return static_cast<CharType>(tables_[static_cast<size_t>(table)][unit]);
  }
  // sendmail: cataddr asks IntTokenTab whether a word begins here.
  bool atom(char16_t unit) const { return of(unit, TokenTable::kInternal) == kAtm; }
  char blank_sub() const { return blank_sub_; }

 private:
  std::array<std::array<uint8_t, 256>, 3> tables_;
  char blank_sub_;
};

struct Span { uint32_t begin, length; };

struct Scan {
  cf::Text buffer;          // the tokens, end to end
  std::vector<Span> spans;  // into buffer
  std::vector<std::string> errors;
  bool refused = false;
  size_t consumed = 0;
};

void scan(Scan& out, std::string_view in, int delimiter, const CharTypes& types, TokenTable table, bool ignore_unbalanced = false);
void scan(Scan& out, std::u16string_view in, int delimiter, const CharTypes& types, TokenTable table, bool ignore_unbalanced = false);

// One token as the trace prints it. sendmail: xputs().
void append_display(std::string& out, std::u16string_view token, const cf::NameTable& names);

}  // namespace hky::rewrite
