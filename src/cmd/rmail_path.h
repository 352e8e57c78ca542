// ReturnPath: the From_ lines before a message that came by UUCP, folded into one bang path (RFC 976 2.4). Pure; called by rmail.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hky::cmd {

class ReturnPath {
 public:
  // One line with its newline. False: it is no From_ line ("From " or ">From "), the message begins here.
  bool take(std::string_view line);

  // "near!far!user"; the user alone where no host was named.
  std::string address() const;
  // The host that handed the message over; empty where no line said "remote from".
  const std::string& nearest() const;

 private:
  std::vector<std::string> hosts_;   // nearest first
  std::string user_;
};

}  // namespace hky::cmd
