#include "deliver/pipe_script.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "proto/mail/body_writer.h"

namespace hky::deliver {
namespace {

// Complete replies, continuation lines joined.
std::vector<smtp::RemoteReply> replies_of(std::string_view output) {
  std::vector<smtp::RemoteReply> out;
  std::string text;
  while (!output.empty()) {
    const size_t eol = output.find('\n');
    std::string_view line = output.substr(0, eol);
    output.remove_prefix(eol == std::string_view::npos ? output.size() : eol + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.size() < 3 || !is_digit(line[0]) || !is_digit(line[1]) || !is_digit(line[2])) continue;
    if (!text.empty()) text += '\n';
    text += line;
    if (line.size() > 3 && line[3] == '-') continue;
    smtp::RemoteReply r;
    r.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    r.text = std::move(text);
    text.clear();
    out.push_back(std::move(r));
  }
  return out;
}

// Greeting, hello, MAIL must be positive; else what they said is everybody's fate.
const smtp::RemoteReply* refusal(const std::vector<smtp::RemoteReply>& all) {
  for (size_t i = 0; i < all.size() && i < 3; ++i)
    if (!all[i].positive()) return &all[i];
  return nullptr;
}

}  // namespace

std::string PipeScript::questions() const {
  std::string out = fmt::format("{} {}\r\nMAIL From:<{}>\r\n", hello, host, sender);
  for (const std::string& r : rcpts) out += fmt::format("RCPT To:<{}>\r\n", r);
  out += "QUIT\r\n";
  return out;
}

std::string PipeScript::dialogue(std::string_view text) const {
  std::string out = fmt::format("{} {}\r\nMAIL From:<{}>\r\n", hello, host, sender);
  for (const std::string& r : rcpts) out += fmt::format("RCPT To:<{}>\r\n", r);
  out += "DATA\r\n";
  mail::BodyWriter writer(mail::BodyStyle{.eol = "\r\n", .dot_stuff = true});
  writer.write(text, out);
  writer.finish(out);
  out += ".\r\nQUIT\r\n";
  return out;
}

std::vector<Fate> PipeScript::after_questions(std::string_view output, int exit_code) const {
  const auto all = replies_of(output);
  std::vector<Fate> fates;
  const smtp::RemoteReply none;
  const auto* no = refusal(all);
  for (size_t i = 0; i < rcpts.size(); ++i) {
    if (no != nullptr) fates.push_back(fate_of_reply(*no, Stage::kMail, ""));
    else if (i + 3 < all.size()) fates.push_back(fate_of_reply(all[i + 3], Stage::kRcpt, ""));
    else fates.push_back(exit_code != EX_OK ? fate_of_exit(exit_code, "", output) : fate_of_reply(none, Stage::kRcpt, "the mailer gave no answer"));
  }
  return fates;
}

std::vector<Fate> PipeScript::after_dialogue(std::string_view output, int exit_code) const {
  const auto all = replies_of(output);
  std::vector<Fate> fates;
  const smtp::RemoteReply none;
  const auto* no = refusal(all);
  // greeting, hello, MAIL, RCPT..., 354, one reply, or with LMTP one for each accepted recipient
  size_t next = 3 + rcpts.size() + 1;
  for (size_t i = 0; i < rcpts.size(); ++i) {
    if (no != nullptr) {
      fates.push_back(fate_of_reply(*no, Stage::kMail, ""));
      continue;
    }
    const bool accepted = i + 3 < all.size() && all[i + 3].positive();
    if (!accepted) fates.push_back(fate_of_reply(i + 3 < all.size() ? all[i + 3] : none, Stage::kRcpt, "the mailer gave no answer"));
    else if (next < all.size() && !lmtp) fates.push_back(fate_of_reply(all[next], Stage::kFinal, ""));
    else if (next < all.size()) answered_alone(fates.emplace_back(fate_of_reply(all[next++], Stage::kFinal, "")));
    else fates.push_back(exit_code != EX_OK ? fate_of_exit(exit_code, "", output) : fate_of_reply(none, Stage::kFinal, "the mailer gave no answer"));
  }
  return fates;
}

}  // namespace hky::deliver
