#include "maps/db_reader.h"

#include <cstdint>
#include <cstring>

#include <fmt/format.h>

namespace hky::maps {
namespace {

// Offsets in pages; see the library's published on-disk structures.
constexpr uint32_t kHashMagic = 0x00061561;
constexpr uint32_t kBtreeMagic = 0x00053162;
constexpr size_t kPageHeader = 26;
enum PageType : uint8_t { kHashUnsorted = 2, kBtreeInternal = 3, kRecnoInternal = 4, kBtreeLeaf = 5, kRecnoLeaf = 6, kOverflow = 7, kDupLeaf = 12, kHashPage = 13 };
enum HashItem : uint8_t { kKeyData = 1, kDuplicate = 2, kOffPage = 3, kOffDup = 4 };
constexpr size_t kMaxEntries = 20'000'000;

class Reader {
 public:
  Reader(std::string_view image, const std::string& name) : image_(image), name_(name) {}

  Result<std::vector<DbEntry>> read() {
    if (image_.size() < 512) return damaged("too short");
    const uint32_t raw = raw32(12);
    if (raw == kHashMagic || raw == kBtreeMagic) swapped_ = false;
    else if (swap32(raw) == kHashMagic || swap32(raw) == kBtreeMagic) swapped_ = true;
    else return damaged("not a hash or btree database");
    const bool hash = get32(12) == kHashMagic;
    page_size_ = get32(20);
    const bool sane = page_size_ >= 512 && page_size_ <= 65536 && (page_size_ & (page_size_ - 1)) == 0;
    if (!sane) return damaged("bad page size");
    if (image_[24] != 0) return permanent_error(name_ + ": encrypted databases are not read");
    if ((static_cast<uint8_t>(image_[26]) & 0x01) != 0) return permanent_error(name_ + ": databases with checksums are not read");
    pages_ = image_.size() / page_size_;
    // The last page the writer has made: a shorter file is still being written.
    if (get32(32) >= pages_) return damaged("shorter than its own header says");
    visited_.assign(pages_, false);
    for (uint32_t p = 1; p < pages_; ++p) {
      const uint8_t type = page_type(p);
      const bool first = prev_page(p) == 0;
      if (hash ? (type != kHashPage && type != kHashUnsorted) || !first : type != kBtreeLeaf || !first) continue;
      auto r = walk_chain(p, hash);
      if (!r.ok()) return std::move(r).error();
    }
    return std::move(entries_);
  }

 private:
  Error damaged(const char* what) const { return temporary_error(fmt::format("{}: damaged database: {}", name_, what)); }
  static uint32_t swap32(uint32_t v) { return __builtin_bswap32(v); }
  uint32_t raw32(size_t at) const {
    uint32_t v = 0;
    if (at + 4 <= image_.size()) std::memcpy(&v, image_.data() + at, 4);
    return v;
  }
  uint32_t get32(size_t at) const { return swapped_ ? swap32(raw32(at)) : raw32(at); }
  uint16_t get16(size_t at) const {
    uint16_t v = 0;
    if (at + 2 <= image_.size()) std::memcpy(&v, image_.data() + at, 2);
    return swapped_ ? __builtin_bswap16(v) : v;
  }
  size_t at(uint32_t page) const { return size_t{page} * page_size_; }
  uint8_t page_type(uint32_t page) const { return static_cast<uint8_t>(image_[at(page) + 25]); }
  uint32_t prev_page(uint32_t page) const { return get32(at(page) + 12); }
  uint32_t next_page(uint32_t page) const { return get32(at(page) + 16); }
  uint16_t entries_on(uint32_t page) const { return get16(at(page) + 20); }

  // Bytes of the page from offset `from`, `length` long; false when they are not all there.
  bool slice(uint32_t page, size_t from, size_t length, std::string_view& out) const {
    if (from < kPageHeader || from > page_size_ || length > page_size_ - from) return false;
    out = image_.substr(at(page) + from, length);
    return true;
  }
  bool index(uint32_t page, uint32_t i, size_t& offset) const {
    if (kPageHeader + 2 * (size_t{i} + 1) > page_size_) return false;
    offset = get16(at(page) + kPageHeader + 2 * size_t{i});
    return offset >= kPageHeader && offset < page_size_;
  }

  bool overflow(uint32_t page, uint32_t total, std::string& out) const {
    if (total > image_.size()) return false;
    out.clear();
    for (size_t steps = 0; out.size() < total; ++steps) {
      if (page == 0 || page >= pages_ || steps > pages_ || page_type(page) != kOverflow) return false;
      std::string_view part;
      if (!slice(page, kPageHeader, get16(at(page) + 22), part) || part.empty()) return false;
      out.append(part.substr(0, total - out.size()));
      page = next_page(page);
    }
    return true;
  }

  // Item i of a hash page: it reaches from its own offset to the one of the item before.
  bool hash_item(uint32_t page, uint32_t i, std::string_view& item) const {
    size_t from = 0;
    size_t end = page_size_;
    if (!index(page, i, from) || (i > 0 && !index(page, i - 1, end))) return false;
    if (end <= from) return false;
    return slice(page, from, end - from, item) && !item.empty();
  }

  // A plain or off-page item's bytes.
  bool hash_bytes(std::string_view item, std::string& out) const {
    if (item[0] == kKeyData) {
      out = item.substr(1);
      return true;
    }
    if (item[0] != kOffPage || item.size() < 12) return false;
    const size_t pos = static_cast<size_t>(item.data() - image_.data());
    return overflow(get32(pos + 4), get32(pos + 8), out);
  }

  bool add(const std::string& key, std::string value) {
    // A sound file cannot hold more than itself; keys of duplicates are repeated here, so they may.
    value_bytes_ += value.size();
    key_bytes_ += key.size();
    if (entries_.size() >= kMaxEntries || value_bytes_ > image_.size() || key_bytes_ > 64 * image_.size()) return false;
    DbEntry e;
    e.key = key;
    e.value = std::move(value);
    entries_.push_back(std::move(e));
    return true;
  }

  bool hash_pair(uint32_t page, uint32_t i) {
    std::string_view key_item;
    std::string_view item;
    std::string key;
    std::string value;
    if (!hash_item(page, i, key_item) || !hash_item(page, i + 1, item) || !hash_bytes(key_item, key)) return false;
    if (item[0] == kDuplicate) return hash_duplicates(key, item.substr(1));
    if (item[0] == kOffDup) {
      if (item.size() < 8) return false;
      return duplicate_tree(key, get32(static_cast<size_t>(item.data() - image_.data()) + 4), 0);
    }
    return hash_bytes(item, value) && add(key, std::move(value));
  }

  // length, bytes, length; and again.
  bool hash_duplicates(const std::string& key, std::string_view set) {
    while (!set.empty()) {
      if (set.size() < 4) return false;
      const size_t length = get16(static_cast<size_t>(set.data() - image_.data()));
      if (length + 4 > set.size()) return false;
      if (!add(key, std::string(set.substr(2, length)))) return false;
      set.remove_prefix(length + 4);
    }
    return true;
  }

  // A btree item at an offset: length, type, bytes; or the place of an overflow chain or a tree of duplicates.
  struct BtreeItem { uint8_t type = 0; bool deleted = false; std::string bytes; uint32_t page = 0; };
  bool btree_item(uint32_t page, uint32_t i, BtreeItem& out) const {
    size_t from = 0;
    std::string_view head;
    if (!index(page, i, from) || !slice(page, from, 3, head)) return false;
    const size_t pos = at(page) + from;
    const auto type = static_cast<uint8_t>(head[2]);
    out.deleted = (type & 0x80) != 0;
    out.type = type & 0x7f;
    if (out.type == kKeyData) {
      std::string_view bytes;
      if (!slice(page, from + 3, get16(pos), bytes)) return false;
      out.bytes = bytes;
      return true;
    }
    if (!slice(page, from, 12, head)) return false;
    out.page = get32(pos + 4);
    if (out.type == kDuplicate) return true;
    return out.type == kOffPage && overflow(out.page, get32(pos + 8), out.bytes);
  }

  // Duplicates too many for the page of their key stand in a tree of their own.
  bool duplicate_tree(const std::string& key, uint32_t page, int depth) {
    if (page == 0 || page >= pages_ || depth > 20) return false;
    // Down the left edge. An item is "u16 length, u8 type, u8, u32 page" or, of unsorted duplicates, "u32 page, u32 count".
    while (page_type(page) == kBtreeInternal || page_type(page) == kRecnoInternal) {
      const size_t at_page = page_type(page) == kBtreeInternal ? 4 : 0;
      size_t from = 0;
      std::string_view head;
      if (++depth > 20 || !index(page, 0, from) || !slice(page, from, 8, head)) return false;
      page = get32(at(page) + from + at_page);
      if (page == 0 || page >= pages_) return false;
    }
    for (size_t steps = 0; page != 0; ++steps) {
      if (page >= pages_ || steps > pages_) return false;
      const uint8_t type = page_type(page);
      if (type != kBtreeLeaf && type != kDupLeaf && type != kRecnoLeaf) return false;
      visited_[page] = true;
      for (uint32_t i = 0; i < entries_on(page); ++i) {
        BtreeItem item;
        if (!btree_item(page, i, item) || item.type == kDuplicate) return false;
        if (!item.deleted && !add(key, std::move(item.bytes))) return false;
      }
      page = next_page(page);
    }
    return true;
  }

  bool btree_pair(uint32_t page, uint32_t i) {
    BtreeItem key;
    BtreeItem value;
    if (!btree_item(page, i, key) || !btree_item(page, i + 1, value) || key.type == kDuplicate) return false;
    if (value.deleted) return true;
    if (value.type == kDuplicate) return duplicate_tree(key.bytes, value.page, 0);
    return add(key.bytes, std::move(value.bytes));
  }

  Result<> walk_chain(uint32_t page, bool hash) {
    while (page != 0) {
      if (page >= pages_) return damaged("a chain leaves the file");
      if (visited_[page]) return damaged("a page stands in two chains");
      const uint8_t type = page_type(page);
      if (hash ? type != kHashPage && type != kHashUnsorted : type != kBtreeLeaf) return damaged("a chain meets another kind of page");
      visited_[page] = true;
      const uint32_t n = entries_on(page);
      if (n % 2 != 0) return damaged("a key without value");
      for (uint32_t i = 0; i < n; i += 2) {
        if (!(hash ? hash_pair(page, i) : btree_pair(page, i))) return damaged("an entry reaches out of its page");
      }
      page = next_page(page);
    }
    return {};
  }

  std::string_view image_;
  const std::string& name_;
  bool swapped_ = false;
  size_t page_size_ = 0, pages_ = 0, value_bytes_ = 0, key_bytes_ = 0;
  std::vector<bool> visited_;
  std::vector<DbEntry> entries_;
};

}  // namespace

Result<std::vector<DbEntry>> parse_db_image(std::string_view image, const std::string& name) { return Reader(image, name).read(); }

}  // namespace hky::maps
