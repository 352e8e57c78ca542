// The public forms of prescan and cataddr; see tokens.h.
#include "rewrite/tokens.h"

#include "rewrite/scan.h"

namespace hky::rewrite {

namespace {

PrescanResult result_of(Scan& s) {
  PrescanResult r;
  r.tokens.reserve(s.spans.size());
  for (Span span : s.spans) r.tokens.emplace_back(s.buffer, span.begin, span.length);
  r.errors = std::move(s.errors);
  if (!r.errors.empty()) r.error = r.errors.front();
  r.refused = s.refused;
  r.consumed = s.consumed;
  return r;
}

}  // namespace

PrescanResult prescan(std::string_view address, int delimiter, const cf::Config& config, TokenTable table, bool ignore_unbalanced) {
  Scan s;
  scan(s, address, delimiter, CharTypes(config), table, ignore_unbalanced);
  return result_of(s);
}

PrescanResult prescan(const cf::Text& text, int delimiter, const cf::Config& config, TokenTable table, bool ignore_unbalanced) {
  Scan s;
  scan(s, std::u16string_view(text), delimiter, CharTypes(config), table, ignore_unbalanced);
  return result_of(s);
}

std::string cataddr(const Tokens& tokens, const cf::Config& config, char space_sub) {
  CharTypes types(config);
  if (space_sub == '\0') space_sub = types.blank_sub();
  std::string out;
  bool word_before = false;
  for (const Token& token : tokens) {
    bool word = !token.empty() && types.atom(token.front());
    if (word && word_before) out.push_back(space_sub);
    out += to_bytes(token);
    word_before = word;
  }
  return out;
}

std::string display(const Tokens& tokens, const cf::Config& config) {
  std::string out;
  for (const Token& token : tokens) {
    if (!out.empty()) out.push_back(' ');
    append_display(out, token, config.names);
  }
  return out;
}

std::string display(const Token& token, const cf::Config& config) {
  std::string out;
  append_display(out, token, config.names);
  return out;
}

std::string strip_quotes(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  for (size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '"') continue;
    if (s[i] == '\\' && ++i >= s.size()) break;
    out.push_back(s[i]);
  }
  return out;
}

std::string to_bytes(const cf::Text& text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] < 0x100) out.push_back(static_cast<char>(text[i]));
    else if (cf::meta_has_operand(text[i])) ++i;
  }
  return out;
}

}  // namespace hky::rewrite
