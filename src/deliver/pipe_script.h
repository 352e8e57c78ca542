// An SMTP or LMTP dialogue prepared as one input for a program on pipes (P=/program), and its answers read back. RFC 5321, 2033. Pure.
#pragma once

#include <string>
#include <vector>

#include "deliver/fate.h"

namespace hky::deliver {

struct PipeScript {
  bool lmtp = true;                                 // an answer to the message for each recipient
  std::string hello = "LHLO";                       // or EHLO, HELO
  std::string host, sender;
  std::vector<std::string> rcpts;

  std::string questions() const;                    // hello, MAIL, RCPT..., QUIT
  std::string dialogue(std::string_view text) const;  // hello, MAIL, RCPT..., DATA, text, QUIT; text has LF line ends
  // A fate a recipient; sent() in the first means "accepted".
  std::vector<Fate> after_questions(std::string_view output, int exit_code) const;
  std::vector<Fate> after_dialogue(std::string_view output, int exit_code) const;
};

}  // namespace hky::deliver
