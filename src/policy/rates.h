// Rates: how many connections are open and how often clients came: {client_rate}, {total_rate}, {client_connections} for the
// rulesets (FEATURE ratecontrol, conncontrol), ConnectionRateThrottle, MaxDaemonChildren.
// sendmail: ratectrl.c (a window in ten steps, ConnectionRateWindowSize), daemon.c refuseconnections().
// Threads: shared by all loops of a process; every call takes one short lock.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace hky::policy {

class Rates {
 public:
  struct Counts { unsigned client_rate = 0, total_rate = 0, client_connections = 0, open = 0; };
  static constexpr size_t kMaxClients = 100'000;   // the longest unseen are forgotten

  explicit Rates(int64_t window_seconds = 60) { set_window(window_seconds); }
  // Another window begins empty. One of less than ten seconds has ten.
  void set_window(int64_t seconds);
  // A connection came: it is counted, and counted as open until closed().
  Counts opened(std::string_view client, int64_t now);
  void closed(std::string_view client);
  size_t open() const;

  // Who may come in: of one daemon `per_second` within one second (ConnectionRateThrottle) and `of_daemon` until they have left()
  // (children=), of all `at_once` (MaxDaemonChildren); 0: any number.
  struct Limits { long at_once = 0, of_daemon = 0, per_second = 0; };
  enum class Turn { kYours, kTooMany, kDaemonFull, kTooFast };
  Turn enter(std::string_view daemon, int64_t now, const Limits& limits);
  void left(std::string_view daemon);

 private:
  static constexpr int kSteps = 10;
  struct Window {
    std::array<unsigned, kSteps> counts{};
    int64_t step = 0;
    void advance(int64_t to);
    unsigned sum() const;
  };
  struct Client { Window window; unsigned open = 0; std::list<std::string>::iterator seen; };
  void forget_old();

  int64_t window_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Client> clients_;
  std::list<std::string> order_;   // longest unseen first
  Window total_;
  size_t open_ = 0;
  struct Daemon { int64_t second = 0; long came = 0 /* within it */, inside = 0; };
  Daemon& daemon(std::string_view name);
  std::map<std::string, Daemon, std::less<>> daemons_;
  long inside_ = 0;
};

}  // namespace hky::policy
