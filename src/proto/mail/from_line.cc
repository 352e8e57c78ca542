#include "proto/mail/from_line.h"

namespace hky::mail {

std::string from_line(std::string_view sender, std::string_view ctime_date) {
  std::string out = "From ";
  out += sender.empty() ? std::string_view("MAILER-DAEMON") : sender;
  out += "  ";
  out += ctime_date;
  out += '\n';
  return out;
}

}  // namespace hky::mail
