#include "deliver/grouping.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/strings.h"
#include "deliver/mailer_flags.h"
#include "deliver/mailer_program.h"
#include "net/sync.h"

namespace hky::deliver {
namespace {

constexpr size_t kQuestionsAtOnce = 50;   // of one message; a list of thousands must not drown the name server

// The signature of each mailer's hosts (in lower case), at first the host itself; empty: it leads nowhere, alone.
using Signatures = std::map<std::pair<const cf::Mailer*, std::string>, std::string>;

net::Task<> find(HostFinder& finder, const Settings& settings, net::Semaphore& room, const Signatures::key_type& of, std::string& signature) {
  const bool mine = co_await room.acquire();
  signature = co_await host_signature(finder, settings, *of.first, of.second);
  if (mine) room.release();
}

// Of mailers that take several recipients and have several hosts here: for others the host is as good.
net::Task<> find_all(net::Loop& loop, HostFinder& finder, const Settings& settings, Signatures& signatures) {
  std::map<const cf::Mailer*, size_t> hosts;
  for (const auto& [of, signature] : signatures) ++hosts[of.first];
  net::Semaphore room(loop, kQuestionsAtOnce);
  net::TaskGroup questions(loop);
  for (auto& [of, signature] : signatures)
    if (of.first->flag(kManyRcpts) && hosts[of.first] > 1) questions.spawn(find(finder, settings, room, of, signature));
  co_await questions.wait();
}

}  // namespace

net::Task<std::string> host_signature(HostFinder& finder, const Settings& settings, const cf::Mailer& mailer, std::string host) {
  if (!is_smtp_mailer(mailer)) co_return mailer.flag(kLocalMailer) ? std::string("localhost") : lower(host);
  const HostList hosts = co_await finder.hosts(host, mailer, settings);
  co_return lower(hosts.signature);
}

net::Task<std::vector<std::vector<Target>>> group(net::Loop& loop, HostFinder& finder, const Settings& settings, std::vector<Target> targets) {
  std::stable_sort(targets.begin(), targets.end(), [](const Target& a, const Target& b) { return lower(a.host) < lower(b.host); });
  Signatures signatures;
  for (const Target& t : targets) signatures.try_emplace(std::pair(t.mailer, lower(t.host)), lower(t.host));
  if (signatures.size() > 1) co_await find_all(loop, finder, settings, signatures);
  std::vector<std::vector<Target>> out;
  std::map<std::tuple<const cf::Mailer*, std::string, std::string>, size_t> places;
  for (Target& t : targets) {
    std::string host = lower(t.host);
    const std::string& signature = signatures[std::pair(t.mailer, host)];
    if (!signature.empty()) host.clear();
    const auto [place, fresh] = places.try_emplace(std::tuple(t.mailer, signature, std::move(host)), out.size());
    const bool together = t.mailer->flag(kManyRcpts);
    if (fresh || !together) out.emplace_back();
    std::vector<Target>& mine = together ? out[place->second] : out.back();
    mine.push_back(std::move(t));
  }
  co_return out;
}

}  // namespace hky::deliver
