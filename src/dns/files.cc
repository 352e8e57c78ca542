#include "dns/files.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/strings.h"

namespace hky::dns {
namespace {

template <class F>
void each_line(std::string_view text, F f) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    f(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

int number_after(std::string_view word, std::string_view key, int old, int max) {
  if (word.substr(0, key.size()) != key) return old;
  word.remove_prefix(key.size());
  int value = old;
  std::from_chars(word.data(), word.data() + word.size(), value);
  return std::clamp(value, 0, max);
}

std::string without_dot(std::string name) {
  if (name.size() > 1 && name.back() == '.') name.pop_back();
  return name;
}

}  // namespace

ResolvConf parse_resolv_conf(std::string_view text) {
  ResolvConf conf;
  each_line(text, [&conf](std::string_view line) {
    if (line.empty() || line[0] == '#' || line[0] == ';') return;
    const auto w = split_words(line);
    if (w.size() < 2) return;
    if (w[0] == "nameserver") {
      if (conf.nameservers.size() < 3) conf.nameservers.emplace_back(w[1]);  // resolver(5): MAXNS
    } else if (w[0] == "domain") {
      conf.search = {without_dot(lower(w[1]))};
    } else if (w[0] == "search") {
      conf.search.clear();
      for (size_t i = 1; i < w.size() && i <= 32; ++i) conf.search.push_back(without_dot(lower(w[i])));
    } else if (w[0] == "options") {
      for (size_t i = 1; i < w.size(); ++i) {
        conf.ndots = number_after(w[i], "ndots:", conf.ndots, 15);
        conf.timeout_seconds = number_after(w[i], "timeout:", conf.timeout_seconds, 30);
        conf.attempts = number_after(w[i], "attempts:", conf.attempts, 5);
      }
    }
  });
  std::erase(conf.search, ".");
  if (conf.nameservers.empty()) conf.nameservers.emplace_back("127.0.0.1");
  return conf;
}

HostsTable HostsTable::parse(std::string_view text) {
  HostsTable table;
  each_line(text, [&table](std::string_view line) {
    const auto w = split_words(line.substr(0, line.find('#')));
    if (w.size() < 2) return;
    const std::string address = canonical_address(w[0]);
    if (address.empty()) return;
    const size_t index = table.entries_.size();
    Entry entry;
    entry.address = address;
    for (size_t i = 1; i < w.size(); ++i) {
      entry.names.emplace_back(w[i]);
      table.by_name_[lower(w[i])].push_back(index);
    }
    table.entries_.push_back(std::move(entry));
    table.by_address_.emplace(address, index);
  });
  return table;
}

const HostsTable::Entry* HostsTable::by_name(std::string_view name) const {
  const auto it = by_name_.find(lower(name));
  return it == by_name_.end() ? nullptr : &entries_[it->second.front()];
}

const HostsTable::Entry* HostsTable::by_address(std::string_view address) const {
  const auto it = by_address_.find(canonical_address(address));
  return it == by_address_.end() ? nullptr : &entries_[it->second];
}

std::vector<std::string> HostsTable::addresses(std::string_view name) const {
  std::vector<std::string> out;
  const auto it = by_name_.find(lower(name));
  if (it == by_name_.end()) return out;
  for (const size_t i : it->second) {
    if (std::find(out.begin(), out.end(), entries_[i].address) == out.end()) out.push_back(entries_[i].address);
  }
  return out;
}

std::string canonical_address(std::string_view text) {
  if (text.size() > 5 && lower(text.substr(0, 5)) == "ipv6:") text.remove_prefix(5);
  if (text.empty() || text.size() > 64) return {};
  const std::string s(text);
  std::array<char, INET6_ADDRSTRLEN> out{};
  in_addr v4{};
  if (inet_pton(AF_INET, s.c_str(), &v4) == 1) return inet_ntop(AF_INET, &v4, out.data(), out.size());
  in6_addr v6{};
  if (inet_pton(AF_INET6, s.c_str(), &v6) == 1) return inet_ntop(AF_INET6, &v6, out.data(), out.size());
  return {};
}

std::string ipv6_full(std::string_view address) {
  in6_addr v6{};
  if (inet_pton(AF_INET6, std::string(address).c_str(), &v6) != 1) return std::string(address);
  std::string out;
  for (size_t i = 0; i < 16; i += 2) {
    if (i != 0) out += ':';
    out += fmt::format("{:x}", v6.s6_addr[i] * 256 + v6.s6_addr[i + 1]);
  }
  return out;
}

std::string shown_address(std::string_view address, bool compressed) {
  if (address.find(':') == std::string_view::npos) return std::string(address);
  return "IPv6:" + (compressed ? std::string(address) : ipv6_full(address));
}

std::string reverse_name(std::string_view address) {
  const std::string s = canonical_address(address);
  if (s.empty()) return {};
  in_addr v4{};
  if (inet_pton(AF_INET, s.c_str(), &v4) == 1) {
    const auto* b = reinterpret_cast<const unsigned char*>(&v4);
    return fmt::format("{}.{}.{}.{}.in-addr.arpa", b[3], b[2], b[1], b[0]);
  }
  in6_addr v6{};
  inet_pton(AF_INET6, s.c_str(), &v6);
  std::string out;
  for (int i = 15; i >= 0; --i) out += fmt::format("{:x}.{:x}.", v6.s6_addr[i] & 15, v6.s6_addr[i] >> 4);
  return out + "ip6.arpa";
}

}  // namespace hky::dns
