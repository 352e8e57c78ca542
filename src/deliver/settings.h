// Settings: what a Deliverer needs to know and to hold: one immutable set a configuration, and the doors.
// Who fills it: cmd (the engine's start and reload). Units: seconds. Threads: Services belong to one loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/log.h"
#include "base/random.h"
#include "base/traffic.h"
#include "base/traffic_log.h"
#include "dns/names.h"
#include "ipc/agent.h"
#include "maps/map_set.h"
#include "net/stream.h"
#include "queue/queue.h"
#include "queue/schedule.h"
#include "rewrite/machine.h"

namespace hky::deliver {

// sendmail: Timeout.* of the client side (RFC 5321 4.5.3.2).
struct Timeouts {
  int connect = 0, initial_connect = 0;  // 0: 5 minutes
  int all_connects = 0;                  // aconnect: all hosts of a delivery together; 0: any time
  int initial = 300, helo = 300, mail = 600, rcpt = 3600, data_init = 300, data_block = 3600, data_final = 3600;
  int rset = 300, quit = 120, misc = 120, lhlo = 120;
};

// From where connections are made.
struct ClientPort {
  net::LocalEnd from;
  bool helo_by_interface = false;        // Modifiers=h: HELO says what the address is called that they come from
};

struct Policy {
  Timeouts timeouts;
  queue::RetryOptions retry;             // MinQueueAge, MaxQueueAge, Timeout.queuereturn, Timeout.queuewarn
  int cache_connections = 2;             // ConnectionCacheSize, a loop
  int cache_seconds = 300;               // ConnectionCacheTimeout
  int destination_connections = 20;      // connections to one destination a loop
  int messages_per_connection_waiting = 8;  // one more connection is opened when more wait for each open one
  int max_concurrent_jobs = 400;         // jobs taken from the queue at once, a loop
  char eight_bit_mode = 'p';             // EightBitMode: 8-bit text that nobody labelled passes (p), is labelled (m), was refused (s)
  std::string default_charset = "unknown-8bit";  // DefaultCharSet
  std::string double_bounce = "postmaster";  // DoubleBounceAddress
  std::string post_master_copy;          // PostmasterCopy
  bool no_return_body = false;           // PrivacyOptions=nobodyreturn
  bool no_actual_rcpt = false;           // PrivacyOptions=noactualrecipient
  bool no_receipts = false;              // PrivacyOptions=noreceipts
  bool blank_after_cut = true;           // mail::BodyStyle; without any MaxMimeHeaderLength not
  uint64_t max_return_body = 1u << 20;   // bytes of the message that go back with a report
  int dial_delay = 0;                    // DialDelay, for mailers with F=Z
  bool compressed_ipv6 = false;          // UseCompressedIPv6Addresses
  ClientPort client, client6;            // ClientPortOptions of Family=inet, inet6
  std::string host_status_directory;     // HostStatusDirectory, with its root; "": none
  int64_t host_status_seconds = 1800;    // Timeout.hoststatus
  bool single_thread = false;            // SingleThreadDelivery, which needs that directory
  uint16_t smtp_port = 25;
  int gmt_offset_minutes = 0;
  std::string root;                      // --root: mailboxes and files are below it
};

// One configuration as the deliverers see it.
struct Settings {
  std::shared_ptr<const cf::Config> config;
  std::shared_ptr<const rewrite::Program> program;
  std::shared_ptr<maps::MapSet> maps;
  std::shared_ptr<const dns::NameEnvironment> names;
  Policy policy;
};

class HostStates;

struct Services {
  net::Loop& loop;
  const Clock& clock;
  Random& random;
  net::Network& network;
  queue::Queue& queue;
  ipc::Agent& agent;
  Log& log;
  Traffic* traffic = nullptr;            // null: nothing is counted
  TrafficLog* traffic_log = nullptr;     // -X of the daemon; null: none
  HostStates* hosts = nullptr;           // null: nothing is kept, whatever HostStatusDirectory says
  FileSystem* files = nullptr;           // null: an ErrorHeader that is a file is left out
};

}  // namespace hky::deliver
