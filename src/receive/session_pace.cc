// Who is answered more slowly, and who is left: the machine's load, clients that speak too early, and clients that try names.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "receive/session.h"
#include "receive/transaction.h"

namespace hky::receive {
namespace {

constexpr auto kDelay = std::chrono::seconds(1);   // sendmail: DELAY_CONN(), BadRcptThrottleDelay
constexpr int64_t kTellAgain = 90;                 // seconds
constexpr auto kMostPause = std::chrono::minutes(5);   // RFC 5321 4.5.3.2.1

// The commands that cost something, by their names in the log; the others null.
const char* costly(const smtp::Event& event) {
  using namespace smtp::event;
  if (std::holds_alternative<Helo>(event)) return "EHLO";
  if (std::holds_alternative<Mail>(event)) return "MAIL";
  if (std::holds_alternative<Rcpt>(event)) return "RCPT";
  if (std::holds_alternative<Data>(event)) return "DATA";
  if (std::holds_alternative<Auth>(event)) return "AUTH";
  if (std::holds_alternative<Vrfy>(event)) return "VRFY";
  if (std::holds_alternative<Expn>(event)) return "EXPN";
  return std::holds_alternative<Etrn>(event) ? "ETRN" : nullptr;
}

}  // namespace

// sendmail: srvrsmtp.c DELAY_CONN(): commands that cost something are answered a second later while the load is high.
net::Task<> Session::slow_down(const smtp::Event& event) {
  const int load = services_.load->now();
  const char* command = costly(event);
  if (command == nullptr) co_return;
  const int64_t now = unix_seconds(services_.clock.wall());
  if (slowness_told_ == 0 || now > slowness_told_ + kTellAgain) {
    log(9, transaction_ ? transaction_->envelope.id : "", fmt::format("delaying={}, load average={} >= {}", command, load, delay_la()));
    slowness_told_ = now;
  }
  co_await services_.loop.sleep(kDelay);
}

// sendmail: smtp(): FEATURE(greet_pause): who speaks before he is greeted is told so, and hears the refusal for every command.
net::Task<smtp::Reply> Session::pause_before(smtp::Reply hello) {
  if (!policy::has_check(transaction().ctx, "greet_pause")) co_return hello;
  const policy::Verdict v = co_await policy::rs_check(transaction().ctx, "greet_pause", client_pair());
  const auto pause = std::min<std::chrono::milliseconds>(std::chrono::milliseconds(std::strtoul(v.said.c_str(), nullptr, 10)), kMostPause);
  if (pause.count() == 0) co_return hello;
  const MonoTime from = services_.clock.mono();
  const std::span<char> buffer(shared_.buffer);
  const Result<size_t> got = co_await stream_.read(buffer, from + pause);
  if (!got.ok() || *got == 0) co_return hello;
  core_->feed(std::string_view(buffer.data(), *got));
  refused_ = true;
  core_->refuse_commands(smtp::Reply(550, "5.0.0", "Command rejected"));
  const auto after = std::chrono::duration_cast<std::chrono::seconds>(services_.clock.mono() - from);
  log(5, "", fmt::format("rejecting commands from {} [{}] due to pre-greeting traffic after {} seconds", client_.name, client_.address, after.count()));
  co_return smtp::Reply(554, "", host() + " ESMTP not accepting messages");
}

// sendmail: BadRcptThrottle, BadRcptShutdown: who tries names is slowed down, then left. False: he was left.
net::Task<bool> Session::bears_with_bad_rcpts() {
  const auto reached = [this](long limit) { return limit > 0 && bad_rcpts_ >= static_cast<unsigned long>(limit); };
  // sendmail: BadRcptShutdownGood: and so many of a hundred were bad
  const size_t good = transaction().accepted, percent = good == 0 ? 100 : bad_rcpts_ * 100 / (bad_rcpts_ + good);
  if (reached(options().bad_rcpt_shutdown) && static_cast<long>(percent) >= options().bad_rcpt_shutdown_good) {
    log(5, transaction_ ? transaction_->envelope.id : "", fmt::format("{}: Possible SMTP RCPT flood, shutting down connection.", client_.shown));
    core_->answer(smtp::Reply(421, "4.7.0", host() + " Too many bad recipients; closing connection"));
    core_->close();
    co_return false;
  }
  if (!reached(options().bad_rcpt_throttle)) co_return true;
  if (!std::exchange(throttled_, true)) log(5, transaction_ ? transaction_->envelope.id : "", fmt::format("{}: Possible SMTP RCPT flood, throttling.", client_.shown));
  co_await services_.loop.sleep(kDelay);
  co_return true;
}

}  // namespace hky::receive
