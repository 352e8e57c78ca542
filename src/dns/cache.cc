#include "dns/cache.h"

#include "base/strings.h"

namespace hky::dns {

std::string AnswerCache::key_of(const std::string& name, Type type) {
  const auto t = static_cast<uint16_t>(type);
  std::string key = lower(name);
  key.push_back('\0');
  key.push_back(static_cast<char>(t >> 8));
  key.push_back(static_cast<char>(t & 255));
  return key;
}

AnswerCache::Shard& AnswerCache::shard_of(const std::string& key) { return shards_[std::hash<std::string>{}(key) % kShards]; }

bool AnswerCache::find(const std::string& name, Type type, MonoTime now, Answer& out) {
  const std::string key = key_of(name, type);
  Shard& shard = shard_of(key);
  const std::lock_guard<std::mutex> hold(shard.mutex);
  const auto it = shard.index.find(key);
  if (it == shard.index.end()) return false;
  if (it->second->until <= now) {
    shard.entries.erase(it->second);
    shard.index.erase(it);
    return false;
  }
  out = it->second->answer;
  return true;
}

void AnswerCache::put(const std::string& name, Type type, const Answer& answer, MonoTime until) {
  std::string key = key_of(name, type);
  Shard& shard = shard_of(key);
  const std::lock_guard<std::mutex> hold(shard.mutex);
  if (const auto it = shard.index.find(key); it != shard.index.end()) {
    shard.entries.erase(it->second);
    shard.index.erase(it);
  }
  if (shard.entries.size() >= per_shard_) {
    shard.index.erase(shard.entries.back().key);
    shard.entries.pop_back();
  }
  Entry entry;
  entry.key = key;
  entry.answer = answer;
  entry.until = until;
  shard.entries.push_front(std::move(entry));
  shard.index.emplace(std::move(key), shard.entries.begin());
}

}  // namespace hky::dns
