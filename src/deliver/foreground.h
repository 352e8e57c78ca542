// Foreground: a delivery that a command waits for (sendmail -odi, -v, -qf): what it wants told, and how it ended.
// Who makes one: cmd (submission, queue runs), through Deliverer::deliver(). Lives until that returns.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/traffic_log.h"
#include "deliver/fate.h"
#include "queue/envelope.h"

namespace hky::deliver {

class SmtpPool;

struct Foreground {
  bool verbose = false;                            // -v: every step and the dialogue with the other side
  bool keep_failures = false;                      // permanent failures are the command's to tell (ErrorMode p, q): no report is queued
  bool reports_wait = false;                       // reports are queued for a queue run
  bool of_queue_run = false;                       // also a sender who cannot be told decides what it ends with
  bool tells_failures = false;                     // permanent failures are said, too, also without -v: a queue run's with ErrorMode=p
  bool tells_of_report = false;                    // the same of a report: who handed over what was refused waits for it
  std::function<void(std::string)> say;            // a line of what -v shows
  std::shared_ptr<TrafficLog> traffic_log;         // -X: this delivery's; null: the daemon's, if any
  std::optional<Fate> refuse_all;                  // the message itself was refused: every recipient fails so

  int exit = 0;                                    // of the first permanent failure (sysexits), as sendmail ends with
  std::vector<queue::Rcpt> failed;                 // keep_failures: who
  std::vector<std::string> told_of_sender;         // verbose: lines that his report's delivery need not say again
  std::shared_ptr<SmtpPool> pool;                  // verbose, traffic_log: its own connections, until Deliverer::close()

  void tell(std::string line) const {
    if (verbose && say) say(std::move(line));
  }
  void tell_failure(std::string line) const {
    if (tells_failures && say) say(std::move(line));
  }
};

// One connection's words as sendmail -v shows them: ">>> " before ours, the message as ">>> .", each answer's lines as they came.
// sendmail waits for RSET's and MAIL's answers before it sends RCPT and DATA in one piece; what we sent ahead of that is shown after it.
// Pure. sendmail: usersmtp.c smtpmessage(), reply().
class Dialogue {
 public:
  explicit Dialogue(std::function<void(std::string)> say, bool lmtp = false) : say_(std::move(say)), lmtp_(lmtp) {}
  void sent(std::string_view bytes);
  // A line that is shown once the RSET that goes out next has its answer.
  void after_reset(std::string line) { after_reset_ = std::move(line); }
  void received(std::string_view bytes);
  // Whom the RCPTs that go out next are about, in their order: a temporary answer is said of each at once; so is a refusal, with
  // `refusals`. sendmail: deliver().
  void expect_rcpts(std::vector<std::string> names, bool refusals);

 private:
  void command(std::string line);
  void answer_line(const std::string& line);
  std::function<void(std::string)> say_;
  std::string out_rest_, in_rest_, after_reset_;
  std::vector<std::string> held_;                  // sent, but not to be shown yet
  std::deque<std::string> rcpts_;                  // of RCPTs that were not shown yet
  struct Asked { std::string rcpt; bool of_message = false; };   // of other commands ""
  std::deque<Asked> asked_;                        // shown, and no answer yet
  std::vector<std::string> taken_;                 // LMTP: whose RCPT was: the message has an answer for each
  bool lmtp_, refusals_ = false;
  bool answer_due_ = false;                        // MAIL, or RSET, has no answer yet
  bool data_open_ = false;                         // DATA was sent
  bool in_message_ = false;                        // what we send is the message
};

}  // namespace hky::deliver
