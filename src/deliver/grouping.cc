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

net::Task<> find(HostFinder& finder, const Settings& settings, net::Semaphore& room, const Signatures::key_type& of, std::string& signature) {
  const bool mine = co_await room.acquire();
  signature = co_await host_signature(finder, settings, *of.first, of.second);
  if (mine) room.release();
}

// At first each host is its own. Of mailers that take several recipients and have several hosts here DNS knows more.
net::Task<Signatures> signatures_of(net::Loop& loop, HostFinder& finder, const Settings& settings, const std::vector<Target>& targets) {
  Signatures all, asked;
  std::map<const cf::Mailer*, size_t> hosts;
  for (const Target& t : targets) {
    std::string host = lower(t.host);
    if (all.try_emplace(std::pair(t.mailer, host), host).second) ++hosts[t.mailer];
  }
  for (const auto& [of, host] : all)
    if (of.first->flag(kManyRcpts) && hosts[of.first] > 1) asked.emplace(of, host);
  co_await find_signatures(loop, finder, settings, asked);
  asked.merge(all);
  co_return asked;
}

}  // namespace

net::Task<std::string> host_signature(HostFinder& finder, const Settings& settings, const cf::Mailer& mailer, std::string host) {
  if (!is_smtp_mailer(mailer)) co_return mailer.flag(kLocalMailer) ? std::string("localhost") : lower(host);
  const HostList hosts = co_await finder.hosts(host, mailer, settings);
  co_return lower(hosts.signature);
}

net::Task<> find_signatures(net::Loop& loop, HostFinder& finder, const Settings& settings, Signatures& signatures) {
  net::Semaphore room(loop, kQuestionsAtOnce);
  net::TaskGroup questions(loop);
  for (auto& [of, signature] : signatures)
    if (of.first != nullptr) questions.spawn(find(finder, settings, room, of, signature));
  co_await questions.wait();
}

net::Task<std::vector<std::vector<Target>>> group(net::Loop& loop, HostFinder& finder, const Settings& settings, std::vector<Target> targets) {
  const Signatures signatures = co_await signatures_of(loop, finder, settings, targets);
  std::vector<std::vector<Target>> out;
  std::map<std::tuple<const cf::Mailer*, std::string, std::string>, size_t> places;
  for (Target& t : targets) {
    std::string host = lower(t.host);
    const std::string& signature = signatures.at(std::pair(t.mailer, host));
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
