#include "process/readiness.h"

#include <sysexits.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace hky::process {

std::string failure_words(int exit_code, const std::string& text) { return std::string("E") + static_cast<char>(exit_code) + text; }

void say_words(int fd, const std::string& words) {
  size_t done = 0;
  while (done < words.size()) {
    const ssize_t n = ::write(fd, words.data() + done, words.size() - done);
    if (n <= 0 && errno != EINTR) return;
    if (n > 0) done += static_cast<size_t>(n);
  }
}

std::string hear_words(int fd) {
  std::string all;
  std::array<char, 512> buf{};
  while (true) {
    const ssize_t n = ::read(fd, buf.data(), buf.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return all;
    all.append(buf.data(), static_cast<size_t>(n));
    if (all == kReady) return all;
  }
}

int print_failure(const std::string& words) {
  std::fprintf(stderr, "hikyaku: %s\n", words.size() > 2 ? words.c_str() + 2 : "did not start");
  return words.size() > 1 ? static_cast<unsigned char>(words[1]) : EX_OSERR;
}

}  // namespace hky::process
