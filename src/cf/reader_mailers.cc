// M lines. sendmail: readcf.c makemailer(); the mailers every sendmail has are made in defaults.cc the same way.
#include <fmt/core.h>

#include <charconv>

#include "base/strings.h"
#include "cf/reader_impl.h"

namespace hky::cf {

long number(std::string_view in) {
  in = trim_left(in);
  if (!in.empty() && in[0] == '+') in.remove_prefix(1);
  long n = 0;
  std::from_chars(in.data(), in.data() + in.size(), n);
  return n;
}

namespace {

// A= and the like: words at blanks, macros kept.
std::vector<Text> words(const Text& in) {
  std::vector<Text> out;
  size_t i = 0;
  auto blank = [](char16_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (i < in.size()) {
    while (i < in.size() && blank(in[i])) ++i;
    size_t begin = i;
    while (i < in.size() && !blank(in[i])) i += meta_has_operand(in[i]) ? 2 : 1;
    i = std::min(i, in.size());
    if (i > begin) out.push_back(in.substr(begin, i - begin));
  }
  return out;
}

constexpr std::string_view kIpc = "[IPC]";

}  // namespace

void Reader::mailer_rulesets(const std::string& value, int& envelope, int& header) {
  size_t length = 0;
  int number_of_first = ruleset_number(value, &length);
  if (number_of_first >= 0) envelope = header = number_of_first;
  std::string_view tail = std::string_view(value).substr(std::min(length, value.size()));
  tail = trim_left(tail);
  if (tail.empty() || tail[0] != '/') return;
  int second = ruleset_number(tail.substr(1), nullptr);
  if (second >= 0) header = second;
}

void Reader::mailer_types(Mailer& m, const std::string& value) {
  // sendmail: T=MTA-name type/address type/diagnostic type; parts left out have the DSN defaults
  m.mta_type = "dns";
  m.addr_type = "rfc822";
  m.diag_type = "smtp";
  std::vector<std::string_view> parts = split(value, '/');
  if (!parts.empty() && !trim(parts[0]).empty()) m.mta_type = std::string(trim(parts[0]));
  if (parts.size() > 1 && !trim(parts[1]).empty()) m.addr_type = std::string(trim(parts[1]));
  if (parts.size() > 2 && !trim(parts[2]).empty()) m.diag_type = std::string(trim(parts[2]));
}

void Reader::mailer_user(Mailer& m, const std::string& value) {
  size_t colon = value.find_first_of(":.");
  std::string user = value.substr(0, colon);
  std::string group = colon == std::string::npos ? "" : value.substr(colon + 1);
  if (user.empty() && group.empty()) {
    error(fmt::format("mailer {}: null user name", m.name));
    return;
  }
  if (!user.empty() && !is_digit(user[0])) {
    auto who = req_.doors.find_user ? req_.doors.find_user(user) : std::optional<UserId>();
    if (!who) {
      error(fmt::format("readcf: mailer U= flag: unknown user {}", user));
      return;
    }
    m.uid = who->uid, m.gid = who->gid;
  } else if (!user.empty()) {
    m.uid = number(user);
  }
  if (colon != std::string::npos && group.empty()) error(fmt::format("mailer {}: null group name", m.name));
  if (!group.empty() && !is_digit(group[0])) {
    auto gid = req_.doors.find_group ? req_.doors.find_group(group) : std::optional<unsigned>();
    if (!gid) error(fmt::format("readcf: mailer U= flag: unknown group {}", group));
    else m.gid = *gid;
  } else if (!group.empty()) {
    m.gid = number(group);
  }
  m.user = user;
  m.group = group;
}

void Reader::mailer_field(Mailer& m, char field, const std::string& raw) {
  std::string value = munch(raw, '\0');
  auto required = [&](const char* what) {
    if (value.empty()) error(fmt::format("mailer {}: null {}", m.name, what));
    return !value.empty();
  };
  switch (field) {
    case 'P': m.path = value; break;
    case 'F':
      for (char c : value)
        if (!is_space(c)) m.flags.set(static_cast<unsigned char>(c) & 127);
      break;
    case 'S': mailer_rulesets(value, m.sender_envelope_rwset, m.sender_header_rwset); break;
    case 'R': mailer_rulesets(value, m.rcpt_envelope_rwset, m.rcpt_header_rwset); break;
    case 'E':
      if (required("end-of-line string")) m.eol = value;
      break;
    case 'A': m.argv = words(munch(translate(raw), '\0')); break;
    case 'L': m.line_limit = std::max(0L, std::min(number(value), 1000000L)); break;
    case 'M': m.max_size = number(value); break;
    case 'm': m.max_messages = static_cast<int>(number(value)); break;
    case 'r': m.max_rcpts = static_cast<int>(number(value)); break;
    case 'N': m.nice = static_cast<int>(number(value)); break;
    case 'D':
      if (required("working directory")) m.dir = munch(translate(raw), '\0');
      break;
    case 'C':
      if (required("charset")) m.charset = value;
      break;
    case 'T': mailer_types(m, value); break;
    case 'U': mailer_user(m, value); break;
    case 'W': m.wait = static_cast<int>(time_value(value, 's').count()); break;
    case 'Q':
      if (!required("queue")) break;
      if (c_.find_queue_group(value) == nullptr) error(fmt::format("mailer {}: unknown queue {}", m.name, value));
      m.queue_group = value;
      break;
    case '/':
      if (required("root directory")) m.root_dir = munch(translate(raw), '\0');
      break;
    default: error(fmt::format("M{}: unknown mailer equate {}=", m.name, field)); break;
  }
}

void Reader::mailer_line(std::string_view rest) {
  Mailer m;
  m.eol.clear();
  m.place = Place{in_file_ ? req_.path : "", line_};
  size_t at = 0;
  while (at < rest.size() && rest[at] != ',' && !is_space(rest[at])) ++at;
  m.name = std::string(rest.substr(0, at));
  if (m.name.empty()) {
    error("name required for mailer");
    return;
  }
  while (at < rest.size()) {
    while (at < rest.size() && (rest[at] == ',' || is_space(rest[at]))) ++at;
    if (at >= rest.size()) break;
    char field = rest[at];
    while (at < rest.size() && rest[at] != '=' && rest[at] != ',') ++at;
    if (at >= rest.size() || rest[at] != '=') {
      error(fmt::format("mailer {}: `=' expected", m.name));
      return;
    }
    ++at;
    while (at < rest.size() && is_space(rest[at])) ++at;
    size_t length = 0;
    munch(rest.substr(at), ',', &length);
    mailer_field(m, field, std::string(rest.substr(at, length)));
    at += length;
  }
  mailer_done(std::move(m));
}

void Reader::mailer_done(Mailer m) {
  if (m.argv.empty()) {
    error(fmt::format("M{}: A= argument required", m.name));
    return;
  }
  if (m.path.empty()) {
    error(fmt::format("M{}: P= argument required", m.name));
    return;
  }
  if (iequals(m.path, "[TCP]")) {
    error(fmt::format("M{}: P=[TCP] must be replaced by P=[IPC]", m.name));
    return;
  }
  if (iequals(m.path, kIpc)) {
    m.path = kIpc;
    std::string first = to_display(m.argv[0], c_.names);
    if (m.argv.size() < 2) {
      error(fmt::format("M{}: too few parameters for {} mailer", m.name, kIpc));
      return;
    }
    if (first != "TCP" && first != "FILE")
      report(false, fmt::format("M{}: Warning: first argument in {} mailer must be TCP or FILE", m.name, kIpc), false);
  }
  if (m.path == "[FILE]") {
    if (m.argv.size() != 2) error(fmt::format("M{}: too {} parameters for [FILE] mailer", m.name, m.argv.size() < 2 ? "few" : "many"));
    else if (to_display(m.argv[0], c_.names) != "FILE") error(fmt::format("M{}: first argument in [FILE] mailer must be FILE", m.name));
  }
  // sendmail: a program that is told the user ($u) reads lines of the host, all others those of the network
  if (m.eol.empty()) m.eol = m.tells_user() ? "\n" : "\r\n";
  if (m.line_limit == 0 && m.flag('L')) m.line_limit = 990;  // RFC 5321 4.5.3.1.6: 1000 octets with CRLF
  for (Mailer& old : c_.mailers) {
    if (!iequals(old.name, m.name)) continue;
    m.index = old.index;
    old = std::move(m);
    return;
  }
  if (c_.mailers.size() >= static_cast<size_t>(kMaxMailers)) {
    error(fmt::format("too many mailers defined ({} max)", kMaxMailers));
    return;
  }
  m.index = static_cast<int>(c_.mailers.size());
  c_.mailers.push_back(std::move(m));
}

}  // namespace hky::cf
