// ASCII string helpers: see strings.h.
#include "base/strings.h"

namespace hky {

void lower_in_place(std::string& s) {
  for (char& c : s) c = lower(c);
}

std::string lower(std::string_view s) {
  std::string out(s);
  lower_in_place(out);
  return out;
}

std::string upper(std::string_view s) {
  std::string out(s);
  for (char& c : out) c = upper(c);
  return out;
}

bool iequals(std::string_view a, std::string_view b) { return a.size() == b.size() && starts_with_i(a, b); }

bool starts_with_i(std::string_view s, std::string_view prefix) {
  if (s.size() < prefix.size()) return false;
  for (size_t i = 0; i < prefix.size(); ++i) {
    if (lower(s[i]) != lower(prefix[i])) return false;
  }
  return true;
}

bool ends_with_i(std::string_view s, std::string_view suffix) {
  return s.size() >= suffix.size() && starts_with_i(s.substr(s.size() - suffix.size()), suffix);
}

std::string_view trim_left(std::string_view s) {
  while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
  return s;
}

std::string_view trim_right(std::string_view s) {
  while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
  return s;
}

std::string_view trim(std::string_view s) { return trim_left(trim_right(s)); }

std::vector<std::string_view> split(std::string_view s, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    size_t at = s.find(separator);
    parts.push_back(s.substr(0, at));
    if (at == std::string_view::npos) return parts;
    s.remove_prefix(at + 1);
  }
}

std::vector<std::string_view> split_words(std::string_view s) {
  std::vector<std::string_view> words;
  for (s = trim_left(s); !s.empty(); s = trim_left(s)) {
    size_t n = 0;
    while (n < s.size() && !is_space(s[n])) ++n;
    words.push_back(s.substr(0, n));
    s.remove_prefix(n);
  }
  return words;
}

}  // namespace hky
