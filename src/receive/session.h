// Session: one SMTP client of ours, from the greeting to 221: the core of proto/smtp, the rulesets' verdicts, the queue.
// A coroutine a session (run()); state of a transaction lives on the heap only between MAIL and the answer to the dot.
// sendmail: srvrsmtp.c smtp(). Who calls it: Server for sockets; cmd for -bs with a stream over stdin and stdout.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "auth/sasl.h"
#include "proto/smtp/params.h"
#include "proto/smtp/server.h"
#include "receive/client.h"
#include "receive/disk_space.h"
#include "receive/envelope_macros.h"
#include "receive/features.h"
#include "receive/message.h"
#include "receive/recipient_check.h"
#include "route/recipients.h"

namespace hky::receive {

// What the sessions of one loop share: the read buffer (an idle session holds none) and what is known of local users.
struct SessionShared {
  SessionShared(Services& s) : services(s), recipients(s.loop, s.clock, s.agent), buffer(64 * 1024) {}
  Services& services;
  RecipientCheck recipients;
  dns::Interfaces interfaces;
  std::vector<char> buffer;
};

class Session {
 public:
  // `stream` outlives run(). `client` is set for -bs; for sockets it is found out.
  Session(SessionShared& shared, net::Stream& stream, Daemon daemon, std::optional<Client> client = std::nullopt);
  ~Session();
  net::Task<> run();

 private:
  struct Transaction;
  net::Task<> begin();
  void look_at_space();
  net::Task<> learn_features();
  cf::Text client_pair() const;                     // "name $| address", as the rulesets before the greeting take it
  net::Task<bool> converse();                       // events until the core wants bytes; false: over
  net::Task<smtp::Reply> pause_before(smtp::Reply hello);   // greet_pause
  net::Task<bool> flush();
  net::Task<> handle(smtp::Event event);
  net::Task<> on_mail(smtp::event::Mail mail);
  net::Task<> on_rcpt(smtp::event::Rcpt rcpt);
  net::Task<> check_rcpt_of(Transaction& t, smtp::event::Rcpt& rcpt, route::Address& address);
  net::Task<std::optional<smtp::Reply>> look_first(Transaction& t, std::string shown, route::Address address, bool& queue_up, std::string& host);
  net::Task<std::optional<smtp::Reply>> expand_fully(Transaction& t, std::string address, bool& queue_up);
  net::Task<> on_data();
  net::Task<> on_body(smtp::event::Body body);
  net::Task<> finish_message(Transaction& t, smtp::event::Body& last);
  net::Task<> submit(Transaction& t);
  void fill_in(Transaction& t, queue::Envelope& e);
  void set_course(const Transaction& t, queue::Envelope& e);
  net::Task<Result<>> submit_whole(queue::Envelope e, queue::Body body);
  net::Task<Result<>> submit_parted(queue::Envelope whole, queue::Body body);
  net::Task<> on_vrfy(std::string arg);
  net::Task<> on_expn(std::string arg);
  net::Task<> show_expansion(std::string arg, bool verify);
  net::Task<> on_etrn(std::string arg);
  net::Task<> on_other(std::string line, smtp::Reply reply);
  net::Task<> on_verb(std::string line);
  net::Task<> on_unknown(smtp::event::Unknown unknown);
  net::Task<> on_helo(smtp::event::Helo helo);
  void on_simple(const smtp::Event& event);
  net::Task<> slow_down(const smtp::Event& event);  // DelayLA
  void count_bad_rcpt();                            // and says so in {nbadrcpts}
  net::Task<bool> bears_with_bad_rcpts();           // false: he was left
  net::Task<> on_auth(smtp::event::Auth command);
  net::Task<> on_auth_response(smtp::event::AuthResponse response);
  void take_auth_step(const auth::SaslStep& step);
  net::Task<> take_author(Transaction& t);          // the AUTH= of MAIL
  void end_auth(int code, const char* enhanced, std::string text);
  auth::SaslRequest sasl_request() const;
  net::Task<auth::SaslOffer> auth_offer() const;    // what AUTH may be asked for
  bool add_rcpt(Transaction& t, const smtp::RcptParams& params, const route::Address& address, std::string& shown, size_t met);

  Transaction& transaction();                       // made where there is none
  void drop_transaction();
  const cf::Options& options() const { return settings_->config->options; }
  long delay_la() const { return policy::own_or(daemon_.delay_la, options().delay_la); }
  char delivery_mode() const { return verbose_ ? 'i' : daemon_.delivery_mode != 0 ? daemon_.delivery_mode : options().delivery_mode; }
  void remark_on(const route::RecipientList& list); // VERB: what an expansion said
  std::string host() const;                         // $j
  void answer(int code, const char* enhanced, std::string text);
  void answer_refusal(smtp::Reply reply, std::string_view check, std::string_view argument, bool named);
  void count_verdict(const policy::Verdict& v);     // of a check ruleset
  void log(int level, std::string_view id, std::string_view text);
  MonoTime deadline() const;

  SessionShared& shared_;
  Services& services_;
  net::Stream& stream_;
  Daemon daemon_;
  Client client_;
  bool verbose_ = false;                            // VERB
  bool client_known_ = false, rated_ = false, got_helo_ = false, esmtp_ = false, refused_ = false;
  size_t rude_mails_ = 0;   // MAILs before HELO since the last message or RSET
  // Addresses looked at since then, of RCPT, VRFY and EXPN: those whose user was unknown too, but not those a ruleset refused. sendmail: e_origrcpt
  size_t looked_at_ = 0;
  Features features_;
  bool discard_all_ = false;               // what check_relay said of the client's mail
  std::string quarantine_all_;
  std::shared_ptr<const Settings> settings_;
  policy::Rates::Counts counts_;
  std::unique_ptr<smtp::ServerCore> core_;
  std::string helo_;
  std::unique_ptr<auth::SaslExchange> exchange_;    // while an AUTH dialogue goes on
  std::string mechanism_;                           // of that dialogue, as the client wrote it
  unsigned auth_steps_ = 0, auths_ = 0;             // answers in this dialogue; AUTH commands
  std::string auth_type_, auth_user_;               // once authenticated
  uint32_t auth_ssf_ = 0;
  unsigned bad_rcpts_ = 0;             // since MAIL
  bool throttled_ = false;
  int64_t slowness_told_ = 0;                       // when the log was last told of it; 0: never
  std::unique_ptr<Transaction> transaction_;
};

}  // namespace hky::receive
