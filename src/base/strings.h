// Small string helpers, ASCII only and blind to the locale: mail's keywords, domains and header names are ASCII
// (RFC 5321 2.4), and a byte above 127 must pass through untouched.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hky {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; }
constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_alpha(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string lower(std::string_view s);
std::string upper(std::string_view s);
void lower_in_place(std::string& s);

bool iequals(std::string_view a, std::string_view b);
bool starts_with_i(std::string_view s, std::string_view prefix);
bool ends_with_i(std::string_view s, std::string_view suffix);

std::string_view trim(std::string_view s);
std::string_view trim_left(std::string_view s);
std::string_view trim_right(std::string_view s);

// The parts between separators, empty ones too: split("a,,b", ',') has three; split("", ',') has one.
std::vector<std::string_view> split(std::string_view s, char separator);
// The words between runs of white space, none empty.
std::vector<std::string_view> split_words(std::string_view s);

template <class Parts>
std::string join(const Parts& parts, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const auto& part : parts) {
    if (!first) out += separator;
    first = false;
    out += part;
  }
  return out;
}

}  // namespace hky
