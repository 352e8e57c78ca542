#include "maps/table.h"

#include <functional>

namespace hky::maps {
namespace {

uint32_t hash_of(std::string_view key) {
  const uint64_t h = std::hash<std::string_view>{}(key);
  return static_cast<uint32_t>(h ^ (h >> 32));
}

}  // namespace

void Table::reserve(size_t entries, size_t bytes) {
  items_.reserve(entries);
  bytes_.reserve(bytes);
}

void Table::add(std::string_view key, std::string_view value) {
  Item item;
  item.at = bytes_.size();
  item.key_size = static_cast<uint32_t>(key.size());
  item.value_size = static_cast<uint32_t>(value.size());
  bytes_ += key;
  bytes_ += value;
  if (!key.empty() && key.back() == '\0') any_nul_keys_ = true;
  items_.push_back(item);
}

void Table::finish() {
  size_t capacity = 8;
  while (capacity < items_.size() * 2) capacity *= 2;
  slots_.assign(capacity, Slot());
  mask_ = capacity - 1;
  for (uint32_t i = 0; i < items_.size(); ++i) {
    const std::string_view key = key_of(items_[i]);
    const uint32_t hash = hash_of(key);
    size_t at = hash & mask_;
    bool known = false;
    for (; slots_[at].item != 0 && !known; at = (at + 1) & mask_) {
      known = slots_[at].hash == hash && key_of(items_[slots_[at].item - 1]) == key;
    }
    if (known) continue;
    slots_[at].hash = hash;
    slots_[at].item = i + 1;
  }
}

bool Table::find(std::string_view key, std::string_view& value) const {
  if (slots_.empty()) return false;
  const uint32_t hash = hash_of(key);
  for (size_t at = hash & mask_; slots_[at].item != 0; at = (at + 1) & mask_) {
    if (slots_[at].hash != hash) continue;
    const Item& item = items_[slots_[at].item - 1];
    if (key_of(item) != key) continue;
    value = value_of(item);
    return true;
  }
  return false;
}

}  // namespace hky::maps
