// An LMTP dialogue prepared as one input for a program on pipes (F=z, P=/program), and its answers read back. RFC 2033. Pure.
#pragma once

#include <string>
#include <vector>

#include "deliver/fate.h"

namespace hky::deliver {

struct LmtpScript {
  std::string host, sender;
  std::vector<std::string> rcpts;

  std::string questions() const;                    // LHLO, MAIL, RCPT..., QUIT
  std::string dialogue(std::string_view text) const;  // LHLO, MAIL, RCPT..., DATA, text, QUIT; text has LF line ends
  // A fate a recipient; sent() in the first means "accepted".
  std::vector<Fate> after_questions(std::string_view output, int exit_code) const;
  std::vector<Fate> after_dialogue(std::string_view output, int exit_code) const;
};

}  // namespace hky::deliver
