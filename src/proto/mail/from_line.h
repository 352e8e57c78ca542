// The "From " line that begins a message in an mbox and on the way to UUCP and programs ($l of sendmail.cf is the real source;
// this is its default form), and the escaping of body lines that look like one.
#pragma once

#include <string>
#include <string_view>

namespace hky::mail {

// "From joe@x  Wed Nov 25 01:02:03 2026\n"; empty sender: MAILER-DAEMON.
std::string from_line(std::string_view sender, std::string_view ctime_date);

}  // namespace hky::mail
