// Traffic: what goes in and out, counted by mailer as sendmail's StatusFile has it. Who receives and delivers counts; cmd's StatusFile
// takes what has come together and writes it out. sendmail: stats.c markstats().
// Threads: all; every count is one relaxed addition.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace hky {

class Traffic {
 public:
  static constexpr size_t kMailers = 25;
  static constexpr int kNoMailer = -1;     // the sender's is not known (yet)
  enum Table { kFrom, kKbytesFrom, kTo, kKbytesTo, kRejected, kDiscarded, kQuarantined, kTables };
  enum Connections { kTaken, kMade, kRefused, kConnections };

  template <typename N>
  struct Numbers {
    std::array<N, kConnections> connections{};
    std::array<std::array<N, kMailers>, kTables> by_mailer{};
  };
  using Figures = Numbers<int64_t>;

  void connection_taken() { add(numbers_.connections[kTaken], 1); }
  void connection_made() { add(numbers_.connections[kMade], 1); }
  // `mailer`: the sender's, of messages collected and refused; the recipients', of one delivery of one message to one host.
  void collected(int mailer, uint64_t bytes) { count(kFrom, kKbytesFrom, mailer, bytes); }
  void delivered(int mailer, uint64_t bytes) { count(kTo, kKbytesTo, mailer, bytes); }
  void quarantined(int mailer) { count(kQuarantined, mailer); }
  // A check ruleset's word. sendmail counts each as a connection refused too.
  void rejected(int mailer) { refused(kRejected, mailer); }
  void discarded(int mailer) { refused(kDiscarded, mailer); }

  // What was counted since the last call; it begins anew.
  Figures take() {
    Figures out;
    if (!any_.exchange(false, std::memory_order_acquire)) return out;
    for (size_t i = 0; i < kConnections; ++i) out.connections[i] = numbers_.connections[i].exchange(0, std::memory_order_relaxed);
    for (size_t t = 0; t < kTables; ++t)
      for (size_t m = 0; m < kMailers; ++m) out.by_mailer[t][m] = numbers_.by_mailer[t][m].exchange(0, std::memory_order_relaxed);
    return out;
  }
  bool any() const { return any_.load(std::memory_order_relaxed); }

 private:
  using Number = std::atomic<int64_t>;
  void add(Number& n, int64_t by) {
    n.fetch_add(by, std::memory_order_relaxed);
    if (!any()) any_.store(true, std::memory_order_release);
  }
  void count(Table table, int mailer, int64_t by = 1) {
    if (mailer >= 0 && static_cast<size_t>(mailer) < kMailers) add(numbers_.by_mailer[table][static_cast<size_t>(mailer)], by);
  }
  void count(Table messages, Table kbytes, int mailer, uint64_t bytes) {
    count(messages, mailer);
    count(kbytes, mailer, static_cast<int64_t>((bytes + 1023) / 1024));
  }
  void refused(Table table, int mailer) {
    count(table, mailer);
    add(numbers_.connections[kRefused], 1);
  }

  Numbers<Number> numbers_;
  std::atomic<bool> any_{false};
};

}  // namespace hky
