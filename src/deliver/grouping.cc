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

// Of mailers that take several recipients and have several hosts here: for others the host is as good.
std::set<Signatures::key_type> worth_asking(const std::vector<Target>& targets) {
  std::map<const cf::Mailer*, std::set<Signatures::key_type>> hosts;
  for (const Target& t : targets)
    if (t.mailer->flag(kManyRcpts)) hosts[t.mailer].emplace(t.mailer, lower(t.host));
  std::set<Signatures::key_type> out;
  for (auto& [mailer, its] : hosts)
    if (its.size() > 1) out.merge(its);
  return out;
}

}  // namespace

net::Task<std::string> host_signature(HostFinder& finder, const Settings& settings, const cf::Mailer& mailer, std::string host) {
  if (!is_smtp_mailer(mailer)) co_return mailer.flag(kLocalMailer) ? std::string("localhost") : lower(host);
  const HostList hosts = co_await finder.hosts(host, mailer, settings);
  co_return lower(hosts.signature);
}

net::Task<> find_signatures(net::Loop& loop, HostFinder& finder, Work& w, std::set<Signatures::key_type> hosts) {
  net::Semaphore room(loop, kQuestionsAtOnce);
  net::TaskGroup questions(loop);
  for (const Signatures::key_type& of : hosts)
    if (const auto [it, fresh] = w.signatures.try_emplace(of); fresh) questions.spawn(find(finder, *w.settings, room, it->first, it->second));
  co_await questions.wait();
}

net::Task<std::vector<std::vector<Target>>> group(net::Loop& loop, HostFinder& finder, Work& w, std::vector<Target> targets) {
  co_await find_signatures(loop, finder, w, worth_asking(targets));
  std::vector<std::vector<Target>> out;
  std::map<std::tuple<const cf::Mailer*, std::string, std::string>, size_t> places;
  for (Target& t : targets) {
    std::string host = lower(t.host);
    const auto known = w.signatures.find(std::pair(t.mailer, host));
    const std::string signature = known != w.signatures.end() ? known->second : host;
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
