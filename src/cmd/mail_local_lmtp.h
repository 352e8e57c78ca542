// MailLocalLmtp: what mail.local -l says on its pipe (RFC 2033): the commands of one client, no socket, no mailbox. sendmail: mail.local.c
// dolmtp(). Who calls it: verb_mail_local.cc. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hky::cmd {

class MailLocalLmtp {
 public:
  struct Verdict { bool sent = false, temporary = false; std::string dsn, words; };
  struct Doors {
    std::function<std::string(std::string_view mailbox)> find;     // the user's name; "": there is none
    std::function<Verdict(const std::string& user, const std::string& sender, const std::string& message)> deliver;
  };
  // `eight_bit`: 8BITMIME is offered.
  MailLocalLmtp(std::string host, bool eight_bit, Doors doors) : host_(std::move(host)), eight_bit_(eight_bit), doors_(std::move(doors)) {}

  std::string greeting() const { return "220 " + host_ + " LMTP ready\r\n"; }
  // A line without its end; what is answered, "" for lines of a message.
  std::string line(std::string_view line);
  bool over() const { return over_; }

 private:
  std::string command(std::string_view line);
  std::string mail(std::string_view rest);
  std::string rcpt(std::string_view rest);
  std::string data();
  std::string message_line(std::string_view line);

  std::string host_;
  bool eight_bit_;
  Doors doors_;
  bool greeted_ = false, mail_ = false, in_message_ = false, over_ = false;
  std::string sender_, message_;
  std::vector<std::string> users_;
};

// "<a@b> BODY=7BIT" -> "a@b", "<@relay:a@b>" too; false: no path. "<>" is "".
bool path_of(std::string_view text, std::string& path);

}  // namespace hky::cmd
