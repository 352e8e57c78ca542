// The queue's figures, by hand: queue_bench MESSAGES [DIR] (default 2,000 in a directory of its own, so that ctest keeps
// it alive). Prints for messages of 4 KiB: submissions/s with 1 and 20 clients that remove each message after its 250
// (flushes a message), then fills the queue, and states memory (PSS) and how long opening it again takes.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "queue/queue.h"
#include "storage/rocksdb_store.h"

namespace hky::queue {
namespace {

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

long pss_mib() {
  std::ifstream in("/proc/self/smaps_rollup");
  for (std::string word; in >> word;) {
    if (word != "Pss:") continue;
    long kib = 0;
    in >> kib;
    return kib / 1024;
  }
  return -1;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Run {
  Queue& queue;
  net::Loop& loop;
  const Body body;
  int left;         // messages still to be begun
  int clients;      // running
  const bool keep;  // they stay in the queue
};

net::Task<> client(Run& run) {
  while (run.left-- > 0) {
    Envelope e;
    e.id = run.queue.new_id();
    e.sender = "sender@example.org";
    e.macros = {{"r", "ESMTP"}, {"s", "client.example.org"}, {"_", "client.example.org [192.0.2.1]"},
                {"{client_addr}", "192.0.2.1"}, {"{client_port}", "54321"}};
    e.rcpts.resize(1);
    e.rcpts[0].address = e.rcpts[0].user = "recipient@example.com";
    e.rcpts[0].mailer = "esmtp";
    e.rcpts[0].host = "example.com.";
    if (run.keep) e.next_try = kOnlyByQueueRun;
    Body body = run.body;
    auto stored = co_await run.queue.submit(run.loop, std::move(e), std::move(body), !run.keep);
    if (!stored.ok()) std::abort();
    if (run.keep) continue;
    // A deliverer's end of it: what submit leased to us is looked up as next_due would hand it out.
    Envelope done = run.queue.list().at(0);
    done.rcpts[0].state = RcptState::kDelivered;
    auto finished = co_await run.queue.finish(run.loop, std::move(done));
    if (!finished.ok()) std::abort();
  }
  if (--run.clients == 0) run.loop.stop();
}

void submit_all(Queue& queue, storage::RocksdbStore& store, int messages, int clients, bool keep) {
  net::Loop loop(system_clock());
  Run run{queue, loop, std::make_shared<const std::string>(4096, 'x'), messages, clients, keep};
  const uint64_t flushes = device_flushes();
  const auto before = store.stats();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < clients; ++i) loop.spawn(client(run));
  loop.run();
  const double took = seconds_since(start);
  std::printf("%6d messages, %2d clients%s: %8.0f/s, %.3f syncs and %.3f device flushes a message\n", messages, clients,
              keep ? ", kept" : "", messages / took, double(store.stats().syncs - before.syncs) / messages,
              double(device_flushes() - flushes) / messages);
}

int bench(int messages, const std::string& dir) {
  auto schedule = [](const Envelope&, int64_t now) { return now + 1800; };
  const auto begin = std::chrono::steady_clock::now();
  for (bool again : {false, true}) {
    auto start = std::chrono::steady_clock::now();
    auto store = storage::open_rocksdb_store(dir + "/store");
    if (!store.ok()) return std::fprintf(stderr, "%s\n", store.error().text.c_str()), 1;
    auto queue = open_queue(**store, system_clock(), system_random(), schedule, {});
    if (!queue.ok()) return std::fprintf(stderr, "%s\n", queue.error().text.c_str()), 1;
    std::printf("opened with %zu messages in %.2f s, PSS %ld MiB\n", (*queue)->count(), seconds_since(start), pss_mib());
    if (again) {
      start = std::chrono::steady_clock::now();
      size_t listed = (*queue)->list().size();
      std::printf("listed %zu in %.2f s, PSS %ld MiB\n", listed, seconds_since(start), pss_mib());
      continue;
    }
    submit_all(**queue, **store, messages / 20 + 1, 1, false);
    submit_all(**queue, **store, messages, 20, false);
    submit_all(**queue, **store, messages, 100, true);
    std::printf("%zu messages queued, PSS %ld MiB\n", (*queue)->count(), pss_mib());
  }
  std::printf("all in %.1f s\n", seconds_since(begin));
  return 0;
}

}  // namespace
}  // namespace hky::queue

int main(int argc, char** argv) {
  const int messages = argc > 1 && std::atoi(argv[1]) > 0 ? std::atoi(argv[1]) : 2000;
  std::string form = std::string(argc > 2 ? argv[2] : std::filesystem::temp_directory_path().c_str()) + "/hky-queue-bench-XXXXXX";
  const std::string dir = mkdtemp(form.data());
  const int failed = hky::queue::bench(messages, dir);
  std::filesystem::remove_all(dir);
  return failed;
}
