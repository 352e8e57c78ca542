// Result and Error: how every fallible function of Hikyaku reports failure.
// An Error is decided where it happens: temporary or permanent, its SMTP code (RFC 5321 4.2), its enhanced code
// (RFC 3463) and the text an operator or a remote reads. In doubt it is temporary. Nothing throws after start-up.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace hky {

enum class ErrorKind { kTemporary, kPermanent, kBug };

struct Error {
  ErrorKind kind = ErrorKind::kTemporary;
  int smtp_code = 451;             // 4xx or 5xx
  std::string enhanced = "4.3.0";  // RFC 3463 "class.subject.detail"
  std::string text;                // one line, without codes
  int sys = 0;                     // the errno it came from, 0 where none did

  Error() = default;
  Error(ErrorKind k, int code, std::string dsn, std::string what)
      : kind(k), smtp_code(code), enhanced(std::move(dsn)), text(std::move(what)) {}

  bool temporary() const { return kind == ErrorKind::kTemporary; }
};

Error temporary_error(std::string text, int smtp_code = 451, std::string enhanced = "4.3.0");
Error permanent_error(std::string text, int smtp_code = 550, std::string enhanced = "5.0.0");
// A broken invariant of ours, met where aborting would lose mail.
Error bug_error(std::string text);
// From errno; ENOSPC/EDQUOT become 452 4.3.1, EACCES and the rest stay temporary. `doing` names the act and the file.
Error errno_error(int err, const std::string& doing);

template <class T = void>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using Base = tl::expected<T, Error>;
  using Base::Base;
  Result(Error e) : Base(tl::unexpected<Error>(std::move(e))) {}  // NOLINT: implicit on purpose
  bool ok() const { return this->has_value(); }
};

// HKY_TRY(expr);           passes the error of a Result on (not inside coroutines: use HKY_CO_TRY)
// HKY_TRY_ASSIGN(x, expr); x becomes the value
#define HKY_CAT2(a, b) a##b
#define HKY_CAT(a, b) HKY_CAT2(a, b)
#define HKY_TRY(expr)                                    \
  do {                                                   \
    auto hky_r_ = (expr);                                \
    if (!hky_r_.has_value()) return std::move(hky_r_).error(); \
  } while (0)
#define HKY_TRY_ASSIGN(decl, expr)                                       \
  auto HKY_CAT(hky_r_, __LINE__) = (expr);                               \
  if (!HKY_CAT(hky_r_, __LINE__).has_value())                            \
    return std::move(HKY_CAT(hky_r_, __LINE__)).error();                 \
  decl = std::move(*HKY_CAT(hky_r_, __LINE__))

// Aborts with file and line: for our own bugs only, never for input.
[[noreturn]] void check_failed(const char* what, const char* file, int line);
#define HKY_CHECK(cond) ((cond) ? void(0) : ::hky::check_failed(#cond, __FILE__, __LINE__))

}  // namespace hky
