// sequence: members asked in order until one answers. switch: the same, its members named by the service switch file.
// sendmail: seq_map_lookup(), switch_map_open().
#include <fmt/format.h>

#include "base/strings.h"
#include "maps/class_map.h"

namespace hky::maps {
namespace {

class SequenceMap : public ClassMap {
 public:
  using ClassMap::ClassMap;

  bool open(std::string& why) override {
    const auto found = members();
    if (!found.empty()) return true;
    if (spec_.map_class == "sequence") why = fmt::format("Sequence map {}: no member map is known", spec_.name);
    return false;
  }

  bool lookup_now(const Question& q, MapAnswer& out) override {
    bool tempfail = false;
    for (Map* m : members()) {
      std::string why;
      if (!m->open(why)) {
        note_unopened(*m, out, tempfail);
        continue;
      }
      if (!m->lookup_now(q, out)) return false;
      if (out.status == Status::kOk) return true;
      tempfail = tempfail || out.status == Status::kTempFail;
    }
    finish(out, tempfail);
    return true;
  }

  net::Task<MapAnswer> lookup(net::Loop& loop, Question q) override {
    bool tempfail = false;
    MapAnswer out;
    const std::vector<Map*> list = members();
    for (Map* m : list) {
      std::string why;
      if (!m->open(why)) {
        note_unopened(*m, out, tempfail);
        continue;
      }
      if (!m->lookup_now(q, out)) out = co_await m->lookup(loop, q);
      if (out.status == Status::kOk) co_return out;
      tempfail = tempfail || out.status == Status::kTempFail;
    }
    finish(out, tempfail);
    co_return out;
  }

 private:
  std::vector<Map*> members() const {
    std::vector<Map*> out;
    std::vector<std::string> names = spec_.rest;
    if (spec_.map_class == "switch") {
      names.clear();
      auto services = world_.services(spec_.source);
      if (services.empty()) services = {"files"};
      for (const auto& s : services) names.push_back(spec_.name + "." + s);
    }
    for (const auto& n : names) {
      Map* m = world_.find_map(n);
      if (m != nullptr && m != this) out.push_back(m);
    }
    return out;
  }

  static void note_unopened(const Map& m, MapAnswer& out, bool& tempfail) {
    out = missed(kExNotFound);
    if (!m.spec().optional) tempfail = true;
  }

  static void finish(MapAnswer& out, bool tempfail) {
    std::string message = std::move(out.message);
    out = missed(tempfail ? kExTempFail : kExNotFound);
    out.message = std::move(message);
  }
};

}  // namespace

std::unique_ptr<Map> make_composite_map(MapSpec spec, World& world) {
  if (spec.map_class == "sequence" || spec.map_class == "switch") return std::make_unique<SequenceMap>(std::move(spec), world);
  return nullptr;
}

}  // namespace hky::maps
