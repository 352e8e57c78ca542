#include "maps/table.h"

#include <cstring>
#include <functional>

namespace hky::maps {
namespace {

constexpr size_t kHeader = 8;

uint32_t hash_of(std::string_view key) {
  const uint64_t h = std::hash<std::string_view>{}(key);
  return static_cast<uint32_t>(h ^ (h >> 32));
}

}  // namespace

uint32_t Table::size_at(size_t at) const {
  uint32_t v = 0;
  std::memcpy(&v, bytes_.data() + at, sizeof v);
  return v;
}

void Table::reserve(size_t entries, size_t bytes) { bytes_.reserve(bytes + (entries + 1) * kHeader); }

bool Table::add(std::string_view key, std::string_view value) {
  if (bytes_.empty()) bytes_.assign(kHeader, '\0');  // so that no entry stands at 0
  if (bytes_.size() + kHeader + key.size() + value.size() > UINT32_MAX) return false;
  const auto key_size = static_cast<uint32_t>(key.size());
  const auto value_size = static_cast<uint32_t>(value.size());
  bytes_.append(reinterpret_cast<const char*>(&key_size), sizeof key_size);
  bytes_.append(reinterpret_cast<const char*>(&value_size), sizeof value_size);
  bytes_ += key;
  bytes_ += value;
  if (!key.empty() && key.back() == '\0') any_nul_keys_ = true;
  ++entries_;
  return true;
}

void Table::finish() {
  size_t capacity = 8;
  while (capacity < entries_ * 2) capacity *= 2;
  slots_.assign(capacity, Slot());
  mask_ = capacity - 1;
  for (size_t pos = kHeader; pos < bytes_.size(); pos += kHeader + size_at(pos) + size_at(pos + 4)) {
    const std::string_view key = key_at(pos);
    const uint32_t hash = hash_of(key);
    size_t at = hash & mask_;
    bool known = false;
    for (; slots_[at].at != 0; at = (at + 1) & mask_) {
      known = slots_[at].hash == hash && key_at(slots_[at].at) == key;
      if (known) break;
    }
    if (known) continue;
    slots_[at].hash = hash;
    slots_[at].at = static_cast<uint32_t>(pos);
  }
}

bool Table::find(std::string_view key, std::string_view& value) const {
  if (slots_.empty()) return false;
  const uint32_t hash = hash_of(key);
  for (size_t at = hash & mask_; slots_[at].at != 0; at = (at + 1) & mask_) {
    if (slots_[at].hash != hash) continue;
    const size_t pos = slots_[at].at;
    if (key_at(pos) != key) continue;
    value = std::string_view(bytes_).substr(pos + kHeader + key.size(), size_at(pos + 4));
    return true;
  }
  return false;
}

}  // namespace hky::maps
