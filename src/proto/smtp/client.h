// ClientCore: the SMTP (and LMTP) client's protocol without sockets (RFC 5321, 2033; PIPELINING 2920, SIZE 1870, 8BITMIME 6152,
// DSN 3461). It owns no socket, clock, log, coroutine. Who calls it: deliver.
//
// Use:  core.feed(bytes) / core.connection_lost(), then next() until empty, then write out take_output() until has_output() is false.
//   - After connect: wait for Ready or Refused. extensions() holds from then on (choose 8->7 conversion, DSN, SIZE then).
//   - start(Transaction) as often as wanted, also before the last one is Done: with PIPELINING the next envelope's MAIL, RCPT...,
//     DATA go out in one piece with the end of the body before it (RFC 2920 3.1), without it they wait their turn.
//   - Each started transaction gives exactly one Done, in order; also when the connection breaks.
//   - quit() after the last; Closed comes when the server answered or the connection is gone.
// waiting_for() names sendmail's Timeout.* that applies now; the driver keeps the deadline.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hky::smtp {

// A reply as it came: code 0 means none came (connection lost, or never asked).
struct RemoteReply {
  int code = 0;
  std::string text;      // all lines, each with its code, joined by '\n', as read
  std::string command;   // what it answers, as sent: of a refused MAIL, RCPT or DATA
  bool got() const { return code != 0; }
  bool positive() const { return code >= 200 && code < 400; }
  bool temporary() const { return code == 0 || (code >= 400 && code < 500); }
  std::string enhanced() const;   // RFC 2034: "5.1.1" when the first line carries one that fits the code, else ""
  std::string last_line() const;  // what goes into logs and reports: the first line for one line, else the last ("550 5.1.1 no such user")
};

struct Extensions {
  bool esmtp = false, pipelining = false, eightbitmime = false, size = false, dsn = false, enhanced_status = false;
  bool starttls = false, deliverby = false, etrn = false, smtputf8 = false, chunking = false, requiretls = false, verb = false;
  std::vector<std::string> auth;     // mechanisms
  std::vector<std::string> lines;    // EHLO lines after the first, as sent
};

inline constexpr uint64_t kNoSize = UINT64_MAX;
inline constexpr const char* kNoDeliverBy = "554 5.4.7 Server does not support Deliver By";

struct TransactionRcpt {
  std::string address;               // without < >
  std::string notify;                // "SUCCESS,FAILURE" or "NEVER" or "": sent only where DSN is offered
  std::string orcpt;                 // "rfc822;joe@x" xtext-encoded, or ""
};

// What MAIL says besides the sender, each where it is offered.
struct MailWords {
  std::string ret;                   // RET= (RFC 3461): "HDRS", "FULL", or ""
  std::optional<std::string> envid;  // ENVID= (RFC 3461): xtext; an empty one is said, too
  std::string auth_sender;           // AUTH= (RFC 4954 5): xtext, or ""
  std::string deliver_by;            // BY= (RFC 2852): "120;R", "120;NT", or ""
  uint64_t size = 0;                 // SIZE=; 0: head + body; kNoSize: not said
};

// What to send. `head` and `body` have LF line ends; they are one message: head is the header block with its empty line.
// body must stay alive and unchanged until Done (the driver holds the queue's shared body).
struct Transaction {
  uint64_t token = 0;                // comes back in Done
  std::string sender;                // without < >, "" is <>
  std::vector<TransactionRcpt> rcpts;
  std::string head;
  std::string_view body;
  bool body_is_8bit = false;         // BODY=8BITMIME is said where offered
  bool said_7bit = false;            // BODY=7BIT is said where offered
  MailWords mail;
  bool reset_first = false;          // RSET before it, and not before all that went before is answered
  unsigned line_limit = 0;           // mailer's L=; longer lines are cut with "!" as sendmail does; 0: none
  bool blank_after_cut = true;       // mail::BodyStyle
};

// How one transaction went. A recipient's fate is verdict(i).
struct TransactionResult {
  uint64_t token = 0;
  RemoteReply mail;                  // to MAIL (synthetic where it is not sent: 552 5.3.4 where SIZE's limit forbids, kNoDeliverBy)
  std::vector<RemoteReply> rcpts;    // to each RCPT
  RemoteReply data;                  // to DATA, when not 354
  RemoteReply final;                 // to the final dot (SMTP; LMTP: of the last recipient)
  std::vector<RemoteReply> per_rcpt; // LMTP: after the dot, for each recipient (code 0 where its RCPT was refused)
  bool body_sent = false;            // the dot went out: no answer after it means "perhaps delivered"
  std::string lost;                  // why the connection broke, when it did

  // The reply that decides recipient i: 2xx delivered; 4xx, 5xx; code 0: connection lost.
  const RemoteReply& verdict(size_t i) const;
};

namespace client_event {
struct Ready { RemoteReply greeting, hello; };       // EHLO or HELO accepted
struct Refused { RemoteReply reply; bool at_greeting = false; std::string lost; };  // 4xx/5xx greeting or HELO, or lost before: try another host
struct Done { TransactionResult result; };
struct Closed {};                                    // nothing more comes; close the socket
}  // namespace client_event
using ClientEvent = std::variant<client_event::Ready, client_event::Refused, client_event::Done, client_event::Closed>;

enum class Waiting { kNothing, kGreeting /*Timeout.initial*/, kHelo, kMail, kRcpt, kDataInit, kDataBlock, kDataFinal, kRset, kQuit, kMisc };

struct ClientOptions {
  std::string helo_name;               // $j
  bool lmtp = false;                   // LHLO; per-recipient replies after the dot
  bool try_ehlo = true;                // mailer flag 'a'; without it HELO first, unless the greeting says ESMTP
  bool never_pipeline = false;
  bool seven_bit = false;              // mailer flag '7': the 8th bit is cut off
  size_t max_reply_line = 2048;        // sendmail: MAXLINE; longer lines are cut
  size_t max_reply_lines = 512;        // more lines: protocol error, connection given up
  size_t output_chunk = 128 * 1024;    // take_output() gives about this much of a body at a time
};

class ClientCore {
 public:
  explicit ClientCore(ClientOptions options);
  ~ClientCore();
  ClientCore(ClientCore&&) noexcept;
  ClientCore& operator=(ClientCore&&) noexcept;

  void feed(std::string_view bytes);
  void connection_lost(std::string why);   // end of file, reset, time-out: open transactions end with code 0
  void start(Transaction transaction);
  void reset_first();                      // RSET goes out before the next transaction, in one piece with it where PIPELINING allows
  void quit();                             // after all started transactions; sends QUIT
  std::optional<ClientEvent> next();
  bool has_output() const;
  std::string take_output();
  Waiting waiting_for() const;
  const Extensions& extensions() const;
  size_t open_transactions() const;
  bool usable() const;                     // Ready was seen, not quitting, not broken: start() may be called

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hky::smtp
