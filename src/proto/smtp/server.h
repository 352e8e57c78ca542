// ServerCore: the SMTP server's protocol without sockets (RFC 5321; extensions: PIPELINING 2920, SIZE 1870, 8BITMIME 6152,
// DSN 3461, ENHANCEDSTATUSCODES 2034, ETRN 1985, DELIVERBY 2852, AUTH 4954). feed() bytes, take events with next(),
// answer each with answer(); bytes to send with take_output(). It decides syntax, order and limits and answers those
// errors itself; whether mail is wanted is asked as an event. It owns no socket, clock, log, coroutine.
// Who calls it: receive/session.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hky::smtp {

struct Reply {
  int code = 250;
  std::string enhanced;                 // "2.1.0" or empty
  std::vector<std::string> lines;       // at least one
  Reply() = default;
  Reply(int c, std::string e, std::string text) : code(c), enhanced(std::move(e)), lines{std::move(text)} {}
};

struct Param { std::string key, value; bool has_value = false; };  // as written; see params.h

namespace event {
struct Helo { bool extended = false; std::string name, verb; };   // name may be empty; verb: as it may be echoed
// address as written between < > or bare, sendmail-lenient; fault: what to answer where there is none, unless something goes before it.
struct Mail { std::string address; std::vector<Param> params; std::optional<Reply> fault; };
struct Rcpt { std::string address; std::vector<Param> params; std::optional<Reply> fault; };
struct Data {};                                                     // answer 354 to go on
// Dot-unstuffed, LF line ends; the last piece has `end`: answer it with the final reply. What passes max_message_size is not handed on.
struct Body { std::string text; bool end = false; bool too_big = false; uint64_t size = 0; };
struct Rset {};
struct Vrfy { std::string arg; };
struct Expn { std::string arg; };
struct Help { std::string arg; };
struct Etrn { std::string arg; };
struct Noop { std::string line; };                                  // as it came, as are the next ones
struct Verb { std::string line; };
struct StartTls { std::string arg; };
struct Auth { std::string mechanism; std::optional<std::string> initial; };
struct AuthResponse { std::string line; };                          // base64 as sent, or "*"
struct Quit {};
// Not recognised (counted); `named`: SEND, SAML, SOML, TURN. open_proxy: the first line was HTTP ("GET", "POST", "CONNECT", "USER"): answer 421.
struct Unknown { std::string line; bool named = false, open_proxy = false; };
struct TooMany { std::string what; };                               // a limit that ends the session: answer 421
struct Aborted { std::string why; };                                // already answered with 421/554 and closed: drop what was collected
}  // namespace event

using Event = std::variant<event::Helo, event::Mail, event::Rcpt, event::Data, event::Body, event::Rset, event::Vrfy,
                           event::Expn, event::Help, event::Etrn, event::Noop, event::Verb, event::StartTls, event::Auth,
                           event::AuthResponse, event::Quit, event::Unknown, event::TooMany, event::Aborted>;

struct ServerLimits {
  size_t max_command_line = 2048;       // sendmail: MAXLINE
  size_t max_auth_line = 12288;         // RFC 4954 4 (sendmail: 6 * MAXLINE)
  size_t max_data_line = 0;             // 0: none; longer lines are passed on in pieces
  uint64_t max_message_size = 0;        // SIZE, 0: none
  unsigned max_bad_commands = 25;       // sendmail: MAXBADCOMMANDS
  unsigned max_noop_commands = 20;
  unsigned max_helo_commands = 3;
  unsigned max_vrfy_commands = 6;
  unsigned max_etrn_commands = 8;
  bool soft_bounce = false;             // sendmail: SoftBounce: 4yz is said for every 5yz
  bool require_strict_crlf = true;      // bare CR / LF and smuggled end-of-data refused
  bool refuse_early_talk = true;        // input waiting behind HELO, EHLO, DATA: 554 (sendmail: "SMTP protocol error")
};

class ServerCore {
 public:
  explicit ServerCore(ServerLimits limits);
  ~ServerCore();
  ServerCore(ServerCore&&) noexcept;
  ServerCore& operator=(ServerCore&&) noexcept;
  void feed(std::string_view bytes);
  std::optional<Event> next();          // nullopt: needs bytes, or an answer to the last event
  void answer(const Reply& reply);
  void greet(const Reply& reply);       // the 220 (or 554/421)
  void remark(std::string_view line);   // "050 ...", before an answer: what VERB asked for
  std::string take_output();
  // From now on every command but HELO, EHLO, NOOP, RSET, QUIT, and `but_etrn` ETRN, is answered with this (sendmail: nullserver).
  void refuse_commands(const Reply& reply, bool but_etrn = false);
  bool wants_output_now() const;        // RFC 2920 3.1: answers may wait while more commands are buffered
  bool in_data() const;                 // between 354 and the final dot: another time-out applies
  bool in_transaction() const;          // MAIL was accepted
  void close();                         // the session ends it: no more events
  bool has_buffered_input() const;
  bool closed() const;                  // after 221/421

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hky::smtp
