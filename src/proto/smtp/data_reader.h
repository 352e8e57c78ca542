// DataReader: what stands between 354 and the final dot: dot-unstuffing, CRLF to LF, bare CR and bare LF found, the size counted.
// Only CRLF . CRLF ends the data (RFC 5321 4.1.1.4; sendmail 8.18: anything else that looks like it is an attempt to smuggle).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hky::smtp {

class DataReader {
 public:
  enum class State { kMore, kEnd, kBareCr, kBareLf };
  explicit DataReader(bool strict, uint64_t max_size) : strict_(strict), max_size_(max_size) {}
  // Appends the text found in `in` to `out`; `used` bytes were taken. kEnd: `used` ends behind the final CRLF.
  State read(std::string_view in, size_t& used, std::string& out);
  uint64_t size() const { return size_; }           // with LF line ends, dots unstuffed
  bool too_big() const { return max_size_ != 0 && size_ > max_size_; }

 private:
  void put(std::string_view piece, bool newline, std::string& out);
  State read_line(std::string_view line, std::string& out);
  State read_partial(std::string_view tail, size_t& used, std::string& out);
  bool strict_;
  uint64_t max_size_;
  uint64_t size_ = 0;
  bool mid_line_ = false;   // a long line's beginning was handed on
};

}  // namespace hky::smtp
