#include "cmd/mail_local_lmtp.h"

#include <utility>

#include <fmt/format.h>

#include "base/strings.h"

namespace hky::cmd {
namespace {

constexpr size_t kLongestLine = 2046;
constexpr const char* kOk = "250 2.0.0 Ok\r\n";
constexpr const char* kSyntax = "500 5.5.2 Syntax error\r\n";
constexpr const char* kBadParameters = "501 5.5.4 Syntax error in parameters\r\n";

// "joe+detail@host" -> "joe"
std::string_view mailbox_of(std::string_view path) {
  path = path.substr(0, path.rfind('@'));
  return path.substr(0, path.find('+'));
}

}  // namespace

bool path_of(std::string_view text, std::string& path) {
  const size_t end = text.find('>');
  if (!text.starts_with('<') || end == std::string_view::npos) return false;
  text = text.substr(1, end - 1);
  if (text.starts_with('@')) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    text.remove_prefix(colon + 1);
  }
  path = std::string(text);
  return true;
}

std::string MailLocalLmtp::line(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return in_message_ ? message_line(line) : command(line);
}

std::string MailLocalLmtp::command(std::string_view line) {
  if (line.size() > kLongestLine) return kSyntax;
  if (starts_with_i(line, "mail from:")) return mail(line.substr(10));
  if (starts_with_i(line, "rcpt to:")) return rcpt(line.substr(8));
  if (starts_with_i(line, "mail ") || starts_with_i(line, "rcpt ")) return kBadParameters;
  if (iequals(line, "data")) return data();
  if (iequals(line, "noop")) return kOk;
  if (starts_with_i(line, "vrfy ")) return "252 2.3.3 Try RCPT to attempt delivery\r\n";
  if (iequals(line, "rset")) {
    mail_ = false;
    users_.clear();
    return kOk;
  }
  if (iequals(line, "quit")) {
    over_ = true;
    return "221 2.0.0 Bye\r\n";
  }
  if (!starts_with_i(line, "lhlo ")) return kSyntax;
  if (std::exchange(greeted_, true)) return fmt::format("503 {} Duplicate LHLO\r\n", host_);
  return fmt::format("250-{}\r\n{}250-ENHANCEDSTATUSCODES\r\n250 PIPELINING\r\n", host_, eight_bit_ ? "250-8BITMIME\r\n" : "");
}

std::string MailLocalLmtp::mail(std::string_view rest) {
  if (mail_) return "503 5.5.1 Nested MAIL command\r\n";
  if (!path_of(rest, sender_)) return kBadParameters;
  mail_ = true;
  return "250 2.5.0 Ok\r\n";
}

std::string MailLocalLmtp::rcpt(std::string_view rest) {
  if (!mail_) return "503 5.5.1 Need MAIL command\r\n";
  std::string path;
  if (!path_of(rest, path)) return kBadParameters;
  std::string user = doors_.find(mailbox_of(path));
  if (user.empty()) return "550 5.1.1 User unknown\r\n";
  users_.push_back(std::move(user));
  return "250 2.1.5 Ok\r\n";
}

std::string MailLocalLmtp::data() {
  if (users_.empty()) return "503 5.5.1 No recipients\r\n";
  in_message_ = true;
  message_.clear();
  return "354 Go ahead\r\n";
}

std::string MailLocalLmtp::message_line(std::string_view line) {
  if (line != ".") {
    if (line.starts_with('.')) line.remove_prefix(1);
    message_.append(line) += '\n';
    return {};
  }
  std::string out;
  for (const std::string& user : users_) {
    const Verdict v = doors_.deliver(user, sender_, message_);
    if (v.sent) out += fmt::format("250 2.1.5 {} Ok\r\n", user);
    else out += fmt::format("{} {} {}\r\n", v.temporary ? 450 : 550, v.dsn, v.words);
  }
  in_message_ = mail_ = false;
  users_.clear();
  return out;
}

}  // namespace hky::cmd
