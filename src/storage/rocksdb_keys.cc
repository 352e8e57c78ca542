#include "storage/rocksdb_keys.h"

namespace hky::storage::keys {
namespace {

void put_varint(std::string& out, uint64_t n) {
  for (; n >= 0x80; n >>= 7) out.push_back(static_cast<char>(n | 0x80));
  out.push_back(static_cast<char>(n));
}

std::optional<uint64_t> take_varint(std::string_view& bytes) {
  uint64_t n = 0;
  for (int shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
    auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    n |= uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return n;
  }
  return std::nullopt;
}

std::string engine_key(char what) { return {'\0', what}; }

void put_big_endian(std::string& out, uint64_t n, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<char>(n >> shift));
}

}  // namespace

std::string part_prefix(const Part& part) {
  std::string key;
  key.reserve(2 + part.id.size());
  key.push_back(part.kind);
  key.push_back(static_cast<char>(part.id.size()));
  return key += part.id;
}

std::string epoch_key(const Part& part) { return engine_key('e') + part.kind + part.id; }
std::string holders_key(std::string_view body_key) { return engine_key('h').append(body_key); }
std::string opened_key() { return engine_key('b'); }

std::string group_prefix(std::string_view group) {
  std::string key(1, static_cast<char>(group.size()));
  return key.append(group);
}

std::string body_key(std::string_view group, uint32_t opening, uint64_t number) {
  std::string key = group_prefix(group);
  put_big_endian(key, opening, 4);
  put_big_endian(key, number, 8);
  return key;
}

std::string u64(uint64_t n) {
  std::string out;
  for (int i = 0; i < 8; ++i, n >>= 8) out.push_back(static_cast<char>(n & 0xff));
  return out;
}

uint64_t u64(std::string_view bytes) {
  uint64_t n = 0;
  if (bytes.size() != 8) return 0;
  for (int i = 7; i >= 0; --i) n = n << 8 | static_cast<unsigned char>(bytes[i]);
  return n;
}

uint32_t holder_hash(std::string_view holder) {  // FNV-1a
  uint32_t h = 2166136261u;
  for (char c : holder) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  return h;
}

// The last byte tells whether a hash precedes it.
std::string make_blob(std::string_view body_key, const std::vector<Bytes>& holders) {
  std::string blob(body_key);
  if (holders.size() == 1) put_big_endian(blob, holder_hash(holders[0]), 4);
  blob.push_back(holders.size() == 1 ? 's' : 'm');
  return blob;
}

std::optional<Blob> parse_blob(std::string_view blob) {
  if (blob.size() < 14) return std::nullopt;
  char form = blob.back();
  blob.remove_suffix(1);
  Blob out;
  if (form == 's') {
    if (blob.size() < 17) return std::nullopt;
    uint32_t hash = 0;
    for (char c : blob.substr(blob.size() - 4)) hash = hash << 8 | static_cast<unsigned char>(c);
    blob.remove_suffix(4);
    out.single_holder = hash;
  } else if (form != 'm') {
    return std::nullopt;
  }
  out.key = blob;
  return out;
}

std::string encode_holders(const std::vector<Bytes>& holders) {
  std::string out;
  put_varint(out, holders.size());
  for (const Bytes& holder : holders) {
    put_varint(out, holder.size());
    out += holder;
  }
  return out;
}

std::optional<std::vector<Bytes>> take_holders(std::string_view& bytes) {
  auto count = take_varint(bytes);
  if (!count || *count > bytes.size()) return std::nullopt;
  std::vector<Bytes> holders;
  for (uint64_t i = 0; i < *count; ++i) {
    auto size = take_varint(bytes);
    if (!size || *size > bytes.size()) return std::nullopt;
    holders.emplace_back(bytes.substr(0, *size));
    bytes.remove_prefix(*size);
  }
  return holders;
}

}  // namespace hky::storage::keys
