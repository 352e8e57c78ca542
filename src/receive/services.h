// What receiving mail needs to know and to hold: Settings are one immutable set a configuration, Services the doors of one loop.
// Who fills them: cmd (the engine's start and reload); tests. Threads: Services belong to one loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "auth/sasl.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/traffic.h"
#include "dns/names.h"
#include "ipc/agent.h"
#include "maps/map_set.h"
#include "net/stream.h"
#include "policy/header_check.h"
#include "policy/load.h"
#include "policy/rates.h"
#include "queue/queue.h"
#include "receive/help.h"
#include "rewrite/machine.h"

namespace hky::receive {

struct NamedMacro { cf::NameId id; const char* name; };

struct Settings {
  Settings(std::shared_ptr<const cf::Config> c, std::shared_ptr<const rewrite::Program> p, std::shared_ptr<maps::MapSet> m);
  std::shared_ptr<const cf::Config> config;
  std::shared_ptr<const rewrite::Program> program;
  std::shared_ptr<maps::MapSet> maps;
  policy::HeaderChecks header_checks;
  std::vector<NamedMacro> header_macros;   // envelope_macros.h
  int gmt_offset_minutes = 0;
  std::string alias_map = "aliases";
};

// One listening daemon (DaemonPortOptions): what the rulesets see of it.
struct Daemon {
  std::string name = "MTA";      // Name=; "": no daemon, a command
  std::string flags;             // M=, as {daemon_flags} spells them: "c u", upper case doubled
  std::string family = "inet";
  std::string address;           // {daemon_addr}
  uint16_t port = 25;
  char delivery_mode = 0;        // DeliveryMode=; 0: the option's
  long children = 0;             // children=: of this daemon, beside MaxDaemonChildren
  long refuse_la = 0, delay_la = 0, queue_la = 0;   // refuseLA= ...; 0: the options'
};

// What is free on a file system; MinFreeBlocks counts in its blocks.
struct DiskSpace {
  int64_t bytes = 0, block = 1024;
};

struct Services {
  net::Loop& loop;
  const Clock& clock;
  queue::Queue& queue;
  ipc::Agent& agent;
  const dns::NameEnvironment& names;
  policy::Rates& rates;
  Log& log;
  std::function<std::shared_ptr<const Settings>()> settings;   // the snapshot of now
  std::function<DiskSpace()> space;                            // of the queue's disk; may be empty
  auth::Sasl* sasl = nullptr;                                  // null: no AUTH
  Traffic* traffic = nullptr;                                  // null: nothing is counted
  std::function<void(queue::Job)> deliver_later;               // a leased job, by another configuration; empty: the queue's own deliverers
  // VERB: a leased job, while the client waits, line by line; empty: nothing is shown.
  std::function<net::Task<>(queue::Job, std::function<void(std::string)>)> deliver_shown;
  const policy::Load* load = nullptr;                          // the machine's; null: it has none
  HelpReader read_help;                                        // HelpFile; empty: there is none
};

}  // namespace hky::receive
