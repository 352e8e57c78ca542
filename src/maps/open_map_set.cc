// The MapSet of a running system: every K line's map, opened when it is first asked, and the maps that are always there.
// sendmail: initmaps(), setalias().
#include <atomic>
#include <unordered_map>

#include <fmt/format.h>

#include "base/strings.h"
#include "maps/class_map.h"

namespace hky::maps {
namespace {

constexpr int kLogError = 3;   // LOG_ERR

// Where a class cannot be had: the reason, with file and line, at every look-up.
class BrokenMap : public ClassMap {
 public:
  BrokenMap(MapSpec spec, World& world, std::string why) : ClassMap(std::move(spec), world), why_(std::move(why)) {}
  bool open(std::string& why) override {
    why = why_;
    return false;
  }
  bool lookup_now(const Question&, MapAnswer& out) override {
    out = missed(kExTempFail);
    out.message = why_;
    return true;
  }

 private:
  std::string why_;
};

// Known to find(), answered by rewrite itself.
class MacroMap : public ClassMap {
 public:
  using ClassMap::ClassMap;
  bool lookup_now(const Question&, MapAnswer& out) override {
    out.status = Status::kOk;
    out.exit_code = 0;
    out.value.clear();
    return true;
  }
};

struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
};

class OpenedMaps : public MapSet {
 public:
  OpenedMaps(std::vector<MapSpec> specs, Environment env) {
    world_.env = std::move(env);
    world_.find_map = [this](std::string_view name) -> Map* {
      const auto it = maps_.find(name);
      return it == maps_.end() ? nullptr : it->second.map.get();
    };
    for (auto& s : specs) add(std::move(s));
    add_built_in("host", "host", "-a.");
    add_aliases();
    if (!world_.env.user_database_spec.empty())   // sendmail: udb.c: a field's values, however many
      for (const char* field : {"maildrop", "mailsender", "mailname"}) add_built_in(fmt::format("userdb.{}", field), "userdb", fmt::format("-z, {}", field));
  }

  const MapSpec* find(std::string_view name) const override {
    const auto it = maps_.find(name);
    return it == maps_.end() ? nullptr : &it->second.map->spec();
  }

  bool open(std::string_view name, std::string& why) override {
    const auto it = maps_.find(name);
    return it != maps_.end() && ready(it->second, why);
  }

  bool lookup_now(std::string_view name, std::string_view key, const std::vector<std::string>& args, MapAnswer& out) override {
    const auto it = maps_.find(name);
    if (it == maps_.end()) {
      out = unknown(name);
      return true;
    }
    Entry& e = it->second;
    Question q(std::string(key), args, Ask::kRule);
    return prepared(e, out) || e.map->lookup_now(q, out);
  }

  net::Task<MapAnswer> lookup(net::Loop& loop, std::string name, std::string key, std::vector<std::string> args) override {
    Question q(std::move(key), std::move(args), Ask::kRule);
    MapAnswer out = co_await ask(loop, std::move(name), std::move(q));
    co_return out;
  }

  net::Task<MapAnswer> lookup_verbatim(net::Loop& loop, std::string name, std::string key) override {
    std::vector<std::string> none;
    Question q(std::move(key), std::move(none), Ask::kVerbatim);
    MapAnswer out = co_await ask(loop, std::move(name), std::move(q));
    co_return out;
  }

 private:
  struct Entry {
    std::unique_ptr<Map> map;
    std::atomic<bool> opened{false};
    std::atomic<bool> complained{false};  // why it cannot be opened is said once
  };

  static MapAnswer unknown(std::string_view name) {
    MapAnswer a;
    a.status = Status::kConfig;
    a.exit_code = kExConfig;
    a.message = fmt::format("map {} not found", name);
    return a;
  }

  net::Task<MapAnswer> ask(net::Loop& loop, std::string name, Question q) {
    const auto it = maps_.find(name);
    if (it == maps_.end()) co_return unknown(name);
    Entry& e = it->second;
    MapAnswer out;
    if (!prepared(e, out) && !e.map->lookup_now(q, out)) out = co_await e.map->lookup(loop, std::move(q));
    co_return out;
  }

  static bool ready(Entry& e, std::string& why) {
    if (e.opened.load(std::memory_order_acquire)) return true;
    if (!e.map->open(why)) return false;
    e.opened.store(true, std::memory_order_release);
    return true;
  }

  // What the operator can do, for the log.
  static std::string cure(const MapSpec& spec) {
    if (spec.map_class != "hash" && spec.map_class != "btree") return "";
    return fmt::format("; look-ups fail for now. Make it: makemap {} {} < {}, or mark it optional (-o)", spec.map_class, spec.source, spec.source);
  }

  // True: the map cannot be opened, and `out` says so.
  bool prepared(Entry& e, MapAnswer& out) {
    const MapSpec& spec = e.map->spec();
    std::string why;
    if (ready(e, why)) return false;
    out.status = spec.optional ? Status::kNotFound : Status::kTempFail;
    out.exit_code = spec.optional ? 0 : kExTempFail;
    if (!e.complained.exchange(true)) {
      if (world_.env.log && !why.empty() && !spec.optional) world_.env.log(kLogError, why + cure(spec));
      out.message = std::move(why);
    }
    return true;
  }

  std::unique_ptr<Map> make(MapSpec spec) {
    if (spec.source.empty() && spec.raw_flags.empty()) {
      if (auto r = parse_map_args(spec); !r.ok()) {
        std::string why = fmt::format("{}: line {}: {}", spec.file, spec.line, r.error().text);
        return std::make_unique<BrokenMap>(std::move(spec), world_, std::move(why));
      }
    }
    for (auto* family : {make_file_map, make_plain_map, make_composite_map, make_dns_map, make_system_map, make_ldap_map}) {
      if (auto m = family(spec, world_)) return m;
    }
    if (spec.map_class == "macro") return std::make_unique<MacroMap>(std::move(spec), world_);
    std::string why = fmt::format("{}: line {}: readcf: map {}: class {} not available", spec.file, spec.line, spec.name, spec.map_class);
    return std::make_unique<BrokenMap>(std::move(spec), world_, std::move(why));
  }

  void add(MapSpec spec) {
    const std::string name = spec.name;
    maps_[name].map = make(std::move(spec));
  }

  void add_built_in(const std::string& name, const std::string& map_class, const std::string& args) {
    if (maps_.find(name) != maps_.end()) return;
    MapSpec spec;
    spec.name = name;
    spec.map_class = map_class;
    spec.args = args;
    add(std::move(spec));
  }

  // sendmail: each AliasFile is a map Alias0, Alias1 ...; aliases.files is their sequence, aliases the service switch.
  void add_aliases() {
    std::string members;
    int n = 0;
    for (const auto& entry : world_.env.alias_files) {
      const std::string name = fmt::format("alias{}", n++);
      const size_t colon = entry.find(':');
      const bool has_class = colon != std::string::npos && entry.find('/') > colon;
      add_built_in(name, has_class ? entry.substr(0, colon) : "implicit", has_class ? entry.substr(colon + 1) : entry);
      members += name + " ";
    }
    add_built_in("aliases.files", n == 0 ? "null" : "sequence", members);
    add_built_in("aliases", "switch", "aliases");
  }

  World world_;
  std::unordered_map<std::string, Entry, StringHash, std::equal_to<>> maps_;
};

}  // namespace

std::unique_ptr<MapSet> open_map_set(std::vector<MapSpec> specs, Environment env) {
  return std::make_unique<OpenedMaps>(std::move(specs), std::move(env));
}

}  // namespace hky::maps
