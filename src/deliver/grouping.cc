#include "deliver/grouping.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/strings.h"
#include "deliver/local.h"
#include "net/sync.h"

namespace hky::deliver {
namespace {

constexpr size_t kQuestionsAtOnce = 50;   // of one message; a list of thousands must not drown the name server

struct Way {
  std::string host;        // in lower case
  std::string signature;   // empty: it leads nowhere, alone
};
using Ways = std::map<std::pair<const cf::Mailer*, std::string>, Way>;   // by mailer and host

// Where there is nothing to find out, the host is as good as its signature.
bool worth_asking(const cf::Mailer& mailer, size_t hosts, bool offline) {
  return mailer.flag('m') && hosts > 1 && !(offline && is_smtp_mailer(mailer));
}

Ways ways_of(const std::vector<Target>& targets) {
  Ways ways;
  for (const Target& t : targets) {
    const std::string host = lower(t.host);
    ways.try_emplace(std::pair(t.mailer, host), Way{host, host});
  }
  return ways;
}

net::Task<> find(HostFinder& finder, const Settings& settings, net::Semaphore& room, const cf::Mailer& mailer, Way& way) {
  const bool mine = co_await room.acquire();
  way.signature = co_await host_signature(finder, settings, mailer, way.host);
  if (mine) room.release();
}

}  // namespace

net::Task<std::string> host_signature(HostFinder& finder, const Settings& settings, const cf::Mailer& mailer, std::string host) {
  if (!is_smtp_mailer(mailer)) co_return mailer.flag('l') ? std::string("localhost") : lower(host);
  const HostList hosts = co_await finder.hosts(host, mailer, settings);
  co_return lower(hosts.signature);
}

net::Task<std::vector<std::vector<Target>>> group(net::Loop& loop, HostFinder& finder, const Settings& settings, std::vector<Target> targets, bool offline) {
  std::stable_sort(targets.begin(), targets.end(), [](const Target& a, const Target& b) { return lower(a.host) < lower(b.host); });
  Ways ways = ways_of(targets);
  std::map<const cf::Mailer*, size_t> hosts;
  for (const auto& [key, way] : ways) ++hosts[key.first];
  net::Semaphore room(loop, kQuestionsAtOnce);
  net::TaskGroup questions(loop);
  for (auto& [key, way] : ways)
    if (worth_asking(*key.first, hosts[key.first], offline)) questions.spawn(find(finder, settings, room, *key.first, way));
  co_await questions.wait();

  std::vector<std::vector<Target>> out;
  std::map<std::tuple<const cf::Mailer*, std::string, std::string>, size_t> places;
  for (Target& t : targets) {
    const Way& way = ways[std::pair(t.mailer, lower(t.host))];
    const auto [place, fresh] = places.try_emplace(std::tuple(t.mailer, way.signature, way.signature.empty() ? way.host : std::string()), out.size());
    if (fresh || !t.mailer->flag('m')) out.emplace_back();
    std::vector<Target>& mine = t.mailer->flag('m') ? out[place->second] : out.back();
    mine.push_back(std::move(t));
  }
  co_return out;
}

}  // namespace hky::deliver
