// What a commit costs: messages of 4 KiB (body and 300 byte entry), one and twenty waiting at a time, each removed after
// its commit as a relay does. Figures: messages/s, synced writes and device flushes (/proc/diskstats) a message.
// Run by hand: storage_commit_bench; HKY_BENCH_DIR names a directory on the disk to be measured.
#include <benchmark/benchmark.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "storage/rocksdb_store.h"

namespace hky::storage {
namespace {

// Field 18 of a line counts the flushes the device completed; all disks together.
uint64_t device_flushes() {
  std::ifstream in("/proc/diskstats");
  uint64_t sum = 0;
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::vector<std::string> words;
    for (std::string word; fields >> word;) words.push_back(word);
    if (words.size() > 18) sum += std::strtoull(words[18].c_str(), nullptr, 10);
  }
  return sum;
}

// One client: puts, waits for the answer, removes without waiting, repeats.
class Client {
 public:
  Client(Store& store, int number) : store_(store), name_(std::to_string(number) + "."), body_(4096, 'x') {}

  void message() {
    std::string key = name_ + std::to_string(++count_);
    Ref ref;
    store_.put_bodies("q/1", {body_}, {key}, [&](Rc, std::vector<Ref> refs) { ref = refs[0]; });
    Batch put;
    put.set.emplace_back(key, std::string(300, 'e'));
    store_.commit({'q', "1"}, std::move(put), [this](Rc rc, std::monostate) {
      std::lock_guard lock(mutex_);
      answered_ = rc == Rc::kOk;
      ready_.notify_one();
    });
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return answered_; });
      answered_ = false;
    }
    Batch removal;
    removal.set.emplace_back(key, std::nullopt);
    removal.durable = false;
    removal.written_once = true;
    store_.commit({'q', "1"}, std::move(removal), [](Rc, std::monostate) {});
    store_.release(std::move(ref), key, [](Rc, std::monostate) {});
  }

 private:
  Store& store_;
  std::string name_, body_;
  int count_ = 0;
  std::mutex mutex_;
  std::condition_variable ready_;
  bool answered_ = false;
};

void commit_messages(benchmark::State& state) {
  const char* base = std::getenv("HKY_BENCH_DIR");
  std::string form = std::string(base ? base : std::filesystem::temp_directory_path().c_str()) + "/hky-bench-XXXXXX";
  std::string dir = mkdtemp(form.data());
  RocksdbOptions options;
  options.inline_commit = state.range(1) != 0;
  {
    auto store = std::move(*open_rocksdb_store(dir + "/store", options));
    const auto clients = static_cast<int>(state.range(0));
    constexpr int kEach = 50;
    std::vector<std::unique_ptr<Client>> all;
    for (int i = 0; i < clients; ++i) all.push_back(std::make_unique<Client>(*store, i));
    uint64_t flushes = device_flushes();
    CommitStats before = store->stats();
    uint64_t messages = 0;
    for (auto _ : state) {
      std::vector<std::thread> threads;
      for (auto& client : all) threads.emplace_back([&client] { for (int i = 0; i < kEach; ++i) client->message(); });
      for (auto& thread : threads) thread.join();
      messages += static_cast<uint64_t>(clients) * kEach;
    }
    auto each = [&](uint64_t n) { return static_cast<double>(n) / static_cast<double>(messages); };
    state.SetItemsProcessed(static_cast<int64_t>(messages));
    state.counters["syncs_per_msg"] = each(store->stats().syncs - before.syncs);
    state.counters["writes_per_msg"] = each(store->stats().writes - before.writes);
    state.counters["flushes_per_msg"] = each(device_flushes() - flushes);
  }
  std::filesystem::remove_all(dir);
}
BENCHMARK(commit_messages)->ArgNames({"clients", "inline"})->Args({1, 0})->Args({20, 0})->Args({1, 1})->Args({20, 1})
    ->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hky::storage

BENCHMARK_MAIN();
