#include "cmd/rmail_path.h"

namespace hky::cmd {
namespace {

constexpr std::string_view kRemote = " remote from ";

std::string_view first_word(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_first_of(" \t\r\n", begin) - begin);
}

}  // namespace

bool ReturnPath::take(std::string_view line) {
  if (line.starts_with('>')) line.remove_prefix(1);
  if (!line.starts_with("From ")) return false;
  line.remove_prefix(5);
  const std::string_view who = first_word(line);
  if (who.empty()) return true;   // "From " and nothing: the null return path of some hosts
  if (const size_t at = line.rfind(kRemote); at != std::string_view::npos) {
    const std::string_view host = first_word(line.substr(at + kRemote.size()));
    if (!host.empty()) hosts_.emplace_back(host);
  }
  // A host before us may have folded the lines it got: their path stands in the address.
  std::string_view rest = who;
  for (size_t bang = 0; (bang = rest.find('!')) != std::string_view::npos; rest.remove_prefix(bang + 1)) {
    if (bang > 0) hosts_.emplace_back(rest.substr(0, bang));
  }
  user_ = rest;
  return true;
}

std::string ReturnPath::address() const {
  std::string path;
  for (const std::string& host : hosts_) path += host + "!";
  return path + user_;
}

const std::string& ReturnPath::nearest() const {
  static const std::string none;
  return hosts_.empty() ? none : hosts_.front();
}

}  // namespace hky::cmd
