// Who is answered more slowly, and who is left: the machine's load, and clients that try names.
#include <fmt/format.h>

#include <utility>

#include "receive/session.h"
#include "receive/transaction.h"

namespace hky::receive {
namespace {

constexpr auto kDelay = std::chrono::seconds(1);   // sendmail: DELAY_CONN(), BadRcptThrottleDelay
constexpr int64_t kTellAgain = 90;                 // seconds

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
    log(9, transaction_ ? transaction_->envelope.id : "", fmt::format("delaying={}, load average={} >= {}", command, load, options().delay_la));
    slowness_told_ = now;
  }
  co_await services_.loop.sleep(kDelay);
}

// sendmail: BadRcptThrottle, BadRcptShutdown: who tries names is slowed down, then left. False: he was left.
net::Task<bool> Session::bears_with_bad_rcpts() {
  const auto reached = [this](long limit) { return limit > 0 && bad_rcpts_ >= static_cast<unsigned long>(limit); };
  if (reached(options().bad_rcpt_shutdown)) {
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
