#include "queue/groups.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/strings.h"

namespace hky::queue {
namespace {

constexpr int kSplitLogLevel = 9;   // sendmail: SPLIT_LOG_LEVEL

// Its place among the Q lines, which is the order of parting.
size_t number_of(const cf::Config& config, const std::string& name) {
  if (name.empty()) return 0;
  const cf::QueueGroup* found = config.find_queue_group(name);
  return found == nullptr ? 0 : static_cast<size_t>(found - config.queue_groups.data());
}

// Who is refused already waits nowhere.
bool waits(const Rcpt& r) { return r.state == RcptState::kPending && r.refused_exit == 0; }

size_t waiting(const std::vector<Rcpt>& rcpts) { return static_cast<size_t>(std::count_if(rcpts.begin(), rcpts.end(), waits)); }

// Where the message waits, and who asks for nothing: its first recipient tells, else where it waits already.
size_t home_of(const Envelope& whole, const cf::Config& config) {
  const auto first = std::find_if(whole.rcpts.begin(), whole.rcpts.end(), waits);
  const bool asks = first != whole.rcpts.end() && !first->queue_group.empty();
  return number_of(config, asks ? first->queue_group : whole.queue_group);
}

size_t place_of(const Rcpt& r, size_t home, const cf::Config& config) { return r.queue_group.empty() ? home : number_of(config, r.queue_group); }

std::string name_of(const cf::Config& config, size_t place) { return stored_name(config, config.queue_groups[place]); }

class Parting {
 public:
  Parting(const cf::Config& config, Queue& queue, Log& log) : config_(config), queue_(queue), log_(log) {}

  std::vector<Envelope> run(Envelope whole) {
    const size_t home = home_of(whole, config_);
    whole.queue_group = name_of(config_, home);
    std::map<size_t, std::vector<Rcpt>> others;
    std::vector<Rcpt> own;
    for (Rcpt& r : whole.rcpts) {
      const size_t place = waits(r) ? place_of(r, home, config_) : home;
      r.queue_group.clear();
      (place == home ? own : others[place]).push_back(std::move(r));
    }
    whole.rcpts = std::move(own);
    std::vector<std::vector<Envelope>> split_off;
    for (auto& [place, rcpts] : others) {
      Envelope e = apart(whole);
      e.queue_group = name_of(config_, place);
      e.rcpts = std::move(rcpts);
      split_off.push_back(cut(std::move(e)));
    }
    const QueueId id = whole.id;
    std::reverse(split_off.begin(), split_off.end());
    std::vector<QueueId> ids;
    for (const std::vector<Envelope>& one : split_off) ids.push_back(one.front().id);
    tell(id, "", ids);
    std::vector<Envelope> out = cut(std::move(whole));
    for (std::vector<Envelope>& one : split_off) std::move(one.begin(), one.end(), std::back_inserter(out));
    return out;
  }

 private:
  Envelope apart(const Envelope& whole) {
    Envelope e = whole;
    trace_as(e, whole.id);
    e.id = queue_.new_id();
    e.rcpts.clear();
    e.said.clear();
    e.drop.clear();
    return e;
  }

  // No more recipients a message than the group allows; those split off go before the ones split off earlier.
  std::vector<Envelope> cut(Envelope e) {
    const size_t most = group_of(config_, e).most_rcpts, many = waiting(e.rcpts);
    std::vector<Envelope> out(1);
    if (most == 0 || many <= most) {
      out[0] = std::move(e);
      return out;
    }
    std::vector<Rcpt> all = std::move(e.rcpts), kept;
    e.rcpts.clear();
    std::vector<QueueId> ids;
    size_t taken = 0;
    for (Rcpt& r : all) {
      if (!waits(r) || taken < most) {
        taken += waits(r) ? 1 : 0;
        kept.push_back(std::move(r));
        continue;
      }
      if (taken++ % most == 0) {
        out.insert(out.begin() + 1, apart(e));
        ids.push_back(out[1].id);
      }
      out[1].rcpts.push_back(std::move(r));
    }
    e.rcpts = std::move(kept);
    tell(e.id, fmt::format("maxrcpts={}, rcpts={}, ", most, many), ids);
    out[0] = std::move(e);
    return out;
  }

  void tell(const QueueId& id, const std::string& why, const std::vector<QueueId>& ids) {
    if (ids.empty()) return;
    log_.line(kSplitLogLevel, LogPriority::kNotice, id, fmt::format("split: {}count={}, id{}={}", why, ids.size(), ids.size() > 1 ? "s" : "", fmt::join(ids, "; ")));
  }

  const cf::Config& config_;
  Queue& queue_;
  Log& log_;
};

}  // namespace

std::string stored_name(const cf::Config& config, const cf::QueueGroup& group) { return &group == config.queue_groups.data() ? std::string() : group.name; }

const cf::QueueGroup& group_of(const cf::Config& config, const Envelope& envelope) { return config.queue_groups[number_of(config, envelope.queue_group)]; }

bool to_be_parted(const Envelope& whole, const cf::Config& config) {
  const size_t home = home_of(whole, config), most = config.queue_groups[home].most_rcpts;
  if (most > 0 && waiting(whole.rcpts) > most) return true;
  return std::any_of(whole.rcpts.begin(), whole.rcpts.end(), [&](const Rcpt& r) { return waits(r) && place_of(r, home, config) != home; });
}

void settle(Envelope& whole, const cf::Config& config) {
  whole.queue_group = name_of(config, home_of(whole, config));
  for (Rcpt& r : whole.rcpts) r.queue_group.clear();
}

std::vector<Envelope> part(Envelope whole, const cf::Config& config, Queue& queue, Log& log) { return Parting(config, queue, log).run(std::move(whole)); }

std::vector<GroupQueue> by_group(std::vector<Envelope> messages, const cf::Config& config, const RunRules& rules, Random& random, const std::string& only) {
  std::vector<GroupQueue> out(config.queue_groups.size());
  for (Envelope& e : messages) out[number_of(config, e.queue_group)].messages.push_back(std::move(e));
  for (size_t i = 0; i < out.size(); ++i) {
    const cf::QueueGroup& group = config.queue_groups[i];
    out[i].group = group.name;
    out[i].directory = group.path.empty() ? config.options.queue_directory : group.path;
    out[i].runners = group.runners > 0 ? group.runners : static_cast<int>(std::max<long>(config.options.max_runners_per_queue, 1));
    RunRules own = rules;
    if (group.most_messages > 0) own.most = group.most_messages;
    sort_for_run(out[i].messages, own, random);
    out[i].requests = cut_for_run(out[i].messages, own);
  }
  if (!only.empty()) std::erase_if(out, [&only](const GroupQueue& q) { return !iequals(q.group, only); });
  return out;
}

void sort_as_run(std::vector<GroupQueue>& groups) {
  std::stable_sort(groups.begin(), groups.end(), [](const GroupQueue& a, const GroupQueue& b) { return a.runners > b.runners; });
}

void hold_back(std::vector<Envelope>& parts, const cf::Config& config) {
  const auto at_once = static_cast<size_t>(std::max<long>(config.options.fast_split, 1));
  for (size_t i = at_once; i < parts.size(); ++i) parts[i].next_try = kOnlyByQueueRun;
}

}  // namespace hky::queue
