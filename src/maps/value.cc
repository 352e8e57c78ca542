#include "maps/value.h"

#include "base/strings.h"

namespace hky::maps {

std::string map_rewrite(std::string_view value, std::string_view key, const std::vector<std::string>* args, std::string_view append) {
  value = value.substr(0, value.find('\0'));
  std::string out;
  out.reserve(value.size() + append.size() + 16);
  if (args == nullptr) {
    out = value;
    out += append;
    return out;
  }
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '%' || i + 1 == value.size()) {
      out += value[i];
      continue;
    }
    const char c = value[++i];
    if (!is_digit(c)) {
      if (c != '%') out += '%';
      out += c;
      continue;
    }
    const size_t n = static_cast<size_t>(c - '0');
    if (n == 0) {
      out += key;
    } else if (n <= args->size()) {
      out += (*args)[n - 1];
    }
  }
  out += append;
  return out;
}

std::string strip_quotes(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  for (size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '"') continue;
    if (s[i] == '\\' && i + 1 < s.size()) ++i;
    else if (s[i] == '\\') continue;
    out += s[i];
  }
  return out;
}

bool get_column(std::string_view line, size_t col, char delim, std::string_view& out) {
  const std::string_view ends = delim == '\0' ? std::string_view("\n\t ") : std::string_view(&delim, 1);
  if (line.empty() || (delim != '\0' && line[0] == delim && col == 0)) return false;
  size_t begin = 0;
  auto skip_space = [&] {
    while (begin < line.size() && is_space(line[begin])) ++begin;
  };
  if (col == 0 && delim == '\0') skip_space();
  for (size_t i = 0; i < col; ++i) {
    begin = line.find_first_of(ends, begin);
    if (begin == std::string_view::npos) return false;
    ++begin;
    if (delim == '\0') skip_space();
  }
  const size_t end = line.find_first_of(ends, begin);
  out = line.substr(begin, end == std::string_view::npos ? end : end - begin);
  return true;
}

}  // namespace hky::maps
