// Bytes of the ipc protocol (doc/ipc.md): little-endian numbers, strings with their length before them. A Decoder that
// runs out of bytes says so once, at the end (ok()); it never reads past them.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace hky::ipc {

class Encoder {
 public:
  explicit Encoder(std::string& out) : out_(out) {}
  void u8(uint8_t v) { out_ += char(v); }
  void u32(uint32_t v) {
    char b[4] = {char(v), char(v >> 8), char(v >> 16), char(v >> 24)};
    out_.append(b, 4);
  }
  void i32(int v) { u32(uint32_t(v)); }
  void text(std::string_view s) {
    u32(uint32_t(s.size()));
    out_ += s;
  }
  void texts(const std::vector<std::string>& list) {
    u32(uint32_t(list.size()));
    for (const std::string& s : list) text(s);
  }

 private:
  std::string& out_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view in) : in_(in) {}
  uint8_t u8() {
    std::string_view b = take(1);
    return b.empty() ? 0 : uint8_t(b[0]);
  }
  uint32_t u32() {
    std::string_view b = take(4);
    if (b.empty()) return 0;
    auto at = [&](size_t i) { return uint32_t(uint8_t(b[i])); };
    return at(0) | at(1) << 8 | at(2) << 16 | at(3) << 24;
  }
  int i32() { return int(u32()); }
  std::string text() { return std::string(take(u32())); }
  std::vector<std::string> texts() {
    std::vector<std::string> list;
    for (uint32_t n = u32(); n > 0 && ok_; --n) list.push_back(text());
    return list;
  }
  // All there, nothing left over.
  bool finished() const { return ok_ && in_.empty(); }
  bool ok() const { return ok_; }

 private:
  std::string_view take(size_t n) {
    if (n > in_.size()) {
      ok_ = false;
      in_ = {};
      return {};
    }
    std::string_view part = in_.substr(0, n);
    in_.remove_prefix(n);
    return part;
  }
  std::string_view in_;
  bool ok_ = true;
};

}  // namespace hky::ipc
