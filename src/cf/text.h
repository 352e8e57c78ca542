// Text: a piece of sendmail.cf after the reader has translated its dollars, before any macro is expanded.
// One unit is either a byte (below 0x100) or a metasymbol; so 8-bit bytes need no quoting, and no byte can pass for a
// metasymbol. `$x` in a macro's value stays a reference and is expanded when asked for (sendmail: macro.c, expand).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hky::cf {

using Text = std::u16string;

// Metasymbols (sendmail: conf.h MATCH*, CANON*, ...). Names follow what the rule writer types.
enum Meta : char16_t {
  kMatchZeroAny = 0x100,  // $*
  kMatchAny,              // $+
  kMatchOne,              // $-
  kMatchClass,            // $=x, followed by one unit: class id
  kMatchNotClass,         // $~x, followed by one unit: class id
  kMatchZero,             // $@ on a left side
  kMatchRepl,             // $1..$9, followed by one unit: the number 1..9 (not the character)
  kCanonUser,             // $:
  kCanonHost,             // $@
  kCanonNet,              // $#
  kCallSubr,              // $>
  kHostBegin,             // $[
  kHostEnd,               // $]
  kLookupBegin,           // $(
  kLookupEnd,             // $)
  kCondIf,                // $?x, followed by one unit: macro id
  kCondElse,              // $|
  kCondFi,                // $.
  kMacroExpand,           // $x or ${name}, followed by one unit: macro id
  kMacroDefer,            // $&x or $&{name}, followed by one unit: macro id
  kMetaEnd,
};

// True for metasymbols that are followed by one unit of their own (an id or a number): copy both or neither.
constexpr bool meta_has_operand(char16_t c) {
  return c == kMatchClass || c == kMatchNotClass || c == kMatchRepl || c == kCondIf || c == kMacroExpand || c == kMacroDefer;
}

// Bytes without metasymbols, one unit each.
inline Text to_text(std::string_view bytes) {
  Text out;
  out.reserve(bytes.size());
  for (char c : bytes) out.push_back(static_cast<unsigned char>(c));
  return out;
}

// Macro, class and ruleset names are interned: a one-character name is its byte, longer names count from kFirstLongName.
using NameId = uint16_t;
inline constexpr NameId kFirstLongName = 0x100;
inline constexpr NameId kMaxNameId = 0x0fff;

}  // namespace hky::cf
