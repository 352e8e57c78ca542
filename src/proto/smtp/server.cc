// The server's state machine. Which command may come when, and what it becomes, stands in kCommands below; texts are sendmail's
// (srvrsmtp.c). Input that waits for an answer stays in `in`; an empty one is given back, an idle session holds no buffer.
#include "proto/smtp/server.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "proto/smtp/command_line.h"
#include "proto/smtp/data_reader.h"

namespace hky::smtp {
namespace {

enum class Verb : uint8_t { kHelo, kEhlo, kMail, kRcpt, kData, kRset, kVrfy, kExpn, kHelp, kEtrn, kNoop, kVerb, kStartTls, kAuth, kQuit, kUnimplemented, kUnknown };

// What must hold before a command becomes an event; the first that does not is answered by the core.
enum Needs : uint8_t { kNothing = 0, kNoMail = 1, kMailBefore = 2, kRcptBefore = 4, kLastInGroup = 8 };
enum class Counter : uint8_t { kNone, kHelo, kNoop, kVrfy, kEtrn };

struct Command {
  const char* word;
  Verb verb;
  uint8_t needs;
  bool when_refused;   // still answered when refuse_commands() is on
  Counter counter;
};

constexpr Command kCommands[] = {
    {"HELO", Verb::kHelo, kLastInGroup, true, Counter::kHelo},
    {"EHLO", Verb::kEhlo, kLastInGroup, true, Counter::kHelo},
    {"MAIL", Verb::kMail, kNoMail, false, Counter::kNone},
    {"RCPT", Verb::kRcpt, kMailBefore, false, Counter::kNone},
    {"DATA", Verb::kData, kMailBefore | kRcptBefore | kLastInGroup, false, Counter::kNone},
    {"RSET", Verb::kRset, kNothing, true, Counter::kNone},
    {"VRFY", Verb::kVrfy, kNothing, false, Counter::kVrfy},
    {"EXPN", Verb::kExpn, kNothing, false, Counter::kVrfy},
    {"HELP", Verb::kHelp, kNothing, false, Counter::kNoop},
    {"ETRN", Verb::kEtrn, kNothing, false, Counter::kEtrn},
    {"NOOP", Verb::kNoop, kNothing, true, Counter::kNoop},
    {"VERB", Verb::kVerb, kNothing, false, Counter::kNoop},
    {"STARTTLS", Verb::kStartTls, kLastInGroup, false, Counter::kNone},
    {"AUTH", Verb::kAuth, kNothing, false, Counter::kNone},
    {"QUIT", Verb::kQuit, kNothing, true, Counter::kNone},
    {"SEND", Verb::kUnimplemented, kNothing, false, Counter::kNoop},
    {"SAML", Verb::kUnimplemented, kNothing, false, Counter::kNoop},
    {"SOML", Verb::kUnimplemented, kNothing, false, Counter::kNoop},
    {"TURN", Verb::kUnimplemented, kNothing, false, Counter::kNoop},
};
constexpr Command kNoCommand = {"", Verb::kUnknown, kNothing, false, Counter::kNone};

const Command& find_command(std::string_view verb) {
  for (const Command& c : kCommands)
    if (same_word(verb, c.word)) return c;
  return kNoCommand;
}

bool is_http(std::string_view line) {
  for (std::string_view word : {"GET ", "POST ", "CONNECT ", "USER "})
    if (same_word(line.substr(0, word.size()), word)) return true;
  return false;
}

enum class Asked : uint8_t { kNothing, kHelo, kMail, kRcpt, kData, kBody, kReset, kAuth, kQuit, kOther };

}  // namespace

struct ServerCore::Impl {
  explicit Impl(ServerLimits l) : limits(l) {}

  ServerLimits limits;
  std::string in, out;
  size_t pos = 0;                       // bytes of `in` already used
  std::unique_ptr<DataReader> data;     // while between 354 and the dot
  std::unique_ptr<Reply> refusal;       // refuse_commands()
  bool refusal_spares_etrn = false;
  unsigned rcpts = 0, bad = 0, helos = 0, noops = 0, vrfys = 0, etrns = 0;
  Asked asked = Asked::kNothing;
  bool got_mail = false, first_line = true, in_auth = false, closed = false, skipping = false;

  // --- output ---
  void say(const Reply& r) {
    if (limits.soft_bounce && r.code / 100 == 5) return say(softened(r));
    const size_t begin = out.size();
    for (size_t i = 0; i < r.lines.size(); ++i) {
      char sep = i + 1 < r.lines.size() ? '-' : ' ';
      if (r.enhanced.empty()) fmt::format_to(std::back_inserter(out), "{:03}{}{}\r\n", r.code, sep, r.lines[i]);
      else fmt::format_to(std::back_inserter(out), "{}{}{} {}\r\n", r.code, sep, r.enhanced, r.lines[i]);
    }
    for (size_t i = begin; i < out.size(); ++i) out[i] = static_cast<char>(out[i] & 0x7f);   // sendmail: messages are 7-bit
    if (r.code == 421) closed = true;
  }

  static Reply softened(Reply r) {
    r.code -= 100;
    if (r.enhanced.starts_with("5.")) r.enhanced[0] = '4';
    return r;
  }

  void reset() {
    got_mail = false;
    rcpts = 0;
  }

  // --- input ---
  std::optional<Event> next() {
    while (!closed && asked == Asked::kNothing) {
      std::optional<Event> e = data ? read_data() : read_command();
      if (e) return e;
      if (pos >= in.size() || !progress) break;
    }
    give_back();
    return std::nullopt;
  }
  bool progress = false;   // the last read took something

  void give_back() {
    if (closed || pos >= in.size()) {
      in = std::string();
    } else if (pos > 0) {
      in.erase(0, pos);
    }
    pos = 0;
  }

  std::optional<Event> read_data() {
    event::Body body;
    size_t used = 0;
    DataReader::State state = data->read(std::string_view(in).substr(pos), used, body.text);
    pos += used;
    progress = used > 0;
    body.size = data->size();
    body.too_big = data->too_big();
    if (state == DataReader::State::kBareCr) return abort(Reply(421, "4.5.0", "Bare carriage return (CR) not allowed"));
    if (state == DataReader::State::kBareLf) return abort(Reply(421, "4.5.0", "Bare linefeed (LF) not allowed"));
    if (state == DataReader::State::kEnd) {
      body.end = true;
      data.reset();
      asked = Asked::kBody;
      return Event(std::move(body));
    }
    if (body.text.empty()) return std::nullopt;
    return Event(std::move(body));
  }

  std::optional<Event> abort(const Reply& reply) {
    say(reply);
    closed = true;
    event::Aborted aborted;
    aborted.why = reply.lines.front();
    return Event(std::move(aborted));
  }

  // A line ends in LF or CRLF; a CR elsewhere is a character like others (sendmail).
  std::optional<Event> read_command() {
    size_t nl = in.find('\n', pos);
    progress = nl != std::string::npos;
    if (!progress) {
      if (in.size() - pos > longest(std::string_view(in).substr(pos))) {
        skipping = true;
        pos = in.size();
      }
      return std::nullopt;
    }
    std::string_view line = std::string_view(in).substr(pos, nl - pos);
    pos = nl + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (std::exchange(skipping, false) || line.size() > longest(line)) {
      if (in_auth) return take_line("(line too long)");  // no base64: the dialogue ends
      return bad_command(Reply(500, "5.5.2", "Line too long"));
    }
    return take_line(line);
  }

  // RFC 4954 4: AUTH's lines are longer, both of the command with an initial response and of the dialogue.
  size_t longest(std::string_view line) const { return in_auth || same_word(line.substr(0, 5), "auth ") ? limits.max_auth_line : limits.max_command_line; }

  std::optional<Event> bad_command(const Reply& reply) {
    if (++bad > limits.max_bad_commands) return too_many("bad commands");
    say(reply);
    return std::nullopt;
  }

  Event too_many(const char* what) {
    asked = Asked::kOther;
    event::TooMany e;
    e.what = what;
    return Event(std::move(e));
  }

  std::optional<Event> take_line(std::string_view line) {
    line = line.substr(0, line.find('\0'));   // sendmail: a line of C
    if (std::exchange(in_auth, false)) {
      asked = Asked::kAuth;
      event::AuthResponse e;
      e.line = std::string(line);
      return Event(std::move(e));
    }
    bool http = std::exchange(first_line, false) && is_http(line);
    CommandLine c = split_command(line);
    const Command& command = find_command(c.verb);
    if (http || command.verb == Verb::kUnknown) {
      return unknown(line, false, http);
    }
    if (refusal && !command.when_refused && !(refusal_spares_etrn && command.verb == Verb::kEtrn)) {
      if (++bad > limits.max_bad_commands) return too_many("bad commands");
      say(*refusal);
      return std::nullopt;
    }
    if (std::optional<Event> e = count(command)) return e;
    return check_order(command, c, line);
  }

  std::optional<Event> unknown(std::string_view line, bool named, bool http) {
    if (!http && ++bad > limits.max_bad_commands) return too_many("bad commands");
    asked = Asked::kOther;
    event::Unknown e;
    e.line = std::string(line);
    e.named = named;
    e.open_proxy = http;
    return Event(std::move(e));
  }

  // sendmail: checksmtpattack(): its delays are the driver's; far past the limit the session ends.
  std::optional<Event> count(const Command& c) {
    unsigned* n = c.counter == Counter::kHelo ? &helos : c.counter == Counter::kNoop ? &noops : c.counter == Counter::kVrfy ? &vrfys : c.counter == Counter::kEtrn ? &etrns : nullptr;
    unsigned max = c.counter == Counter::kHelo ? limits.max_helo_commands : c.counter == Counter::kNoop ? limits.max_noop_commands
                   : c.counter == Counter::kVrfy ? limits.max_vrfy_commands : limits.max_etrn_commands;
    if (n == nullptr || max == 0) return std::nullopt;
    if (++*n > max && ++bad > limits.max_bad_commands) return too_many("bad commands");
    return std::nullopt;
  }

  std::optional<Event> refuse(const Reply& reply) {
    say(reply);
    return std::nullopt;
  }

  std::optional<Event> check_order(const Command& command, const CommandLine& c, std::string_view line) {
    if ((command.needs & kNoMail) && got_mail) return refuse(Reply(503, "5.5.0", "Sender already specified"));
    if ((command.needs & kMailBefore) && !got_mail)
      return refuse(Reply(503, "5.0.0", command.verb == Verb::kRcpt ? "Need MAIL before RCPT" : "Need MAIL command"));
    if ((command.needs & kRcptBefore) && rcpts == 0) return refuse(Reply(503, "5.0.0", "Need RCPT (recipient)"));
    if ((command.needs & kLastInGroup) && limits.refuse_early_talk && pos < in.size()) return early_talk(command);
    return make_event(command, c, line);
  }

  // sendmail: input behind HELO, EHLO: nothing is taken any more; behind DATA: the session ends.
  std::optional<Event> early_talk(const Command& command) {
    Reply reply(554, "5.5.0", "SMTP protocol error");
    if (command.verb == Verb::kData) return abort(reply);
    say(reply);
    reset();
    refusal = std::make_unique<Reply>(550, "5.0.0", "Command rejected");
    refusal_spares_etrn = false;
    return std::nullopt;
  }

  template <class E>
  std::optional<Event> with_arg(Asked what, std::string_view arg) {
    asked = what;
    E e;
    e.arg = std::string(arg);
    return Event(std::move(e));
  }

  template <class E>
  std::optional<Event> with_line(std::string_view line) {
    asked = Asked::kOther;
    E e;
    e.line = std::string(line);
    return Event(std::move(e));
  }

  template <class E>
  std::optional<Event> bare(Asked what) {
    asked = what;
    return Event(E());
  }

  std::optional<Event> make_event(const Command& command, const CommandLine& c, std::string_view line) {
    switch (command.verb) {
      case Verb::kHelo:
      case Verb::kEhlo: return helo(command, c);
      case Verb::kMail: return path<event::Mail>(c.rest, "from", Asked::kMail);
      case Verb::kRcpt: return path<event::Rcpt>(c.rest, "to", Asked::kRcpt);
      case Verb::kData: return bare<event::Data>(Asked::kData);
      case Verb::kRset: return bare<event::Rset>(Asked::kReset);
      case Verb::kVrfy: return with_arg<event::Vrfy>(Asked::kOther, c.arg);
      case Verb::kExpn: return with_arg<event::Expn>(Asked::kOther, c.arg);
      case Verb::kHelp: return with_arg<event::Help>(Asked::kOther, c.arg);
      case Verb::kEtrn: return with_arg<event::Etrn>(Asked::kOther, c.arg);
      case Verb::kNoop: return with_line<event::Noop>(line);
      case Verb::kVerb: return with_line<event::Verb>(line);
      case Verb::kStartTls: return with_arg<event::StartTls>(Asked::kOther, c.arg);
      case Verb::kAuth: return auth(c.arg);
      case Verb::kQuit: return bare<event::Quit>(Asked::kQuit);
      case Verb::kUnimplemented: return unknown(line, true, false);
      case Verb::kUnknown: break;
    }
    return std::nullopt;
  }

  std::optional<Event> helo(const Command& command, const CommandLine& c) {
    asked = Asked::kHelo;
    event::Helo e;
    e.extended = command.verb == Verb::kEhlo;
    e.name = std::string(c.arg);
    e.verb = echo(c.verb);
    return Event(std::move(e));
  }

  template <class E>
  std::optional<Event> path(std::string_view arg, const char* keyword, Asked what) {
    PathArgument p = parse_path(arg, keyword);
    asked = what;
    E e;
    if (!p.error.empty()) e.fault = Reply(501, "5.5.2", std::move(p.error));
    e.address = std::move(p.address);
    e.params = std::move(p.params);
    return Event(std::move(e));
  }

  std::optional<Event> auth(std::string_view arg) {
    asked = Asked::kAuth;
    event::Auth e;
    size_t blank = arg.find(' ');
    e.mechanism = std::string(arg.substr(0, blank));
    if (blank != std::string_view::npos) e.initial = std::string(arg.substr(arg.find_first_not_of(' ', blank)));
    return Event(std::move(e));
  }

  // --- answers ---
  void answer(const Reply& r) {
    Asked what = std::exchange(asked, Asked::kNothing);
    const bool over = closed;
    say(r);
    // sendmail: a ruleset's 421 is one sender's, one recipient's; the session goes on.
    if (what == Asked::kMail || what == Asked::kRcpt) closed = over;
    bool good = r.code / 100 == 2;
    switch (what) {
      case Asked::kHelo:
      case Asked::kReset:
      case Asked::kBody:
        if (good || what == Asked::kBody) reset();
        break;
      case Asked::kMail: got_mail = good; break;
      case Asked::kRcpt: rcpts += good; break;
      case Asked::kData:
        if (r.code == 354) data = std::make_unique<DataReader>(limits.require_strict_crlf, limits.max_message_size);
        break;
      case Asked::kAuth: in_auth = r.code == 334; break;
      case Asked::kQuit: closed = true; break;
      case Asked::kNothing:
      case Asked::kOther: break;
    }
  }
};

ServerCore::ServerCore(ServerLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
ServerCore::~ServerCore() = default;
ServerCore::ServerCore(ServerCore&&) noexcept = default;
ServerCore& ServerCore::operator=(ServerCore&&) noexcept = default;

void ServerCore::feed(std::string_view bytes) {
  if (!impl_->closed) impl_->in.append(bytes);
}
std::optional<Event> ServerCore::next() { return impl_->next(); }
void ServerCore::answer(const Reply& reply) { impl_->answer(reply); }
void ServerCore::greet(const Reply& reply) { impl_->say(reply); }
void ServerCore::remark(std::string_view line) { impl_->say(Reply(50, "", std::string(line))); }
std::string ServerCore::take_output() { return std::exchange(impl_->out, std::string()); }
void ServerCore::refuse_commands(const Reply& reply, bool but_etrn) {
  impl_->refusal = std::make_unique<Reply>(reply);
  impl_->refusal_spares_etrn = but_etrn;
}
bool ServerCore::wants_output_now() const { return !impl_->out.empty() && (impl_->closed || !has_buffered_input()); }
bool ServerCore::has_buffered_input() const { return impl_->in.find('\n', impl_->pos) != std::string::npos; }
bool ServerCore::in_data() const { return impl_->data != nullptr; }
bool ServerCore::in_transaction() const { return impl_->got_mail; }
void ServerCore::close() { impl_->closed = true; }
bool ServerCore::closed() const { return impl_->closed; }

}  // namespace hky::smtp
