// Table: an immutable snapshot of a map file: open addressing over one block of bytes. Built once, read by all threads.
// Where a key comes twice, the first one wins (as a look-up in the file would find it).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hky::maps {

class Table {
 public:
  void reserve(size_t entries, size_t bytes);
  bool add(std::string_view key, std::string_view value);  // false: more than 4 GiB
  void finish();  // after the last add(), before the first find()
  bool find(std::string_view key, std::string_view& value) const;
  size_t size() const { return entries_; }
  bool any_nul_keys() const { return any_nul_keys_; }

 private:
  // One entry in bytes_: key size, value size (four bytes each), key, value: a probe touches the slot and the entry only.
  struct Slot { uint32_t hash = 0, at = 0; };  // at 0: empty
  uint32_t size_at(size_t at) const;
  std::string_view key_at(size_t at) const { return std::string_view(bytes_).substr(at + 8, size_at(at)); }
  std::string bytes_;
  std::vector<Slot> slots_;
  size_t mask_ = 0, entries_ = 0;
  bool any_nul_keys_ = false;
};

}  // namespace hky::maps
