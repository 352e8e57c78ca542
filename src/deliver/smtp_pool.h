// SmtpPool: the outbound SMTP and LMTP of one loop, to hosts and to programs on pipes. Shipments for one destination wait in one line; a
// few kept connections take them from it, the next envelope travelling in one write with the end of the body before it.
// Who calls it: the Deliverer. Threads: its loop only.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "cf/config.h"
#include "deliver/fate.h"
#include "deliver/settings.h"
#include "dns/interfaces.h"

namespace hky::deliver {

// A message as it leaves, and where to: what is the same for all recipients, and for every host that it is tried at.
struct Load {
  std::shared_ptr<const Settings> settings;  // keeps `mailer` alive
  const cf::Mailer* mailer = nullptr;
  std::string host;                      // a name for MX, "[192.0.2.1]", "a:b" hosts in turn; a socket's path with unix_socket
  uint16_t port = 25;
  bool unix_socket = false;              // A=FILE
  std::shared_ptr<const ipc::RunProgram> program;   // it goes to this one, on pipes; null: to a host
  std::vector<std::string> only;         // these of its hosts, in this order; empty: all of them
  std::string helo_name;                 // HeloName, or $j
  std::string came_in;                   // {if_addr}, where its daemon has Modifiers=b: the connection is from there
  bool helo_by_interface = false;        // its daemon has Modifiers=h
  std::string sender;                    // rewritten for the mailer, "" is <>
  std::string head;                      // rewritten header block with its empty line
  queue::Body body_owner;
  std::string_view body;                 // into *body_owner
  bool has_8bit = false;                 // the message has bytes above 127
  bool pass_8bit = false;                // and goes as it is, also to a host without 8BITMIME
  bool label_8bit = false;               // BODY=8BITMIME is said where it has them
  bool said_8bit = false;                // and where it has none: of a report about such a message
  std::string charset = "unknown-8bit";  // of text of eight bits that does not say its own
  std::string converted_by;              // "by HOST id ID": who makes seven bits of them
  bool said_7bit = false;                // BODY=7BIT was said at MAIL
  smtp::MailWords mail;
  bool later = false;                    // a report, or what a queue run read: RSET comes before it on a connection that another message has used
  bool first_try = false;                // of the message: Timeout.iconnect
  std::string shown_rcpts;               // show(): as -v lists them
};

// One envelope's recipients that leave by one mailer to one host (sendmail: what one call of deliver() sends).
struct Shipment : Load {
  explicit Shipment(net::Loop& loop) : done(loop) {}
  Shipment(net::Loop& loop, const Load& load) : Load(load), done(loop) {}

  std::vector<smtp::TransactionRcpt> rcpts;
  std::vector<size_t> rcpt_index;        // of each: its place in the envelope
  std::vector<std::string> rcpt_names;   // show(): of each, as -v names it
  bool refusals_shown = false;           // show(): a refused RCPT is said of its recipient, too

  std::vector<Fate> fates;               // one a recipient, when done
  std::string talked_to;                 // "mx.example." for "... while talking to"
  int attempts = 0;                      // connections it was started on
  MonoTime queued_at{};                  // when it came into its line
  net::Completion<bool> done;
};

// Names as MX gave them (without trailing dot), "[192.0.2.1]", or addresses. Not ok: `problem` is what the recipients get.
struct HostList {
  HostList() = default;
  std::vector<std::string> names;
  size_t own = SIZE_MAX;   // how many of them are the destination's own: what stands behind them is FallbackMXhost's
  std::string signature;   // the same where the same hosts are preferred in the same way, however equal ones were shuffled; of hosts() only
  bool ok = true;
  Fate problem;
};

// Where a destination's hosts come from; production: host_finder.h over the resolver; tests: a list.
class HostFinder {
 public:
  virtual ~HostFinder() = default;
  virtual net::Task<HostList> hosts(std::string host, const cf::Mailer& mailer, const Settings& settings) = 0;
  // Addresses of one of them.
  virtual net::Task<HostList> addresses(std::string name, const Settings& settings) = 0;
};

class SmtpPool {
 public:
  SmtpPool(Services& services, HostFinder& finder);
  ~SmtpPool();
  SmtpPool(const SmtpPool&) = delete;

  // Puts it in its destination's line. `done` finishes when every recipient has its fate.
  void send(std::shared_ptr<Shipment> shipment);
  // Closes idle connections now; with `forever` none is kept from here on.
  void close_idle(bool forever);
  void close_latest();                   // the idle connection opened last
  // -v: that hosts which refused at their greeting are closed. `who`: "rcpt... ", of whom that is said.
  void tell_unwelcome(const std::string& who = "");
  size_t connections() const { return connections_; }
  // -v: every connection's dialogue, and "rcpt... Connecting to host via mailer...". Before the first send().
  void show(std::function<void(std::string)> say) { say_ = std::move(say); }

  // -X: of this pool's connections, instead of the daemon's. Before the first send().
  void log_traffic(std::shared_ptr<TrafficLog> log) { log_ = std::move(log); }

  struct Destination;
  struct Connection;

 private:
  using Line = std::shared_ptr<Destination>;
  // smtp_pool.cc: lines, and how many connections serve them
  void grow(const Line& d);
  void open_connection(const Line& d);
  net::Task<> serve(Line d);
  net::Task<> patrol(Line d);
  const Fate* known_down(const Destination* d, const std::string& key);
  void remember_down(const std::string& key, const Fate& fate);
  net::Task<bool> wait_for_work(Line d, Connection& c);
  bool wake_one(Destination& d);
  void wake(Connection& c, bool work);
  void enforce_cache_limit();
  void fail_waiting(Destination& d, const Fate& fate);
  void complete(Shipment& s);
  // smtp_connect.cc: finding and greeting a host
  enum class Tried { kUp, kDown, kBusy };    // kBusy: none is up, but another connection has one
  net::Task<bool> connect_any(Line d, Connection& c);
  net::Task<Tried> try_hosts(Line d, Connection& c, const HostList& hosts);
  bool take_idle(const Destination& d, Connection& c, const std::string& name);
  net::Task<bool> try_addresses(Line d, Connection& c, const std::string& name);
  net::Task<bool> connect_addresses(Line d, Connection& c, const std::string& name, const HostList& at);
  void tell_connecting(const Destination& d, const std::string& name);
  net::Task<bool> connect_one(Line d, Connection& c, std::string name, std::string address);
  net::Task<bool> begin_dialogue(Line d, Connection& c, std::string logged);
  static std::string endpoint_address(const Destination& d, const std::string& address);
  net::LocalEnd our_end(const Destination& d, const Policy& policy, const std::string& address) const;
  net::Task<std::string> helo_name(Line d, const Connection& c);
  net::Task<bool> greet(Line d, Connection& c);
  void lost(Connection& c, const Error& error);
  // smtp_program.cc: those that are spoken to
  static bool kept(const Destination& d);   // for the next message; hosts are
  static bool cached(const Connection& c);  // and ConnectionCacheSize is not 0
  static std::string called(const Destination& d);   // a program that speaks LMTP like its mailer, any other like the host
  net::Task<bool> start_program(Line d, Connection& c);
  net::Task<> end_program(Line d, Connection& c);
  // smtp_host_status.cc: HostStatusDirectory, SingleThreadDelivery
  static std::string shown_key(const Destination& d, const std::string& name);
  bool leave_alone(const Destination& d, Connection& c, const std::string& name);
  void note_unreached(const Destination& d, const Connection& c, const std::string& name);
  void note_transaction(const Destination& d, const Connection& c, const smtp::TransactionResult& result);
  bool claim(const Destination& d, Connection& c, const std::string& name);
  void release(Connection& c);
  // smtp_converse.cc: transactions on one connection
  net::Task<> converse(Line d, Connection& c);
  net::Task<bool> exchange(Line d, Connection& c);
  net::Task<bool> flush(Connection& c);
  void feed(Connection& c, std::string_view bytes);
  net::Task<> say_quit(Connection& c);
  net::Task<> leave_unwelcome(Connection& c);
  net::Task<> await_quit(Connection& c);
  void top_up(Destination& d, Connection& c);
  void start(Connection& c, std::shared_ptr<Shipment> s);
  std::vector<size_t> left_for_others(const Connection& c, const Shipment& s) const;
  net::Task<> try_others(std::shared_ptr<Shipment> s, std::shared_ptr<Shipment> next, std::vector<size_t> places);
  bool handle_events(Destination& d, Connection& c);
  void finish(Destination& d, Connection& c, const smtp::TransactionResult& result);
  MonoTime deadline(const Connection& c) const;
  bool worn_out(const Connection& c) const;

  Services& s_;
  HostFinder& finder_;
  std::unordered_map<std::string, Line> lines_;
  std::deque<Connection*> idle_;         // oldest first
  // Destinations whose connections timed out lately: for seconds, whatever HostStatusDirectory keeps of single hosts.
  struct Down { MonoTime until{}; Fate fate; };
  std::unordered_map<std::string, Down> down_;
  dns::Interfaces interfaces_;
  std::shared_ptr<bool> alive_;
  std::vector<char> buffer_;             // shared by all reads of the loop
  size_t connections_ = 0, opened_ = 0;  // now; ever
  bool keep_ = true;
  std::function<void(std::string)> say_; // show()
  std::unordered_map<std::string, Down> unreached_;   // show(): by mailer and host, for Timeout.hoststatus
  std::vector<std::string> unwelcome_;   // show(): refused at their greeting, and not told of as closed yet
  std::shared_ptr<TrafficLog> log_;      // log_traffic()
};

}  // namespace hky::deliver
