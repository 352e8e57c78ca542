// ScanFormat: the part of scanf(3) that F lines use: `%s`, `%[set]`, `%[^set]`, widths, `%*`, literals, blanks.
// Only the first conversion that is not skipped is wanted. Written here because scanf on a file's bytes is a trap.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

namespace hky::cf {

class ScanFormat {
 public:
  explicit ScanFormat(std::string_view format);
  // False: the line does not fit before the wanted conversion was filled.
  bool first(std::string_view line, std::string& word) const;

 private:
  struct Item {
    enum Kind { kBlank, kLiteral, kSet } kind = kLiteral;
    char literal = 0;
    bool skip = false;          // %*
    bool skip_blanks = false;   // %s
    size_t width = 0;           // 0: no limit
    std::bitset<256> set;
  };
  void conversion(std::string_view format, size_t& i);
  std::vector<Item> items_;
};

}  // namespace hky::cf
