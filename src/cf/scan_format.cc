// See scan_format.h.
#include "cf/scan_format.h"

#include "base/strings.h"

namespace hky::cf {

void ScanFormat::conversion(std::string_view format, size_t& i) {
  Item item;
  item.kind = Item::kSet;
  if (i < format.size() && format[i] == '*') {
    item.skip = true;
    ++i;
  }
  while (i < format.size() && is_digit(format[i])) item.width = std::min<size_t>(item.width * 10 + size_t(format[i++] - '0'), 1u << 20);
  while (i < format.size() && (format[i] == 'l' || format[i] == 'h')) ++i;
  if (i >= format.size()) return;
  if (format[i] == '[') {
    ++i;
    bool negate = i < format.size() && format[i] == '^';
    if (negate) ++i;
    size_t begin = i;
    for (; i < format.size() && (format[i] != ']' || i == begin); ++i) {
      unsigned char from = static_cast<unsigned char>(format[i]), to = from;
      if (i + 2 < format.size() && format[i + 1] == '-' && format[i + 2] != ']') {
        to = static_cast<unsigned char>(format[i + 2]);
        i += 2;
      }
      for (unsigned c = from; c <= to; ++c) item.set.set(c);
    }
    if (negate) item.set.flip();
  } else {
    item.skip_blanks = format[i] != 'c';
    item.set.set();
    if (format[i] == 's')
      for (char c : {' ', '\t', '\n', '\v', '\f', '\r'}) item.set.reset(static_cast<unsigned char>(c));
    else if (format[i] == 'c') item.width = item.width == 0 ? 1 : item.width;
    else item.set.reset();
  }
  items_.push_back(item);
}

ScanFormat::ScanFormat(std::string_view format) {
  for (size_t i = 0; i < format.size(); ++i) {
    Item item;
    if (is_space(format[i])) {
      item.kind = Item::kBlank;
    } else if (format[i] == '%' && i + 1 < format.size() && format[i + 1] != '%') {
      conversion(format, ++i);
      continue;
    } else {
      if (format[i] == '%') ++i;
      item.literal = i < format.size() ? format[i] : '%';
    }
    items_.push_back(item);
  }
}

bool ScanFormat::first(std::string_view line, std::string& word) const {
  size_t at = 0;
  auto blanks = [&] {
    while (at < line.size() && is_space(line[at])) ++at;
  };
  for (const Item& item : items_) {
    if (item.kind == Item::kBlank) {
      blanks();
      continue;
    }
    if (item.kind == Item::kLiteral) {
      if (at >= line.size() || line[at] != item.literal) return false;
      ++at;
      continue;
    }
    if (item.skip_blanks) blanks();
    size_t begin = at;
    while (at < line.size() && item.set.test(static_cast<unsigned char>(line[at])) && (item.width == 0 || at - begin < item.width)) ++at;
    if (at == begin) return false;
    if (item.skip) continue;
    word = std::string(line.substr(begin, at - begin));
    return true;
  }
  return false;
}

}  // namespace hky::cf
