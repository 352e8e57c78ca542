// AnswerCache: answers by name and type until their TTL ends, at most so many; the oldest of a shard goes first.
// Threads: any. Sixteen shards, each with its own lock, held for a hash probe.
#pragma once

#include <array>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "dns/resolver.h"

namespace hky::dns {

class AnswerCache {
 public:
  explicit AnswerCache(size_t entries) : per_shard_(entries / kShards + 1) {}
  bool find(const std::string& name, Type type, MonoTime now, Answer& out);
  void put(const std::string& name, Type type, const Answer& answer, MonoTime until);

 private:
  static constexpr size_t kShards = 16;
  struct Entry { std::string key; Answer answer; MonoTime until; };
  struct Shard {
    std::mutex mutex;
    std::list<Entry> entries;  // newest first
    std::unordered_map<std::string, std::list<Entry>::iterator> index;
  };
  static std::string key_of(const std::string& name, Type type);
  Shard& shard_of(const std::string& key);
  size_t per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace hky::dns
