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
  void add(std::string_view key, std::string_view value);
  void finish();  // after the last add(), before the first find()
  bool find(std::string_view key, std::string_view& value) const;
  size_t size() const { return items_.size(); }
  bool any_nul_keys() const { return any_nul_keys_; }
  // In the order they were added.
  template <class F>
  void each(F f) const {
    for (const auto& i : items_) f(key_of(i), value_of(i));
  }

 private:
  struct Item { uint64_t at = 0; uint32_t key_size = 0, value_size = 0; };
  struct Slot { uint32_t hash = 0, item = 0; };  // item 0: empty; else index + 1
  std::string_view key_of(const Item& i) const { return std::string_view(bytes_).substr(i.at, i.key_size); }
  std::string_view value_of(const Item& i) const { return std::string_view(bytes_).substr(i.at + i.key_size, i.value_size); }
  std::string bytes_;
  std::vector<Item> items_;
  std::vector<Slot> slots_;
  size_t mask_ = 0;
  bool any_nul_keys_ = false;
};

}  // namespace hky::maps
