#include <cstdlib>
#include <utility>

#include <fmt/format.h>

#include "base/strings.h"
#include "deliver/foreground.h"

namespace hky::deliver {

namespace {

std::string words_of_refusal(const std::string& line) {
  smtp::RemoteReply reply;
  reply.code = std::atoi(line.substr(0, 3).c_str());
  reply.text = line;
  return fate_of_reply(reply, Stage::kRcpt, "").text;
}

}  // namespace

void Dialogue::expect_rcpts(std::vector<std::string> names, bool refusals) {
  refusals_ = refusals;
  for (std::string& name : names) rcpts_.push_back(std::move(name));
}

void Dialogue::sent(std::string_view bytes) {
  out_rest_ += bytes;
  size_t start = 0;
  for (size_t end = 0; (end = out_rest_.find("\r\n", start)) != std::string::npos; start = end + 2) {
    std::string line = out_rest_.substr(start, end - start);
    if (!in_message_) {
      command(std::move(line));
    } else if (line == ".") {
      in_message_ = false;
      if (!lmtp_) asked_.emplace_back();
      for (std::string& rcpt : taken_) asked_.push_back({std::move(rcpt), true});
      taken_.clear();
      say_(">>> .");
    }
  }
  out_rest_.erase(0, start);
}

void Dialogue::command(std::string line) {
  if (answer_due_) {
    held_.push_back(std::move(line));
    return;
  }
  if (starts_with_i(line, "MAIL ") || iequals(line, "RSET")) answer_due_ = true;
  if (iequals(line, "DATA")) data_open_ = true;
  asked_.emplace_back();
  if (starts_with_i(line, "RCPT ") && !rcpts_.empty()) {
    asked_.back().rcpt = std::move(rcpts_.front());
    rcpts_.pop_front();
  }
  say_(">>> " + line);
}

void Dialogue::received(std::string_view bytes) {
  in_rest_ += bytes;
  for (size_t end = 0; (end = in_rest_.find('\n')) != std::string::npos;) {
    std::string line = in_rest_.substr(0, end);
    in_rest_.erase(0, end + 1);
    if (line.ends_with('\r')) line.pop_back();
    answer_line(line);
  }
}

void Dialogue::answer_line(const std::string& line) {
  say_(line);
  if (line.size() > 3 && line[3] == '-') return;
  Asked to;
  if (!asked_.empty()) {
    to = std::move(asked_.front());
    asked_.pop_front();
  }
  const std::string& rcpt = to.rcpt;
  if (lmtp_ && !to.of_message && !rcpt.empty() && line.starts_with('2')) taken_.push_back(rcpt);
  if (!rcpt.empty() && line.starts_with('4')) say_(fmt::format("{}... Deferred: {}", rcpt, line));
  if (!rcpt.empty() && line.starts_with('5') && refusals_ && !to.of_message) say_(fmt::format("{}... {}", rcpt, words_of_refusal(line)));
  if (answer_due_) {
    answer_due_ = false;
    if (!after_reset_.empty()) say_(std::exchange(after_reset_, std::string()));
    std::vector<std::string> held;
    held.swap(held_);
    for (std::string& next : held) command(std::move(next));
    return;
  }
  if (data_open_ && line.starts_with("354")) {
    data_open_ = false;
    in_message_ = true;
  }
}

}  // namespace hky::deliver
