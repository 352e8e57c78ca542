// Dates in mail's forms, from seconds and a zone's offset; no clock and no zone of our own.
// sendmail: arpadate.c; macros $a $b $d $t.
#pragma once

#include <cstdint>
#include <string>

namespace hky::mail {

std::string arpa_date(int64_t unix_seconds, int offset_minutes = 0);    // "Wed, 25 Nov 2026 01:02:03 GMT" (offset 0) or "... +0900"
std::string ctime_date(int64_t unix_seconds, int offset_minutes = 0);   // "Wed Nov 25 01:02:03 2026" ($d, From_ lines)
std::string minute_date(int64_t unix_seconds);                          // "202611250102" ($t, UTC)

}  // namespace hky::mail
