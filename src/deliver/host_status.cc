#include "deliver/host_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "base/strings.h"
#include "base/sysexits.h"

namespace hky::deliver {
namespace {

constexpr size_t kLongestHost = 255;

template <typename N>
N number_of(std::string_view text) {
  N n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

}  // namespace

Result<HostStatus> HostStatus::read(std::string_view file) {
  HostStatus s;
  bool versioned = false;
  while (!file.empty()) {
    const size_t end = file.find('\n');
    const std::string_view line = file.substr(0, end);
    file.remove_prefix(end == std::string_view::npos ? file.size() : end + 1);
    if (line.empty()) continue;
    const std::string_view value = line.substr(1);
    switch (line.front()) {
      case 'V':
        if (number_of<int>(value) != 0) return permanent_error("unknown version of host status");
        versioned = true;
        break;
      case 'E': s.system_error = number_of<int>(value); break;
      case 'S': s.exit = number_of<int>(value); break;
      case 'D': s.dsn = std::string(value); break;
      case 'R': s.reply = std::string(value); break;
      case 'U': s.tried = number_of<int64_t>(value); break;
      case '.':
        if (!versioned) return permanent_error("could not read status file");
        return s;
      default: break;
    }
  }
  return permanent_error("could not read status file");
}

// Resolver's errors are no host's: H is 0.
std::string HostStatus::file() const {
  std::string out = fmt::format("V0\nE{}\nH0\nS{}\n", system_error, exit);
  if (!dsn.empty()) out += fmt::format("D{}\n", dsn);
  if (!reply.empty()) out += fmt::format("R{}\n", reply.substr(0, reply.find('\n')));
  return out + fmt::format("U{}\n.\n", tried);
}

std::string HostStatus::words(size_t width) const {
  std::string out = reply;
  if (out.empty()) {
    const std::string cause = system_error != 0 ? std::generic_category().message(system_error) : "";
    if (exit == EX_OK) out = cause.empty() ? "OK" : "OK: " + cause;
    else if (exit == EX_TEMPFAIL && !cause.empty()) out = "Deferred: " + cause;
    else if (const auto meaning = exit_meaning(exit); !meaning.text.empty()) out = fmt::format("{} {}", meaning.dsn, meaning.text);
    else out = fmt::format("Unknown mailer error {}", exit);
  }
  if (out.size() > width) out.resize(width);
  return out;
}

std::string host_of_status_path(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const size_t slash = path.rfind('/');
    std::string_view part = slash == std::string_view::npos ? path : path.substr(slash + 1);
    path = slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
    if (part.ends_with('.')) part.remove_suffix(1);
    if (!out.empty()) out += '.';
    out += part;
  }
  return out;
}

std::string status_path_of_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host.size() > kLongestHost || host.front() == '.') return {};
  std::string out;
  while (!host.empty()) {
    const size_t dot = host.rfind('.');
    const std::string_view label = dot == std::string_view::npos ? host : host.substr(dot + 1);
    host = dot == std::string_view::npos ? std::string_view() : host.substr(0, dot);
    const bool odd = std::any_of(label.begin(), label.end(), [](unsigned char c) { return c <= ' ' || c == '/' || c == '[' || c == ']' || c >= 0x7f; });
    if (label.empty() || odd) return {};
    out += lower(label);
    if (!host.empty()) out += "./";
  }
  return out;
}

std::string host_status_directory(const cf::Options& options) {
  const std::string& named = options.host_status_directory;
  return named.empty() || named.front() == '/' ? named : options.queue_directory + "/" + named;
}

}  // namespace hky::deliver
