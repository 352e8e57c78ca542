// What the map classes of this folder share: the base of their implementations and the world they ask.
// Private to src/maps.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "maps/map_set.h"

namespace hky::maps {

// sysexits as the classes hand them back (sendmail: EX_NOTFOUND is EX_NOHOST).
inline constexpr int kExNotFound = 68;
inline constexpr int kExUnavailable = 69;
inline constexpr int kExTempFail = 75;
inline constexpr int kExConfig = 78;

// Shared by all maps of one MapSet; outlives them.
struct World {
  Environment env;
  std::function<Map*(std::string_view)> find_map;  // other maps, for sequence and switch
  std::mutex mutex;
  std::set<std::string> loops_said;                // names whose loop of aliases was complained of (host maps)
  const Clock& clock() const { return env.clock != nullptr ? *env.clock : system_clock(); }
  Random& random() const { return env.random != nullptr ? *env.random : system_random(); }
  std::string path(const std::string& p) const { return env.root + p; }
  // A service's entries in the service switch file: "files dns". Empty: the file or the service is missing.
  std::vector<std::string> services(std::string_view service) const;
};

class ClassMap : public Map {
 public:
  ClassMap(MapSpec spec, World& world) : spec_(std::move(spec)), world_(world) {}
  const MapSpec& spec() const override { return spec_; }
  bool open(std::string&) override { return true; }
  bool lookup_now(const Question&, MapAnswer&) override { return false; }
  net::Task<MapAnswer> lookup(net::Loop&, Question q) override {
    MapAnswer out;
    lookup_now(q, out);
    co_return out;
  }

 protected:
  static MapAnswer missed(int exit_code);  // the status follows from it; 0 is a plain "not found"
  // value with %0..%9 filled in and -a appended; with -m the key stands for the value (and takes no %).
  MapAnswer found(const Question& q, std::string_view value) const;
  std::string fold_key(const std::string& key) const;
  // Runs work on the worker pool, or here where there is none.
  net::Task<MapAnswer> run_aside(net::Loop& loop, std::function<MapAnswer()> work) const;

  MapSpec spec_;
  World& world_;
};

// One function a class family. Null: the class is not theirs.
std::unique_ptr<Map> make_file_map(MapSpec spec, World& world);       // hash btree text implicit stab
std::unique_ptr<Map> make_plain_map(MapSpec spec, World& world);      // null dequote arith regex syslog dprintf
std::unique_ptr<Map> make_composite_map(MapSpec spec, World& world);  // sequence switch
std::unique_ptr<Map> make_dns_map(MapSpec spec, World& world);        // host dns bestmx
std::unique_ptr<Map> make_system_map(MapSpec spec, World& world);     // user userdb program socket
std::unique_ptr<Map> make_ldap_map(MapSpec spec, World& world);       // ldap

// The value of a class-specific flag in spec.raw_flags: flag_value(spec, 'R', v) for "-RMX". The last one wins.
bool flag_value(const MapSpec& spec, char flag, std::string& value);
// "notice", "LOG_NOTICE": syslog(3)'s number; -1: there is none.
int syslog_priority(std::string_view name);
bool flag_set(const MapSpec& spec, char flag);
// "3", "10s", "2m" ... with `unit` where none is written; seconds.
long parse_interval(std::string_view text, char unit);

}  // namespace hky::maps
