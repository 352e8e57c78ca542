// What the tests, the bench and the fuzz target of rewrite share: maps that answer from a table, a trace kept as text.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cf/reader.h"
#include "maps/map_set.h"
#include "rewrite/machine.h"
#include "rewrite/program.h"

namespace hky::rewrite::test {

class ScriptedMaps : public maps::MapSet {
 public:
  explicit ScriptedMaps(const cf::Config& config) {
    for (const maps::MapSpec& spec : config.maps) specs_[spec.name] = spec;
    if (specs_.count("host") == 0) {
      specs_["host"].name = "host";
      specs_["host"].map_class = "host";
    }
  }
  void put(const std::string& map, const std::string& key, std::string value) {
    maps::MapAnswer& a = table_[{map, key}];
    a.status = maps::Status::kOk;
    a.value = std::move(value);
  }
  void fail(const std::string& map, const std::string& key, std::string message = "") {
    maps::MapAnswer& a = table_[{map, key}];
    a.status = maps::Status::kTempFail;
    a.message = std::move(message);
  }
  bool slow = false;  // nothing is answered at once
  std::vector<std::string> asked;

  const maps::MapSpec* find(std::string_view name) const override {
    auto it = specs_.find(name);
    return it == specs_.end() ? nullptr : &it->second;
  }
  bool lookup_now(std::string_view map, std::string_view key, const std::vector<std::string>& args, maps::MapAnswer& out) override {
    if (slow) return false;
    out = answer_to(std::string(map), std::string(key), args);
    return true;
  }
  net::Task<maps::MapAnswer> lookup(net::Loop&, std::string map, std::string key, std::vector<std::string> args) override {
    co_return answer_to(map, key, args);
  }
  maps::MapAnswer answer_to(const std::string& map, const std::string& key, const std::vector<std::string>& args) {
    if (keep_asked) {
      asked.push_back(map + "(" + key + ")");
      for (const std::string& a : args) asked.back() += " @ " + a;
    }
    auto it = table_.find({map, key});
    return it == table_.end() ? maps::MapAnswer{} : it->second;
  }
  bool keep_asked = true;

 private:
  std::map<std::string, maps::MapSpec, std::less<>> specs_;
  std::map<std::pair<std::string, std::string>, maps::MapAnswer> table_;
};

class Lines : public TraceSink {
 public:
  void line(std::string text) override { all += text + "\n"; }
  void error(std::string text) override { all += "! " + text + "\n"; }
  int level() const override { return debug; }
  std::string all;
  int debug = 1;  // -d21.N
};

}  // namespace hky::rewrite::test
