// What SmtpPool's own files share; nobody else includes it.
#pragma once

#include "deliver/foreground.h"
#include "deliver/smtp_pool.h"
#include "net/sync.h"

namespace hky::deliver {

struct SmtpPool::Destination {
  std::string key;
  std::shared_ptr<const Settings> settings;
  const cf::Mailer* mailer = nullptr;
  std::string host, helo_name, came_in;
  bool helo_by_interface = false;
  uint16_t port = 25;
  bool unix_socket = false;
  std::shared_ptr<const ipc::RunProgram> program;   // Load::program
  std::vector<std::string> only;         // Shipment::only
  std::deque<std::shared_ptr<Shipment>> waiting;
  std::deque<Connection*> idle;
  size_t connections = 0;                // with those still connecting
  size_t greeted = 0;                    // of them: past their greeting
  MonoTime trying_since{};               // while none is: when the first of them began
  bool patrolled = false;
};

struct SmtpPool::Connection {
  Destination* line = nullptr;
  const Policy* policy = nullptr;
  std::unique_ptr<net::Stream> stream;
  std::unique_ptr<smtp::ClientCore> core;
  std::optional<net::Completion<ipc::Outcome>> program;   // how it ends
  std::deque<std::shared_ptr<Shipment>> open;   // started, in order
  std::string name, relay;                      // "mx.example.", "mx.example. [192.0.2.1]"
  size_t number = 0;                            // of the pool's connections, in the order in which they were opened
  int started = 0;                              // transactions so far
  bool reset_due = false;                // RSET goes before the next transaction
  int finished = 0;
  bool leaving = false;                         // QUIT was said, or cannot be
  Fate problem;                                 // why no host would talk
  int system_error = 0;                         // of the host tried or talked to last: the errno that broke it
  int connect_seconds = 300;                    // for one address
  MonoTime connect_until = MonoTime::max();     // for all of them
  bool reached = false;                         // it took the connection
  std::vector<std::string> others;              // hosts that come after this one
  std::string claimed;                          // the host that is ours alone: SingleThreadDelivery
  std::unique_ptr<net::Event> wake;             // while idle
  bool has_work = false;                        // why it was woken
  std::unique_ptr<Dialogue> dialogue;           // -v
};

// "connect to 192.0.2.1:25: Connection refused" -> "Connection refused by mx.example."
std::string deferral_words(const Error& error, const std::string& host);
// F=z, and the built-in one.
bool speaks_lmtp(const cf::Mailer& mailer);
// The other side ended the connection. sendmail: also where a write told it first
Error gone();
// "mx.example." for people; literals and addresses of sockets as they are.
std::string shown_host(const std::string& name);

}  // namespace hky::deliver
