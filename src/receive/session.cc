// The session's life: greeting, the loop over events, the simple commands.
#include "receive/session.h"

#include <fmt/format.h>

#include "base/strings.h"
#include "receive/help.h"
#include "receive/transaction.h"

namespace hky::receive {
namespace {

smtp::ServerLimits limits_of(const cf::Options& o) {
  smtp::ServerLimits l;
  l.max_message_size = o.max_message_size > 0 ? static_cast<uint64_t>(o.max_message_size) : 0;
  l.soft_bounce = o.soft_bounce;
  if (o.max_noop_commands > 0) l.max_noop_commands = static_cast<unsigned>(o.max_noop_commands);
  return l;
}

// sendmail: the greeting's first word is followed by "ESMTP".
std::string greeting_text(const std::string& expanded) {
  size_t blank = expanded.find(' ');
  if (blank == std::string::npos) return expanded + " ESMTP";
  return expanded.substr(0, blank) + " ESMTP" + expanded.substr(blank);
}

// sendmail: HELO's argument: letters, digits, "[].-_#:", blanks only behind it.
bool valid_domain(std::string_view name, bool lenient) {
  constexpr size_t kMaxName = 256;
  if (lenient) return true;
  if (name.size() > kMaxName) return false;
  for (char c : name)
    if (!is_alpha(c) && !is_digit(c) && std::string_view("[].-_#:").find(c) == std::string_view::npos) return false;
  return true;
}

}  // namespace

Session::Session(SessionShared& shared, net::Stream& stream, Daemon daemon, std::optional<Client> client)
    : shared_(shared), services_(shared.services), stream_(stream), daemon_(std::move(daemon)), settings_(services_.settings()) {
  if (client) {
    client_ = std::move(*client);
    client_known_ = true;
  }
  core_ = std::make_unique<smtp::ServerCore>(limits_of(options()));
}

Session::~Session() {
  if (rated_) services_.rates.closed(client_.address);
}

std::string Session::host() const {
  const cf::Text* j = nullptr;
  cf::MacroScope scope(*settings_->config);
  j = scope.find('j');
  return j == nullptr ? std::string("localhost") : cf::expand_to_string(*j, scope);
}

Session::Transaction& Session::transaction() {
  if (!transaction_) {
    transaction_ = std::make_unique<Transaction>(services_.loop, settings_);
    std::string protocol = !esmtp_ ? "SMTP" : auth_type_.empty() ? "ESMTP" : "ESMTPA";  // RFC 3848
    // sendmail: without HELO $s is what the client's address is called
    set_session_macros(transaction_->scope, client_, daemon_, counts_, got_helo_ ? helo_ : client_.ptr, protocol);
    transaction_->scope.set(cf::kN_deliveryMode, std::string(1, delivery_mode()));
    transaction_->scope.set(cf::kN_ntries, std::string_view("0"));
    transaction_->scope.set(cf::kN_load_avg, std::to_string(services_.load == nullptr ? -1 : services_.load->now()));
    if (!auth_type_.empty()) {
      transaction_->scope.set(cf::kN_auth_type, auth_type_);
      transaction_->scope.set(cf::kN_auth_authen, auth_user_);
      transaction_->scope.set(cf::kN_auth_ssf, std::to_string(auth_ssf_));
    }
    set_dates(transaction_->scope, unix_seconds(services_.clock.wall()), settings_->gmt_offset_minutes);
  }
  return *transaction_;
}

void Session::log(int level, std::string_view id, std::string_view text) { services_.log.line(level, LogPriority::kInfo, id.empty() ? "NOQUEUE" : id, text); }

void Session::answer(int code, const char* enhanced, std::string text) { core_->answer(smtp::Reply(code, enhanced, std::move(text))); }

// sendmail: the line "ruleset=check_rcpt, arg1=<x>, relay=host [1.2.3.4], reject=550 5.7.1 ...".
void Session::answer_refusal(smtp::Reply reply, std::string_view check, std::string_view argument, bool named) {
  if (named) reply = policy::with_address(std::move(reply), argument);
  if (services_.log.wants(4) && !check.empty()) {
    log(4, transaction_ ? transaction_->envelope.id : "", fmt::format("ruleset={}, arg1={}, relay={}, reject={} {} {}", check, argument,
                                                                     client_.shown, reply.code, reply.enhanced, reply.lines[0]));
  }
  core_->answer(reply);
}

// sendmail: rscheck(): markstats(STATS_REJECT)
void Session::count_verdict(const policy::Verdict& v) {
  if (services_.traffic == nullptr || (v.accept && !v.discard)) return;
  const int mailer = transaction_ ? transaction_->sender_mailer : Traffic::kNoMailer;
  if (v.accept) services_.traffic->discarded(mailer);
  else services_.traffic->rejected(mailer);
}

MonoTime Session::deadline() const {
  const cf::Timeouts& t = options().timeout;
  auto limit = core_->in_data() ? t.datablock : t.command;
  return services_.clock.mono() + (limit.count() > 0 ? limit : std::chrono::seconds(3600));
}

net::Task<> Session::begin() {
  if (!client_known_) {
    net::Endpoint peer = stream_.peer();
    client_ = co_await resolve_client(services_.loop, services_.names, std::move(peer), options().use_compressed_ipv6_addresses);
    std::string own = stream_.local().address;
    client_.came_in = co_await shared_.interfaces.find(services_.loop, services_.names, std::move(own), options().use_compressed_ipv6_addresses, unix_seconds(services_.clock.wall()));
    client_known_ = true;
    counts_ = services_.rates.opened(client_.address, unix_seconds(services_.clock.wall()));
    rated_ = true;
    if (services_.traffic != nullptr) services_.traffic->connection_taken();
  }
  Transaction& t = transaction();
  smtp::Reply hello(220, "", greeting_text(cf::expand_to_string(options().smtp_greeting_message, t.scope)));
  // sendmail: daemon.c validate_connection(): a refused client is greeted, and then hears the refusal for every command.
  if (!client_.local) {
    policy::Verdict v = co_await policy::rs_check(t.ctx, "check_relay", client_pair());
    count_verdict(v);
    discard_all_ = v.discard;
    quarantine_all_ = v.quarantine;
    if (!v.accept) {
      refused_ = true;
      log(4, "", fmt::format("ruleset=check_relay, arg1={}, arg2={}, relay={}, reject={} {} {}", client_.name, client_.address,
                             client_.shown, v.reply.code, v.reply.enhanced, v.reply.lines[0]));
      if (v.reply.code == 421) hello = v.reply;
      else core_->refuse_commands(v.reply);
    }
  }
  look_at_space();
  co_await learn_features();
  if (!refused_) hello = co_await pause_before(std::move(hello));
  drop_transaction();
  core_->greet(hello);
}

// sendmail: MinFreeBlocks: with less at its begin a session over the network takes no mail at all.
void Session::look_at_space() {
  if (refused_ || client_.local || !low_on_space(services_, options(), "NOQUEUE", client_.name)) return;
  core_->refuse_commands(smtp::Reply(452, "4.4.5", std::string(kNoSpace)), true);
}

cf::Text Session::client_pair() const { return policy::two_arguments(client_.name, client_.local ? client_.name : client_.address); }

net::Task<> Session::learn_features() {
  features_ = features_of(options(), daemon_);
  if (refused_) co_return;
  const bool known = co_await ask_features(transaction().ctx, client_pair(), features_);
  if (known) co_return;
  refused_ = true;
  core_->refuse_commands(smtp::Reply(450, "4.3.0", "Please try again later."));
}

net::Task<bool> Session::flush() {
  std::string out = core_->take_output();
  if (out.empty()) co_return true;
  MonoTime limit = services_.clock.mono() + std::chrono::minutes(5);
  Result<> written = co_await stream_.write(out, limit);
  co_return written.ok();
}

net::Task<bool> Session::converse() {
  for (;;) {
    std::optional<smtp::Event> event = core_->next();
    if (!event) break;
    co_await handle(std::move(*event));
    if (!core_->in_transaction() && !core_->in_data()) drop_transaction();
    if (core_->wants_output_now()) {
      bool sent = co_await flush();
      if (!sent) co_return false;
    }
  }
  bool sent = co_await flush();
  co_return sent && !core_->closed();
}

net::Task<> Session::run() {
  co_await begin();
  bool go_on = co_await converse();
  while (go_on) {
    std::span<char> buffer(shared_.buffer);
    MonoTime limit = deadline();
    Result<size_t> got = co_await stream_.read(buffer, limit);
    if (!got.ok()) {
      // RFC 5321 4.5.3.2: time-outs end in 421.
      if (got.error().smtp_code == 421) {
        core_->greet(smtp::Reply(421, "4.4.1", fmt::format("{} Lost input channel from {}", host(), client_.shown)));
        bool sent = co_await flush();
        (void)sent;
      }
      break;
    }
    if (*got == 0) {
      if (core_->in_data()) log(6, transaction_ ? transaction_->envelope.id : "", fmt::format("collect: premature EOM: unexpected close, relay={}", client_.shown));
      break;
    }
    core_->feed(std::string_view(buffer.data(), *got));
    go_on = co_await converse();
  }
  drop_transaction();
  stream_.close();
}

net::Task<> Session::handle(smtp::Event event) {
  if (services_.load != nullptr && policy::reached(delay_la(), services_.load->now())) co_await slow_down(event);
  if (auto* mail = std::get_if<smtp::event::Mail>(&event)) {
    co_await on_mail(std::move(*mail));
  } else if (auto* rcpt = std::get_if<smtp::event::Rcpt>(&event)) {
    co_await on_rcpt(std::move(*rcpt));
  } else if (std::get_if<smtp::event::Data>(&event) != nullptr) {
    co_await on_data();
  } else if (auto* body = std::get_if<smtp::event::Body>(&event)) {
    co_await on_body(std::move(*body));
  } else if (auto* vrfy = std::get_if<smtp::event::Vrfy>(&event)) {
    co_await on_vrfy(std::move(vrfy->arg));
  } else if (auto* expn = std::get_if<smtp::event::Expn>(&event)) {
    co_await on_expn(std::move(expn->arg));
  } else if (auto* etrn = std::get_if<smtp::event::Etrn>(&event)) {
    co_await on_etrn(std::move(etrn->arg));
  } else if (auto* helo = std::get_if<smtp::event::Helo>(&event)) {
    co_await on_helo(std::move(*helo));
  } else if (auto* auth = std::get_if<smtp::event::Auth>(&event)) {
    co_await on_auth(std::move(*auth));
  } else if (auto* response = std::get_if<smtp::event::AuthResponse>(&event)) {
    co_await on_auth_response(std::move(*response));
  } else if (auto* noop = std::get_if<smtp::event::Noop>(&event)) {
    co_await on_other(std::move(noop->line), smtp::Reply(250, "2.0.0", "OK"));
  } else if (auto* verb = std::get_if<smtp::event::Verb>(&event)) {
    co_await on_verb(std::move(verb->line));
  } else if (auto* unknown = std::get_if<smtp::event::Unknown>(&event)) {
    co_await on_unknown(std::move(*unknown));
  } else {
    on_simple(event);
  }
}

net::Task<> Session::on_helo(smtp::event::Helo helo) {
  esmtp_ = helo.extended;   // sendmail: said in Received:, whatever comes of it
  if (helo.name.empty() && !options().allow_bogus_helo) co_return answer(501, "5.0.0", helo.verb + " requires domain address");
  if (!valid_domain(helo.name, options().allow_bogus_helo)) co_return answer(501, "5.0.0", "Invalid domain name");
  helo_ = helo.name;
  got_helo_ = true;
  if (transaction_ && !transaction_->envelope.id.empty()) looked_at_ = 0;   // sendmail: what MAIL began is cleared
  drop_transaction();
  smtp::Reply r(250, "", fmt::format("{} Hello {}, pleased to meet you", host(), client_.shown));
  const cf::Options& o = options();
  if (!helo.extended) co_return core_->answer(r);
  r.lines.push_back("ENHANCEDSTATUSCODES");
  if (!refused_) {
    if (features_.pipelining) r.lines.push_back("PIPELINING");
    if (features_.expn) r.lines.push_back("EXPN");
    if (features_.shows()) r.lines.push_back("VERB");
    r.lines.push_back("8BITMIME");
    r.lines.push_back(o.max_message_size > 0 ? fmt::format("SIZE {}", o.max_message_size) : "SIZE");
    if (features_.dsn && o.send_mime_errors) r.lines.push_back("DSN");
    if (features_.etrn) r.lines.push_back("ETRN");
    auth::SaslOffer offer = co_await auth_offer();
    if (!offer.mechanisms.empty()) r.lines.push_back("AUTH " + offer.mechanisms);
    if (o.deliver_by_min.count() > 0) r.lines.push_back(fmt::format("DELIVERBY {}", o.deliver_by_min.count()));
    else if (o.deliver_by_min.count() == 0) r.lines.push_back("DELIVERBY");
    r.lines.push_back("HELP");
  }
  core_->answer(r);
}

void Session::on_simple(const smtp::Event& event) {
  using namespace smtp::event;
  if (std::get_if<Rset>(&event)) {
    drop_transaction();
    rude_mails_ = looked_at_ = 0;
    return answer(250, "2.0.0", "Reset state");
  }
  if (std::get_if<Quit>(&event)) return answer(221, "2.0.0", host() + " closing connection");
  if (auto* help = std::get_if<Help>(&event)) return core_->answer(help_reply(services_.read_help, transaction().scope, help->arg));
  if (auto* many = std::get_if<TooMany>(&event)) return answer(421, "4.7.0", fmt::format("{} Too many {}; closing connection", host(), many->what));
  if (auto* tls = std::get_if<StartTls>(&event))
    return tls->arg.empty() ? answer(454, "4.3.3", "TLS not available after start") : answer(501, "5.5.2", "Syntax error (no parameters allowed)");
  if (auto* aborted = std::get_if<Aborted>(&event)) {
    log(4, transaction_ ? transaction_->envelope.id : "", fmt::format("collect: {}, relay={}, from={}, notify=none", aborted->why, client_.shown,
                                                                     transaction_ ? transaction_->sender_shown : ""));
    drop_transaction();
  }
}

}  // namespace hky::receive
