// Classes that ask names: host ($[ $]), dns, bestmx. sendmail: host_map_lookup(), dns_map_lookup(), bestmx_map_lookup().
#include <charconv>

#include <fmt/format.h>

#include "base/strings.h"
#include "maps/class_map.h"
#include "maps/value.h"

namespace hky::maps {
namespace {

class HostMap : public ClassMap {
 public:
  using ClassMap::ClassMap;

  net::Task<MapAnswer> lookup(net::Loop& loop, Question q) override {
    if (world_.env.names == nullptr) co_return missed(kExUnavailable);
    if (!q.key.empty() && q.key[0] == '[') {
      MapAnswer literal = co_await reverse(loop, q);
      co_return literal;
    }
    dns::CanonicalName c = co_await dns::canonical_name(loop, *world_.env.names, q.key, !world_.env.names->has_wildcard_mx);
    if (c.status == dns::Status::kOk) co_return found(q, c.name);
    MapAnswer a = not_found(c.status, q.key);
    if (!c.message.empty() && first_time(q.key)) a.message = c.message;
    co_return a;
  }

 private:
  // sendmail remembers answers by name for all host maps, so a loop of aliases is complained of once.
  bool first_time(const std::string& key) {
    constexpr size_t kRemembered = 1000;
    const std::lock_guard lock(world_.mutex);
    if (world_.loops_said.size() >= kRemembered) world_.loops_said.clear();
    return world_.loops_said.insert(key).second;
  }

  static MapAnswer not_found(dns::Status status, const std::string& key) {
    if (status == dns::Status::kDeferred) return missed(kExTempFail);
    if (status != dns::Status::kTempFail) return missed(kExNotFound);
    MapAnswer a = missed(kExTempFail);
    // sendmail: shortenstring(name, 33)
    const std::string_view k = key;
    a.message = k.size() <= 33 ? fmt::format("{}: Name server timeout", k) : fmt::format("{}...{}: Name server timeout", k.substr(0, 15), k.substr(k.size() - 15));
    return a;
  }

  net::Task<MapAnswer> reverse(net::Loop& loop, const Question& q) {
    const size_t end = q.key.find(']');
    if (end == std::string::npos) co_return missed(0);
    std::string address = dns::canonical_address(std::string_view(q.key).substr(1, end - 1));
    if (address.empty()) {
      MapAnswer none = missed(kExNotFound);
      none.exit_code = kExUnavailable;  // sendmail: nothing was asked, so there is no h_errno to tell why
      co_return none;
    }
    dns::NameOfAddress n = co_await dns::name_of(loop, *world_.env.names, std::move(address));
    if (n.status == dns::Status::kOk) co_return found(q, n.name);
    co_return not_found(n.status, q.key);
  }
};

class DnsMap : public ClassMap {
 public:
  DnsMap(MapSpec spec, World& world) : ClassMap(std::move(spec), world) {
    std::string value;
    flag_value(spec_, 'R', value);
    dns::type_from_name(value, type_);
    flag_value(spec_, 'B', base_);
    if (flag_value(spec_, 'Z', value)) std::from_chars(value.data(), value.data() + value.size(), max_);
  }

  net::Task<MapAnswer> lookup(net::Loop& loop, Question q) override {
    if (world_.env.names == nullptr) co_return missed(kExUnavailable);
    std::string name = q.key;
    if (!base_.empty()) name += "." + base_;
    dns::Answer answer = co_await dns::search(loop, *world_.env.names, std::move(name), type_);
    if (answer.status == dns::Status::kTempFail || answer.status == dns::Status::kDeferred) co_return missed(kExTempFail);
    std::string joined;
    size_t count = 0;
    for (const auto& r : answer.records) {
      if (r.type != type_ || (max_ != 0 && count >= max_)) continue;
      if (count != 0) joined += spec_.column_delimiter;
      joined += text_of(r);
      ++count;
      if (spec_.column_delimiter.empty()) break;
    }
    if (count == 0) co_return missed(kExNotFound);
    co_return found(q, joined);
  }

 private:
  static std::string text_of(const dns::Record& r) {
    if (r.type == dns::Type::kAaaa) return "IPv6:" + dns::ipv6_full(r.data);
    if (r.data == "." && r.type != dns::Type::kTxt) return {};
    std::string out = r.data;
    for (char& c : out) {
      if (static_cast<unsigned char>(c) < 32 || static_cast<unsigned char>(c) > 126) c = 'X';  // sendmail: strreplnonprt()
    }
    return out;
  }
  dns::Type type_ = dns::Type::kA;
  std::string base_;
  size_t max_ = 0;
};

class BestMxMap : public ClassMap {
 public:
  using ClassMap::ClassMap;

  net::Task<MapAnswer> lookup(net::Loop& loop, Question q) override {
    if (world_.env.names == nullptr) co_return missed(kExUnavailable);
    dns::MxList mx = co_await dns::mx_of(loop, *world_.env.names, q.key, &world_.random());
    if (mx.status == dns::Status::kTempFail || mx.status == dns::Status::kDeferred) co_return missed(kExTempFail);
    if (mx.null_mx) co_return missed(kExUnavailable);  // RFC 7505
    if (mx.hosts.empty()) co_return missed(mx.status == dns::Status::kNoData ? 0 : kExNotFound);
    std::string joined;
    for (const auto& h : mx.hosts) {
      if (!joined.empty()) joined += spec_.column_delimiter;
      joined += h.host;
      if (h.host.empty() || (h.host.back() != '.' && h.host.back() != ']')) joined += '.';
      if (spec_.column_delimiter.empty()) break;
    }
    co_return found(q, joined);
  }
};

}  // namespace

std::unique_ptr<Map> make_dns_map(MapSpec spec, World& world) {
  if (spec.map_class == "host") return std::make_unique<HostMap>(std::move(spec), world);
  if (spec.map_class == "dns") return std::make_unique<DnsMap>(std::move(spec), world);
  if (spec.map_class == "bestmx") return std::make_unique<BestMxMap>(std::move(spec), world);
  return nullptr;
}

}  // namespace hky::maps
