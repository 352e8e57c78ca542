// Resolving: an envelope's pending recipients to targets: aliases, .forward and lists are expanded here (background delivery),
// lists with an owner become envelopes of their own. (sendmail: recipient.c, envelope splitting in deliver.c sendall().)
#pragma once

#include <unordered_map>

#include "deliver/work.h"
#include "route/recipients.h"

namespace hky::deliver {

struct Resolved {
  std::vector<Target> targets;
  std::vector<queue::Envelope> owned;      // for lists with an owner: sender is the owner, no id yet
  bool grown = false;                      // one address became several, or they wait in several places: the queue shall know before anything is delivered
};

class Resolver {
 public:
  explicit Resolver(Services& services) : s_(services) {}
  // Replaces expanded recipients in w.envelope().rcpts and sizes w.fates; refused ones have their fate already.
  net::Task<Resolved> resolve(Work& w);
  // passwd's entry, remembered for a few seconds.
  net::Task<ipc::User> user_named(std::string name);

 private:
  struct Known { ipc::User user; MonoTime until{}; };
  net::Task<> expand(Work& w, Resolved& out);
  net::Task<> add(route::RecipientList& list, const queue::Rcpt& rcpt);
  net::Task<ipc::Who> controller_of(const queue::Rcpt& rcpt);
  net::Task<> from_triple(Work& w, size_t i, Resolved& out);
  Services& s_;
  std::unordered_map<std::string, Known> known_;
};

}  // namespace hky::deliver
