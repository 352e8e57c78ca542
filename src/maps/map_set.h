// MapSet: the opened maps of one Config, by name. Opening is lazy as in sendmail: a broken map is reported when it is
// first asked (and by `hikyaku check`), an optional one (-o) that is missing just finds nothing.
// Threads: shared by all loops of a process; snapshots of files are swapped atomically when their mtime changes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "dns/names.h"
#include "ipc/agent.h"
#include "maps/map.h"

namespace hky::maps {

class MapSet {
 public:
  virtual ~MapSet() = default;
  virtual const MapSpec* find(std::string_view name) const = 0;   // name as folded by the reader
  // True: answered without blocking. False: lookup() must be awaited.
  // Not answered here: class "macro" (it belongs to the caller's scope; rewrite does it itself).
  virtual bool lookup_now(std::string_view map, std::string_view key, const std::vector<std::string>& args, MapAnswer& out) = 0;
  virtual net::Task<MapAnswer> lookup(net::Loop& loop, std::string map, std::string key, std::vector<std::string> args) = 0;
  // As alias expansion asks: the value as it stands in the map, no %0..%9.
  virtual net::Task<MapAnswer> lookup_verbatim(net::Loop& loop, std::string map, std::string key) {
    std::vector<std::string> none;
    MapAnswer a = co_await lookup(loop, std::move(map), std::move(key), std::move(none));
    co_return a;
  }
  // True once it could be opened. sendmail's /map says of others: Map named "x" not open. `why`: the reason, if there is one.
  virtual bool open(std::string_view map, std::string& why) {
    why.clear();
    return find(map) != nullptr;
  }
};

// args are %1, %2 ...; %0 is the key.

// What maps need of the world. Pointers outlive the MapSet; a null one makes the classes that need it answer kUnavailable.
struct Environment {
  std::string root;                               // prefix of every path a spec names
  const Clock* clock = nullptr;                   // null: system_clock()
  Random* random = nullptr;                       // arith rand, dns order; null: system_random()
  net::WorkerPool* workers = nullptr;             // socket, ldap, user; null: they run on the calling thread
  const dns::NameEnvironment* names = nullptr;    // host, dns, bestmx
  std::string service_switch;                     // ServiceSwitchFile
  std::vector<std::string> alias_files;           // AliasFile entries: "[class:]path", in order
  std::string ldap_default_spec;                  // LDAPDefaultSpec
  std::string user_database_spec;                 // UserDatabaseSpec
  // What a program (its path first) printed and how it ended, run as DefaultUser; null: class program finds nothing (78).
  std::function<net::Task<ipc::Outcome>(net::Loop& loop, std::vector<std::string> words)> run_program;
  std::function<std::string(const std::string& path)> distrust;    // why a file, as its spec names it, is not believed; "": it is. null: each is
  std::function<void(int priority, const std::string& text)> log;  // syslog map, dprintf, failures; null: nobody asks
};

// K-line arguments of one spec -> its fields (raw_flags, source, rest ...). `spec.args` and `spec.map_class` are read.
// Errors: an unknown class or one that is not built in (dbm, nis, nisplus, hesiod ...), a flag without its value.
Result<> parse_map_args(MapSpec& spec);

// Opens lazily. Adds the maps every sendmail has where no spec names them: "host", "aliases", "aliases.files"; and where UserDatabaseSpec
// names databases "userdb.maildrop", "userdb.mailsender", "userdb.mailname".
// Each spec must have been through parse_map_args (specs whose `source` and `raw_flags` are empty are parsed here).
std::unique_ptr<MapSet> open_map_set(std::vector<MapSpec> specs, Environment env);


}  // namespace hky::maps
