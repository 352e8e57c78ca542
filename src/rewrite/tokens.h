// Tokens: how an address becomes a list of words and goes back to a string.
// Who calls it: machine (rules, map values), route (addresses), policy (arguments of check_*), -bt.
// sendmail: parseaddr.c prescan(), cataddr(); util.c printav(), xputs().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cf/config.h"
#include "cf/text.h"

namespace hky::rewrite {

// A token: bytes, or one metasymbol ($#, $@, $:, $| ...) standing alone. Spelled as Text so that nothing is ambiguous.
using Token = cf::Text;
using Tokens = std::vector<Token>;

// Which bytes are blanks and which operators.
enum class TokenTable {
  kExternal,      // addresses from outside and map values: (comments) are dropped (sendmail: ExtTokenTab)
  kInternal,      // defaults of map look-ups: the same, metasymbols are operators (sendmail: IntTokenTab)
  kKeepComments,  // rules, -bt's input, check_* that keep comments: ( and ) are operators (sendmail: TokTypeNoC)
};

inline constexpr size_t kMaxAtoms = 1000;      // sendmail: MAXATOM
inline constexpr size_t kMaxTokenLength = 256; // sendmail: MAXNAME
inline constexpr size_t kMaxPrescan = 1256;    // sendmail: PSBUFSIZE

struct PrescanResult {
  Tokens tokens;                    // empty: nothing there, or refused
  std::string error;                // first of errors, or empty
  std::vector<std::string> errors;  // "553 Unbalanced '<'": each was complained of and mended
  bool refused = false;             // too long, too many tokens: no tokens
  size_t consumed = 0;              // where the delimiter stands (or the end)
};

// `delimiter`: a byte, or '\0' for the end only. `ignore_unbalanced`: do not mend <, (, " (rules, unstructured headers).
PrescanResult prescan(std::string_view address, int delimiter, const cf::Config& config, TokenTable table,
                      bool ignore_unbalanced = false);
PrescanResult prescan(const cf::Text& text, int delimiter, const cf::Config& config, TokenTable table,
                      bool ignore_unbalanced = false);

// Tokens back to a string; space_sub stands between two words, '\0' means option BlankSub.
std::string cataddr(const Tokens& tokens, const cf::Config& config, char space_sub = '\0');
// As the trace prints them, one blank between ("foo < @ example . com >"); metasymbols as typed, other 8-bit bytes as M-x.
std::string display(const Tokens& tokens, const cf::Config& config);
std::string display(const Token& token, const cf::Config& config);

// sendmail: stripquotes(): quotes and backslashes go, what they protected stays.
std::string strip_quotes(std::string_view s);
std::string to_bytes(const cf::Text& text);  // metasymbols are dropped

}  // namespace hky::rewrite
