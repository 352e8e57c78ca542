// Submitting: one message on its way from a command to the queue. Private to submit*.cc.
#pragma once

#include "base/sysexits.h"
#include "receive/envelope_macros.h"
#include "receive/message.h"
#include "receive/submit.h"
#include "route/recipients.h"

namespace hky::receive {

struct Submitting {
  Submitting(Services& services, SubmitDoors d, SubmitRequest r);
  net::Task<Result<SubmitOutcome>> run();

  // submit.cc: recipients
  void set_macros();
  net::Task<> expand_rcpts(route::RecipientList& list);
  void tell_new(const route::RecipientList& list);
  void complain(const std::string& line);
  void hold(std::string line, std::string_view coded);
  void catch_up(const route::RecipientList& list);
  bool unaddressed() const { return request.rcpts.empty() && !request.read_rcpts; }   // neither recipients nor -t
  net::Task<> begin();
  net::Task<> name_recipients(route::RecipientList& list);
  net::Task<SubmitOutcome> leave_with_nobody(const route::RecipientList& list);
  void flush_held();
  Result<SubmitOutcome> leave_without_space();
  net::Task<> expand_header(route::RecipientList& list);
  route::DsnRequest dsn() const;
  queue::Rcpt rcpt_of(const route::RecipientList& list, int i) const;

  // submit_envelope.cc: sender, header, envelopes
  bool speaks_for(const route::Address& named) const;
  net::Task<> find_sender();
  net::Task<> check_header();
  void check_body(bool failed_before);
  void blame(smtp::Reply said);
  net::Task<> look_at_errors_to();
  void count(const policy::Verdict& verdict);
  void fill_envelope();
  int sender_exit() const { return sender_said.empty() ? EX_OK : EX_USAGE; }
  void leave_with_senders();
  std::string whole_message();
  std::vector<queue::Envelope> split(const route::RecipientList& list, bool together);
  bool in_one_piece(const route::RecipientList& list) const;
  bool stands_for_others(const route::RecipientList& list, int i) const;
  std::vector<int> told_of(const route::RecipientList& list, const route::RecipientList::Group& group) const;
  void note_lists(const route::RecipientList& list, const std::vector<route::RecipientList::Group>& groups);
  void name_lists(queue::Envelope& e) const;
  std::string complaint_of(const route::RecipientList& list, bool apart) const;
  queue::Rcpt multiple_of(const route::RecipientList& list, int i) const;
  std::vector<queue::Rcpt> refused_apart(const route::RecipientList& list, const std::vector<int>& refused) const;
  void name_multiple(const route::RecipientList& list, std::vector<queue::Envelope>& parts) const;
  bool too_many_hops() const;
  bool waits() const { return mode == 'q' || mode == 'd' || header_errors; }

  // submit_delivery.cc: what goes where
  void look_at_load(const route::RecipientList& list);
  void log_from(size_t nrcpts);
  net::Task<Result<>> dispatch(std::vector<queue::Envelope> parts);
  net::Task<Result<>> give_back(std::vector<queue::Envelope> parts);
  net::Task<Result<>> hand_over(queue::Envelope whole);
  net::Task<Result<>> deliver_or_keep(queue::Envelope e, bool whole);
  net::Task<Result<queue::Job>> keep_leased(queue::Envelope e);
  net::Task<Result<>> keep(queue::Envelope e, bool now);
  net::Task<Result<>> keep_waiting(queue::Envelope e);
  net::Task<Result<>> deliver(queue::Envelope e, DeliverNow how);
  net::Task<> report(queue::Envelope e, bool by_mail);
  net::Task<bool> dead_letter();
  bool may_save() const;
  bool told_here() const;
  void say_mode(queue::Envelope& e) const;
  net::Task<> tell_of_sender(bool verbose);

  Services& s;
  SubmitDoors doors;
  SubmitRequest request;
  std::shared_ptr<const Settings> settings;
  cf::MacroScope scope;
  rewrite::Context ctx;
  Collected message;
  queue::Envelope envelope;              // what all parts have in common
  queue::Body body;
  route::Address sender_address;
  std::string message_id;                // for the log
  std::string author;                    // as the user database names him; "": as the envelope does
  ipc::User sender;                      // the local user the sender is, if any
  std::vector<std::string> warnings;     // X-Authentication-Warning
  char mode = 'b', error_mode = 'p';
  std::optional<smtp::Reply> refusal;    // of the message itself: everybody's, and the last of them
  bool no_space = false;                 // MinFreeBlocks: nothing is taken, and nobody told by mail
  bool too_large = false;                // one of them is about its size
  std::vector<std::string> transcript;   // complaints with their codes, as they were met
  size_t told = 0;                       // of the expansion's words
  size_t written = 0;                    // of the expansion's transcript
  bool reading_header = false;           // -t's expansion
  std::string held;                      // complaint about the message: the last one
  bool held_permanent = false;
  bool old_style = false;                // OldStyleHeaders, and nothing was written in the new style
  bool header_errors = false;            // found in the message, not on the command line
  bool header_failed = false;            // one of them for good, of a recipient
  bool fault = false;                    // the expansion met one
  bool discard = false;
  std::vector<route::RecipientList::Multiple> multiple;   // success is told of them, once
  std::vector<std::string> addressees;   // recipients that are nobody's alias, in the order of their delivery
  std::string only;                      // the one recipient that was named, whom Received: tells; "": there are several
  bool deferred = false;                 // DeliveryMode=d: nobody asks DNS before a queue run
  int sender_mailer = Traffic::kNoMailer;
  int exit_code = 0;
  std::vector<route::Said> sender_said;  // complaints about -f's address
  bool sender_mended = false;            // which was taken all the same
  std::vector<std::string> lists;        // with an owner who gets an envelope of his own
  std::vector<queue::Rcpt> bad;          // refused by the expansion
  std::vector<queue::Envelope> owners_bad;   // the same of lists with owners, where the rest waits for a queue run
};

}  // namespace hky::receive
