// How errors are born: see error.h.
#include "base/error.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace hky {

Error temporary_error(std::string text, int smtp_code, std::string enhanced) {
  return Error(ErrorKind::kTemporary, smtp_code, std::move(enhanced), std::move(text));
}

Error permanent_error(std::string text, int smtp_code, std::string enhanced) {
  return Error(ErrorKind::kPermanent, smtp_code, std::move(enhanced), std::move(text));
}

Error bug_error(std::string text) {
  // A bug of ours must not bounce anybody's mail: the other side tries again.
  return Error(ErrorKind::kBug, 451, "4.3.0", std::move(text));
}

Error errno_error(int err, const std::string& doing) {
  Error e = temporary_error(doing + ": " + std::generic_category().message(err));
  // RFC 3463 3.4: X.3.1 mail system full.
  if (err == ENOSPC || err == EDQUOT) {
    e.smtp_code = 452;
    e.enhanced = "4.3.1";
  }
  e.sys = err;
  return e;
}

void check_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, what);
  std::abort();
}

}  // namespace hky
