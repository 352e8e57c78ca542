// The client's state machine: every command sent leaves an Expectation; replies are matched to them in order, so pipelining
// needs no second path. What may be sent now is decided in one place: Impl::pump().
#include "proto/smtp/client.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "proto/mail/body_writer.h"
#include "proto/smtp/extensions.h"
#include "proto/smtp/reply_parser.h"

namespace hky::smtp {
namespace {

constexpr size_t kMaxOutstanding = 256;  // commands without an answer: below what a peer's socket buffers hold

enum class Expect : uint8_t { kGreeting, kEhlo, kHelo, kMail, kRcpt, kData, kDot, kRset, kQuit };
struct Expectation { Expect what; size_t rcpt = 0; };

enum class Stage : uint8_t { kMail, kRcpts, kData, kWait354, kHead, kBody, kDot, kFinished };

struct Active {
  explicit Active(Transaction transaction) : t(std::move(transaction)) {
    r.token = t.token;
    r.rcpts.resize(t.rcpts.size());
  }
  Transaction t;
  TransactionResult r;
  Stage stage = Stage::kMail;      // the next thing to send
  size_t rcpts_sent = 0;
  size_t answers_due = 0;          // expectations of this transaction not yet met
  size_t body_sent = 0;
  std::unique_ptr<mail::BodyWriter> writer;
};

Waiting waiting_of(Expect e) {
  switch (e) {
    case Expect::kGreeting: return Waiting::kGreeting;
    case Expect::kEhlo:
    case Expect::kHelo: return Waiting::kHelo;
    case Expect::kMail: return Waiting::kMail;
    case Expect::kRcpt: return Waiting::kRcpt;
    case Expect::kData: return Waiting::kDataInit;
    case Expect::kDot: return Waiting::kDataFinal;
    case Expect::kRset: return Waiting::kRset;
    case Expect::kQuit: return Waiting::kQuit;
  }
  return Waiting::kMisc;
}

const RemoteReply kNoReply;

}  // namespace

const RemoteReply& TransactionResult::verdict(size_t i) const {
  if (mail.got() && !mail.positive()) return mail;
  if (i >= rcpts.size() || !rcpts[i].positive()) return i < rcpts.size() ? rcpts[i] : kNoReply;
  if (data.got()) return data;
  if (!per_rcpt.empty()) return i < per_rcpt.size() ? per_rcpt[i] : kNoReply;
  return final;
}

struct ClientCore::Impl {
  explicit Impl(ClientOptions o) : options(std::move(o)), parser(options.max_reply_line, options.max_reply_lines) {
    expected.push_back({Expect::kGreeting});
  }

  ClientOptions options;
  ReplyParser parser;
  Extensions ext;
  RemoteReply greeting;
  std::string out;
  std::deque<Expectation> expected;
  std::deque<ClientEvent> events;
  std::deque<Active> active;       // in order; the first may wait for answers while a later one is being sent
  bool ready = false, quitting = false, quit_sent = false, closed = false, need_rset = false;

  bool pipelining() const { return ext.pipelining && !options.never_pipeline; }

  void command(std::string_view line, Expect what, size_t rcpt = 0) {
    out.append(line);
    out.append("\r\n");
    expected.push_back({what, rcpt});
  }

  // --- what may be sent now ---
  Active* sending() {
    for (Active& a : active)
      if (a.stage < Stage::kDot) return &a;
    return nullptr;
  }

  void pump() {
    while (ready && !closed) {
      Active* a = sending();
      if (!a) {
        if (quitting && !quit_sent && active.empty() && expected.empty()) {
          quit_sent = true;
          command("QUIT", Expect::kQuit);
        }
        return;
      }
      if (!send_next(*a)) return;
    }
  }

  // Sends one command of `a` if that is allowed now.
  bool send_next(Active& a) {
    bool may = expected.empty() || (pipelining() && expected.size() < kMaxOutstanding);
    if (!may || a.stage >= Stage::kWait354) return false;
    switch (a.stage) {
      case Stage::kMail: return send_mail(a);
      case Stage::kRcpts: return send_rcpt(a);
      case Stage::kData: return send_data(a);
      default: return false;
    }
  }

  bool send_mail(Active& a) {
    // The answers before are a dot's, or a refused transaction's: only behind a dot may MAIL follow without waiting.
    if (need_rset || a.t.reset_first) {
      if (!expected.empty()) return false;
      need_rset = a.t.reset_first = false;
      command("RSET", Expect::kRset);
      return true;
    }
    if (!ext.deliverby && a.t.mail.deliver_by.find(";R") != std::string::npos) {   // RFC 2852 4.1.4.2: no promise can be made
      a.r.mail.code = 554;
      a.r.mail.text = kNoDeliverBy;
      a.stage = Stage::kFinished;
      finish_front();
      return true;
    }
    command(mail_command(a.t), Expect::kMail);
    ++a.answers_due;
    a.stage = Stage::kRcpts;
    return true;
  }

  static uint64_t announced_size(const Transaction& t) { return t.mail.size ? t.mail.size : t.head.size() + t.body.size(); }

  std::string mail_command(const Transaction& t) const {
    const uint64_t size = announced_size(t);
    std::string line = fmt::format("MAIL From:<{}>", t.sender);
    if (ext.size && size != kNoSize) line += fmt::format(" SIZE={}", size);
    if (ext.eightbitmime && t.body_is_8bit) line += " BODY=8BITMIME";
    else if (ext.eightbitmime && t.said_7bit) line += " BODY=7BIT";
    if (ext.dsn && t.mail.envid) line += " ENVID=" + *t.mail.envid;
    if (ext.dsn && !t.mail.ret.empty()) line += " RET=" + t.mail.ret;
    if (!ext.auth.empty() && !t.mail.auth_sender.empty()) line += " AUTH=" + t.mail.auth_sender;
    if (ext.deliverby && !t.mail.deliver_by.empty()) line += " BY=" + t.mail.deliver_by;
    return line;
  }

  bool send_rcpt(Active& a) {
    if (!pipelining() && a.r.mail.got() && !a.r.mail.positive()) return give_up(a);
    if (a.rcpts_sent == a.t.rcpts.size()) {
      a.stage = Stage::kData;
      return true;
    }
    command(rcpt_command(a.t.rcpts[a.rcpts_sent]), Expect::kRcpt, a.rcpts_sent);
    ++a.rcpts_sent;
    ++a.answers_due;
    return true;
  }

  std::string rcpt_command(const TransactionRcpt& rcpt) const {
    std::string line = fmt::format("RCPT To:<{}>", rcpt.address);
    if (ext.dsn && !rcpt.notify.empty()) line += " NOTIFY=" + rcpt.notify;
    if (ext.dsn && !rcpt.orcpt.empty()) line += " ORCPT=" + rcpt.orcpt;
    return line;
  }

  static bool any_accepted(const Active& a) {
    return std::any_of(a.r.rcpts.begin(), a.r.rcpts.end(), [](const RemoteReply& r) { return r.positive(); });
  }

  bool send_data(Active& a) {
    bool all_answered = a.answers_due == 0;
    if (all_answered && ((a.r.mail.got() && !a.r.mail.positive()) || !any_accepted(a))) return give_up(a);
    command("DATA", Expect::kData);
    ++a.answers_due;
    a.stage = Stage::kWait354;
    return true;
  }

  // No recipient is left: the transaction ends without DATA.
  bool give_up(Active& a) {
    need_rset = a.r.mail.positive();
    a.stage = Stage::kFinished;
    finish_front();
    return true;
  }

  // --- the body ---
  void begin_body(Active& a) {
    if (!any_accepted(a) || !a.r.mail.positive()) {  // RFC 2920 3.1: 354 although no recipient stands: an empty message
      a.t.head.clear();
      a.t.body = {};
    }
    a.writer = std::make_unique<mail::BodyWriter>(mail::BodyStyle{.eol = "\r\n",
                                                                  .dot_stuff = true,
                                                                  .escape_from = false,
                                                                  .seven_bit = options.seven_bit,
                                                                  .line_limit = a.t.line_limit,
                                                                  .blank_after_cut = a.t.blank_after_cut});
    a.stage = Stage::kHead;
  }

  Active* in_body() {
    Active* a = sending();
    return a && (a->stage == Stage::kHead || a->stage == Stage::kBody) ? a : nullptr;
  }

  void write_body(Active& a) {
    if (a.stage == Stage::kHead) {
      a.writer->write(a.t.head, out);
      a.stage = Stage::kBody;
    }
    size_t left = a.t.body.size() - a.body_sent;
    size_t n = std::min(left, options.output_chunk);
    a.writer->write(a.t.body.substr(a.body_sent, n), out);
    a.body_sent += n;
    if (a.body_sent < a.t.body.size()) return;
    a.writer->finish(out);
    a.writer.reset();
    out += ".\r\n";
    a.r.body_sent = true;
    a.stage = Stage::kDot;
    expect_verdicts(a);
    pump();
  }

  // RFC 2033 4.2: LMTP answers once for each accepted recipient.
  void expect_verdicts(Active& a) {
    if (!options.lmtp || !any_accepted(a)) {
      expected.push_back({Expect::kDot});
      ++a.answers_due;
      return;
    }
    a.r.per_rcpt.resize(a.t.rcpts.size());
    for (size_t i = 0; i < a.r.rcpts.size(); ++i) {
      if (!a.r.rcpts[i].positive()) continue;
      expected.push_back({Expect::kDot, i});
      ++a.answers_due;
    }
  }

  // --- answers ---
  // Replies come in order, so MAIL, RCPT, DATA, dot answers belong to the first transaction that is still owed one.
  Active* owed() {
    for (Active& a : active)
      if (a.answers_due > 0) return &a;
    return nullptr;
  }

  void take(RemoteReply reply) {
    if (expected.empty()) {  // unasked: a 421 before closing, or noise
      if (reply.code == 421) lose("421 " + reply.text.substr(std::min<size_t>(4, reply.text.size())));
      return;
    }
    Expectation e = expected.front();
    expected.pop_front();
    bool closing = reply.code == 421;
    std::string text = closing ? reply.text : std::string();
    switch (e.what) {
      case Expect::kGreeting: return take_greeting(std::move(reply));
      case Expect::kEhlo: return take_ehlo(std::move(reply));
      case Expect::kHelo: return take_helo(std::move(reply));
      case Expect::kRset: break;
      case Expect::kQuit: return close();
      default: take_transaction(e, std::move(reply));
    }
    if (closing) return lose(text);
    pump();
  }

  void take_greeting(RemoteReply reply) {
    if (reply.code / 100 != 2) return refuse(std::move(reply), true);
    greeting = std::move(reply);
    if (options.lmtp) return command("LHLO " + options.helo_name, Expect::kEhlo);
    // sendmail: EHLO with mailer flag `a`, or where the greeting says ESMTP.
    if (options.try_ehlo || greeting.text.find("ESMTP") != std::string::npos) return command("EHLO " + options.helo_name, Expect::kEhlo);
    command("HELO " + options.helo_name, Expect::kHelo);
  }

  void take_ehlo(RemoteReply reply) {
    if (reply.code / 100 == 2) {
      ext = parse_extensions(reply);
      return become_ready(std::move(reply));
    }
    if (reply.code / 100 == 4 || options.lmtp) return refuse(std::move(reply), false);
    command("HELO " + options.helo_name, Expect::kHelo);  // RFC 5321 3.2
  }

  void take_helo(RemoteReply reply) {
    if (reply.code / 100 != 2) return refuse(std::move(reply), false);
    become_ready(std::move(reply));
  }

  void become_ready(RemoteReply hello) {
    ready = true;
    client_event::Ready event;
    event.greeting = greeting;
    event.hello = std::move(hello);
    events.emplace_back(std::move(event));
    pump();
  }

  void refuse(RemoteReply reply, bool at_greeting) {
    int code = reply.code;
    client_event::Refused event;
    event.reply = std::move(reply);
    event.at_greeting = at_greeting;
    events.emplace_back(std::move(event));
    if (code == 421) return close();
    fail_active("refused");
    quit_sent = quitting = true;
    command("QUIT", Expect::kQuit);
  }

  void take_transaction(const Expectation& e, RemoteReply reply) {
    Active* a = owed();
    if (!a) return;
    --a->answers_due;
    // sendmail: SmtpMsgBuffer: pipelined RCPTs are answered when DATA was the last thing said
    if (!reply.positive() && e.what == Expect::kMail) reply.command = mail_command(a->t);
    if (!reply.positive() && e.what == Expect::kRcpt) reply.command = pipelining() ? "DATA" : rcpt_command(a->t.rcpts[e.rcpt]);
    switch (e.what) {
      case Expect::kMail: a->r.mail = std::move(reply); break;
      case Expect::kRcpt: a->r.rcpts[e.rcpt] = std::move(reply); break;
      case Expect::kData:
        if (reply.code == 354) {
          begin_body(*a);
        } else {
          need_rset = true;
          a->r.data = std::move(reply);
          a->stage = Stage::kFinished;
        }
        break;
      case Expect::kDot:
        if (!a->r.per_rcpt.empty()) a->r.per_rcpt[e.rcpt] = reply;
        a->r.final = std::move(reply);
        if (a->answers_due == 0) a->stage = Stage::kFinished;
        break;
      default: break;
    }
    finish_front();
  }

  void finish_front() {
    while (!active.empty() && active.front().stage == Stage::kFinished && active.front().answers_due == 0) {
      client_event::Done done;
      done.result = std::move(active.front().r);
      active.pop_front();
      events.emplace_back(std::move(done));
    }
  }

  void fail_active(const std::string& why) {
    while (!active.empty()) {
      client_event::Done done;
      done.result = std::move(active.front().r);
      done.result.lost = why;
      active.pop_front();
      events.emplace_back(std::move(done));
    }
  }

  void lose(const std::string& why) {
    if (closed) return;
    if (!ready && !quitting) {
      client_event::Refused event;
      event.lost = why;
      event.at_greeting = !greeting.got();
      events.emplace_back(std::move(event));
    }
    fail_active(why);
    close();
  }

  void close() {
    if (closed) return;
    fail_active("connection closed");
    closed = true;
    ready = false;
    expected.clear();
    out.clear();
    events.emplace_back(client_event::Closed());
  }
};

ClientCore::ClientCore(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
ClientCore::~ClientCore() = default;
ClientCore::ClientCore(ClientCore&&) noexcept = default;
ClientCore& ClientCore::operator=(ClientCore&&) noexcept = default;

void ClientCore::feed(std::string_view bytes) {
  if (impl_->closed) return;
  impl_->parser.feed(bytes);
  while (!impl_->closed) {
    std::optional<RemoteReply> reply = impl_->parser.next();
    if (!reply) break;
    impl_->take(std::move(*reply));
  }
  if (impl_->parser.broken()) impl_->lose("too many lines in a reply");
}

void ClientCore::connection_lost(std::string why) { impl_->lose(why); }

void ClientCore::start(Transaction transaction) {
  impl_->active.emplace_back(std::move(transaction));
  if (impl_->closed || impl_->quitting) return impl_->fail_active("connection closed");
  impl_->pump();
}

void ClientCore::reset_first() { impl_->need_rset = true; }

void ClientCore::quit() {
  impl_->quitting = true;
  impl_->pump();
}

std::optional<ClientEvent> ClientCore::next() {
  if (impl_->events.empty()) return std::nullopt;
  ClientEvent e = std::move(impl_->events.front());
  impl_->events.pop_front();
  return e;
}

bool ClientCore::has_output() const { return !impl_->out.empty() || impl_->in_body() != nullptr; }

std::string ClientCore::take_output() {
  if (Active* a = impl_->in_body()) impl_->write_body(*a);
  return std::exchange(impl_->out, std::string());
}

Waiting ClientCore::waiting_for() const {
  if (impl_->in_body()) return Waiting::kDataBlock;
  if (impl_->expected.empty()) return Waiting::kNothing;
  return waiting_of(impl_->expected.front().what);
}

const Extensions& ClientCore::extensions() const { return impl_->ext; }
size_t ClientCore::open_transactions() const { return impl_->active.size(); }
bool ClientCore::usable() const { return impl_->ready && !impl_->quitting && !impl_->closed; }

}  // namespace hky::smtp
