// The RocksDB engine's key forms (doc/storage.md, table), and the few encodings inside its own values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store.h"

namespace hky::storage::keys {

std::string part_prefix(const Part& part);              // kind, id length, id
std::string epoch_key(const Part& part);
std::string holders_key(std::string_view body_key);
std::string opened_key();
std::string group_prefix(std::string_view group);       // of body keys
std::string body_key(std::string_view group, uint32_t opening, uint64_t number);

std::string u64(uint64_t n);                             // 8 bytes, little endian
uint64_t u64(std::string_view bytes);                    // 0 when it is not 8 bytes

// Ref::blob: the body key, and a hash of the holder where it was put with exactly one.
struct Blob {
  std::string key;
  std::optional<uint32_t> single_holder;
};
std::string make_blob(std::string_view body_key, const std::vector<Bytes>& holders);
std::optional<Blob> parse_blob(std::string_view blob);
uint32_t holder_hash(std::string_view holder);

std::string encode_holders(const std::vector<Bytes>& holders);
// Takes the list off the front of `bytes`; nothing on damage.
std::optional<std::vector<Bytes>> take_holders(std::string_view& bytes);

}  // namespace hky::storage::keys
