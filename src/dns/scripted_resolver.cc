#include "dns/scripted_resolver.h"

#include <charconv>

#include "base/strings.h"
#include "dns/names.h"

namespace hky::dns {
namespace {

std::string plain(std::string_view s) {
  std::string out = lower(s);
  if (out.size() > 1 && out.back() == '.') out.pop_back();
  return out;
}

std::string_view parent(std::string_view name) {
  const size_t dot = name.find('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

std::string_view next_word(std::string_view& line) {
  const size_t start = line.find_first_not_of(" \t\r");
  if (start == std::string_view::npos) {
    line = {};
    return {};
  }
  line.remove_prefix(start);
  const size_t end = line.find_first_of(" \t\r");
  const auto word = line.substr(0, end);
  line.remove_prefix(word.size());
  return word;
}

Record make_record(const std::string& owner, Type type, std::string_view data) {
  Record r;
  r.owner = owner;
  r.type = type;
  if (type == Type::kMx) {
    const auto pref = next_word(data);
    std::from_chars(pref.data(), pref.data() + pref.size(), r.preference);
    data = next_word(data);
  }
  r.data = data;
  if (type != Type::kTxt && r.data.size() > 1 && r.data.back() == '.') r.data.pop_back();
  return r;
}

}  // namespace

ScriptedResolver::ScriptedResolver(std::string_view zone, std::vector<std::string> search, int ndots)
    : search_(std::move(search)), ndots_(ndots) {
  while (!zone.empty()) {
    const size_t end = zone.find('\n');
    auto line = zone.substr(0, end);
    zone.remove_prefix(end == std::string_view::npos ? zone.size() : end + 1);
    line = line.substr(0, line.find('#'));
    const std::string name = plain(next_word(line));
    const std::string type(next_word(line));
    if (name.empty() || type.empty()) continue;
    const size_t start = line.find_first_not_of(" \t\r");
    auto data = start == std::string_view::npos ? std::string_view() : line.substr(start);
    data = data.substr(0, data.find_last_not_of(" \t\r") + 1);
    zone_[name].emplace_back(type, data);
    for (auto p = parent(name); !p.empty(); p = parent(p)) parents_.emplace(p);
  }
}

ScriptedResolver::Found ScriptedResolver::find(const std::string& name) const {
  Found f;
  for (std::string_view n = name; !n.empty(); n = parent(n)) {
    const auto it = zone_.find(std::string(n));
    if (it == zone_.end()) continue;
    for (const auto& [type, data] : it->second) {
      if (type == "SERVFAIL") f.servfail = true;
    }
  }
  if (f.servfail) return f;
  if (const auto it = zone_.find(name); it != zone_.end()) {
    f.exists = true;
    f.records = &it->second;
    return f;
  }
  if (parents_.count(name) != 0) {
    f.exists = true;
    return f;
  }
  // RFC 4592 3.3.1: the wildcard of the closest encloser only.
  for (auto p = parent(name); !p.empty(); p = parent(p)) {
    if (const auto it = zone_.find("*." + std::string(p)); it != zone_.end()) {
      f.exists = true;
      f.records = &it->second;
      return f;
    }
    if (zone_.count(std::string(p)) != 0) break;
  }
  return f;
}

Answer ScriptedResolver::answer(std::string_view asked, Type type) {
  ++questions_;
  Answer a;
  a.secure = secure_;
  a.ttl = 3600;
  a.canonical = plain(asked);
  std::unordered_set<std::string> seen;
  for (;;) {
    const Found f = find(a.canonical);
    if (f.servfail) {
      a.status = Status::kTempFail;
      return a;
    }
    a.status = f.exists ? Status::kNoData : Status::kNxDomain;
    if (f.records == nullptr) return a;
    const std::string* alias = nullptr;
    for (const auto& [type_text, data] : *f.records) {
      Type t{};
      if (!type_from_name(type_text, t)) continue;
      if (t == Type::kCname) alias = &data;
      if (t == type) a.records.push_back(make_record(a.canonical, t, data));
    }
    if (!a.records.empty()) a.status = Status::kOk;
    if (alias == nullptr || type == Type::kCname) return a;
    a.had_cname = true;
    if (!seen.insert(a.canonical).second || seen.size() > 16) {
      a.status = Status::kNoData;
      a.cname_loop = a.canonical;
      return a;
    }
    a.canonical = plain(*alias);
  }
}

net::Task<Answer> ScriptedResolver::query(net::Loop&, std::string name, Type type) { co_return answer(name, type); }

}  // namespace hky::dns
