#include "proto/mail/date.h"

#include <chrono>

#include <fmt/format.h>

namespace hky::mail {
namespace {

constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Broken {
  int year;
  unsigned month, day, weekday;
  int hour, minute, second;
};

Broken break_down(int64_t seconds) {
  using namespace std::chrono;
  int64_t day = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
  int64_t rest = seconds - day * 86400;
  sys_days d{days{day}};
  year_month_day ymd{d};
  return Broken{int(ymd.year()), unsigned(ymd.month()), unsigned(ymd.day()), weekday{d}.c_encoding(),
                int(rest / 3600), int(rest / 60 % 60), int(rest % 60)};
}

}  // namespace

// sendmail: arpadate(): two blanks never, "GMT" for UTC, else the signed offset.
std::string arpa_date(int64_t unix_seconds, int offset_minutes) {
  Broken b = break_down(unix_seconds + offset_minutes * 60);
  std::string zone = "GMT";
  if (offset_minutes != 0) {
    int o = offset_minutes < 0 ? -offset_minutes : offset_minutes;
    zone = fmt::format("{}{:02}{:02}", offset_minutes < 0 ? '-' : '+', o / 60, o % 60);
  }
  return fmt::format("{}, {} {} {} {:02}:{:02}:{:02} {}", kDays[b.weekday], b.day, kMonths[b.month - 1], b.year, b.hour, b.minute, b.second, zone);
}

std::string ctime_date(int64_t unix_seconds, int offset_minutes) {
  Broken b = break_down(unix_seconds + offset_minutes * 60);
  return fmt::format("{} {} {:2} {:02}:{:02}:{:02} {}", kDays[b.weekday], kMonths[b.month - 1], b.day, b.hour, b.minute, b.second, b.year);
}

std::string minute_date(int64_t unix_seconds) {
  Broken b = break_down(unix_seconds);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}", b.year, b.month, b.day, b.hour, b.minute);
}

}  // namespace hky::mail
