// Fate: how a delivery ended for one recipient, in sendmail's terms: a sysexits code, an enhanced status, the words of the log's
// stat= field. (sendmail: deliver.c giveresponse(), sysexits.c sm_sysexmsg(), usersmtp.c.) Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/sysexits.h"
#include "cf/config.h"
#include "proto/smtp/client.h"

namespace hky::deliver {

struct Fate {
  int exit = EX_TEMPFAIL;
  std::string dsn = "4.0.0";
  std::string text;          // stat= of the log, without codes: "Sent (ok)", "User unknown", "Deferred: ..."
  std::string reply;         // the remote's last words, or ours in their place, or "" (nothing was said)
  bool heard = false;        // they came over the wire
  std::string then;          // what else was said, of nobody: to DATA, where no recipient was accepted
  std::string rcpt_reply;    // to RCPT, of what was sent
  std::string command;       // the command they answer: "RCPT To:<joe@x>"
  std::string remote_mta;    // who said so, or who was meant
  bool of_rcpt = false;      // the reply was to this recipient's RCPT
  bool of_mail = false;      // to MAIL: of nobody
  bool of_message = false;   // to the message's end
  bool lmtp = false;         // LMTP's, which answers that for each recipient
  std::string output;        // what a program printed
  std::string said;          // what was said when it failed, with codes, where `exit` and `text` are not all of it
  bool body_stays = false;   // the message does not go back with the report: it was too large
  bool stated = true;        // false: `said` is all there is to say in a report's transcript
  std::string relay;         // "mx.example. [192.0.2.1]" for the log
  bool dsn_passed = false;   // the next hop takes care of delivery reports (RFC 3461)
  bool by_passed = false;    // it looks after the time, too (RFC 2852)

  bool sent() const { return exit == EX_OK; }
  bool temporary() const { return exit == EX_TEMPFAIL || exit == EX_IOERR || exit == EX_OSERR; }
};

// The stage of a transaction decides what a reply means (sendmail: smtpmailfrom, smtprcptstat, smtpdata, smtpgetstat).
enum class Stage { kConnect, kMail, kRcpt, kData, kFinal };

// What one reply means for a recipient. `reply.code` 0: the connection was lost, `lost` says how.
Fate fate_of_reply(const smtp::RemoteReply& reply, Stage stage, std::string_view lost);
// Which reply decided recipient i, and what it means. `codes`: the host says that its replies have enhanced codes; else a refusal's is none.
Fate fate_of(const smtp::TransactionResult& result, size_t i, const smtp::TransactionRcpt& rcpt, std::string_view sender, bool codes = true);
// RFC 2033 4.2: what LMTP answers to the message is this recipient's own: its words are a refusal's. sendmail: giveresponse(): M_LMTP
// `codes`: as of fate_of().
void answered_alone(Fate& f, bool codes = true);
// A failure without a remote: our own words. "Deferred: " is put before temporary ones.
Fate local_fate(int exit, std::string dsn, std::string words);
// The exit code and words of the agent (sendmail: giveresponse()).
Fate fate_of_exit(int exit, std::string_view dsn, std::string_view output);
// Of a program that mailer `m` ran: what it printed is for the report, not a reason.
Fate fate_of_program(int exit, std::string_view dsn, std::string_view output, const cf::Mailer& m);

// "250 2.0.0 Ok: queued" -> "Ok: queued": codes off.
std::string_view without_codes(std::string_view reply_line);
// "553 Unbalanced" -> "553 5.0.0 Unbalanced": where no enhanced code was said; of temporary ones only what is said of an address.
// sendmail: usrerr(), usrerrenh().
std::string with_enhanced_code(std::string_view reply_line);

}  // namespace hky::deliver
