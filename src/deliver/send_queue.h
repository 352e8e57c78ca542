// In which order sendmail goes about a message's recipients. sendmail: recipient.c sorthost(), sortbysignature().
#pragma once

#include <string>
#include <vector>

#include "deliver/resolve.h"
#include "deliver/smtp_pool.h"
#include "deliver/work.h"

namespace hky::deliver {

// An address; its mailer is null where nobody takes its mail.
struct Addressed { const cf::Mailer* mailer = nullptr; std::string host, user; };

// Where it stands: by the hosts that take its mail, of the same hosts backwards by the name there. sendmail: sortbysignature().
struct Place {
  std::string signature, user;
  bool before(const Place& other) const { return signature != other.signature ? signature < other.signature : user > other.user; }
};

// One for each of `addresses`. DNS is asked where they have several hosts; whom it does not know stands by the host itself.
net::Task<std::vector<Place>> find_places(net::Loop& loop, HostFinder& finder, Work& w, std::vector<Addressed> addresses);

// What is pending in w.envelope().rcpts, with its fates, and `resolved`.targets. A message that is tried again, a report, and with option
// FastSplit=0 any: by their places. Else the targets alone, by the alphabet of the hosts they are addressed to.
net::Task<> sort_send_queue(net::Loop& loop, HostFinder& finder, Work& w, Resolved& resolved);

}  // namespace hky::deliver
