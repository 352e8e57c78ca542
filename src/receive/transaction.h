// Session::Transaction: what one message (or one VRFY, one check) needs while it is being decided. Private to session*.cc.
#pragma once

#include "receive/session.h"

namespace hky::receive {

struct Session::Transaction {
  Transaction(net::Loop& loop, const std::shared_ptr<const Settings>& s)
      : settings(s), scope(*s->config), ctx{loop, s->program, *s->config, *s->maps, scope} {}
  Transaction(const Transaction&) = delete;

  std::shared_ptr<const Settings> settings;
  cf::MacroScope scope;
  rewrite::Context ctx;
  queue::Envelope envelope;
  std::string sender_shown;      // as given at MAIL: "<joe@x>"
  std::string author;            // of the user database; "": the sender
  std::string body;              // collected so far
  smtp::MailParams params;
  bool discard = false;
  bool mime = false;             // MIME-Version: is there
  int sender_mailer = Traffic::kNoMailer;  // its index
  bool hops_wait = false;        // the queue run reports its hops
  struct Key { std::string mailer, host, user; };
  std::vector<Key> keys;         // of envelope.rcpts: what they parsed to, for duplicates
  struct Met { Key key; std::string shown; };
  std::vector<Met> met;          // what the aliases of envelope.rcpts came to (interactive delivery)
  std::vector<std::string> hosts;        // of envelope.rcpts: by which sendmail sorts its send queue
  std::vector<size_t> by_host() const;   // places in envelope.rcpts in that order
  bool look_up = false;          // one of envelope.rcpts has an alias, or is a user here, who may have a .forward
  size_t accepted = 0;           // RCPTs, duplicates too. sendmail: e_nrcpts
};

inline void Session::drop_transaction() { transaction_.reset(); }

inline std::string without_brackets(std::string_view address) {
  if (address.size() >= 2 && address.front() == '<' && address.back() == '>') address = address.substr(1, address.size() - 2);
  return std::string(address);
}

}  // namespace hky::receive
