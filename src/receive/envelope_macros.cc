#include "receive/envelope_macros.h"

#include <sys/socket.h>

#include <algorithm>

#include "proto/mail/date.h"

namespace hky::receive {

Settings::Settings(std::shared_ptr<const cf::Config> c, std::shared_ptr<const rewrite::Program> p, std::shared_ptr<maps::MapSet> m)
    : config(std::move(c)), program(std::move(p)), maps(std::move(m)), header_checks(*config), header_macros(session_macros_of_headers(*config)) {}

void set_session_macros(cf::MacroScope& scope, const Client& client, const Daemon& daemon, const policy::Rates::Counts& counts,
                        const std::string& helo, const std::string& protocol) {
  scope.set('_', client.shown);
  if (!helo.empty()) scope.set('s', helo);
  if (!protocol.empty()) scope.set('r', protocol);
  if (!client.address.empty()) {
    scope.set(cf::kN_client_addr, client.address);
    scope.set(cf::kN_client_port, std::to_string(client.port));
  }
  if (!client.local) {
    scope.set(cf::kN_client_name, client.name);
    scope.set(cf::kN_client_ptr, client.ptr);
    scope.set(cf::kN_client_resolve, client.resolve);
    scope.set(cf::kN_client_rate, std::to_string(counts.client_rate));
    scope.set(cf::kN_total_rate, std::to_string(counts.total_rate));
    scope.set(cf::kN_client_connections, std::to_string(counts.client_connections));
  }
  const dns::Interface& here = client.came_in;
  scope.set(cf::kN_if_name, here.name);
  if (!here.addr.empty()) {
    scope.set(cf::kN_if_addr, here.addr);
    scope.set(cf::kN_if_family, std::to_string(here.addr.starts_with("IPv6:") ? AF_INET6 : AF_INET));
  }
  scope.set(cf::kN_daemon_flags, daemon.flags);
  if (!client.address.empty()) scope.set(cf::kN_opMode, std::string_view(client.local ? "s" : "d"));
  if (daemon.name.empty()) return;
  scope.set(cf::kN_daemon_name, daemon.name);
  scope.set(cf::kN_daemon_family, daemon.family);
  scope.set(cf::kN_daemon_addr, daemon.address);
  scope.set(cf::kN_daemon_port, std::to_string(daemon.port));
}

std::string spelled_flags(std::string_view modifiers) {
  std::string out;
  for (const char flag : modifiers) {
    if (!out.empty()) out += ' ';
    out.append(flag >= 'A' && flag <= 'Z' ? 2 : 1, flag);
  }
  return out;
}

Daemon no_daemon(const cf::Options& options, bool gateway) {
  Daemon out;
  out.name.clear();
  out.flags = submission_flags(options, gateway);
  return out;
}

std::string submission_flags(const cf::Options& options, bool gateway) {
  if (!options.direct_submission_modifiers.empty()) return spelled_flags(options.direct_submission_modifiers);
  return gateway ? "CC f" : "c u";
}

void set_dates(cf::MacroScope& scope, int64_t now, int gmt_offset_minutes) {
  std::string arpa = mail::arpa_date(now, gmt_offset_minutes);
  scope.set('a', arpa);
  scope.set('b', arpa);
  scope.set('d', mail::ctime_date(now, gmt_offset_minutes));
  scope.set('t', mail::minute_date(now));
  scope.set(cf::kN_time, std::to_string(now));
}

namespace {

constexpr NamedMacro kKept[] = {
    {'r', "r"}, {'s', "s"}, {'_', "_"}, {'x', "x"},
    {cf::kN_client_addr, "client_addr"}, {cf::kN_client_name, "client_name"}, {cf::kN_client_resolve, "client_resolve"},
    {cf::kN_client_ptr, "client_ptr"}, {cf::kN_daemon_flags, "daemon_flags"}, {cf::kN_auth_type, "auth_type"},
    {cf::kN_auth_authen, "auth_authen"}, {cf::kN_auth_author, "auth_author"}, {cf::kN_if_addr, "if_addr"},
};
constexpr NamedMacro kOfTheSession[] = {
    {cf::kN_auth_ssf, "auth_ssf"}, {cf::kN_client_connections, "client_connections"}, {cf::kN_client_port, "client_port"},
    {cf::kN_client_rate, "client_rate"}, {cf::kN_daemon_addr, "daemon_addr"}, {cf::kN_daemon_family, "daemon_family"},
    {cf::kN_daemon_name, "daemon_name"}, {cf::kN_daemon_port, "daemon_port"}, {cf::kN_deliveryMode, "deliveryMode"},
    {cf::kN_if_family, "if_family"}, {cf::kN_if_name, "if_name"}, {cf::kN_load_avg, "load_avg"}, {cf::kN_mail_addr, "mail_addr"},
    {cf::kN_mail_host, "mail_host"}, {cf::kN_mail_mailer, "mail_mailer"}, {cf::kN_nbadrcpts, "nbadrcpts"}, {cf::kN_opMode, "opMode"},
    {cf::kN_time, "time"}, {cf::kN_total_rate, "total_rate"},
};

bool names(const cf::Text& text, cf::NameId id) {
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (!cf::meta_has_operand(text[i])) continue;
    if (text[i] != cf::kMatchRepl && text[i + 1] == id) return true;
    ++i;
  }
  return false;
}

using NamedValues = std::vector<std::pair<std::string, std::string>>;

void add_value(NamedValues& out, const cf::MacroScope& scope, const NamedMacro& macro) {
  const cf::Text* value = scope.find(macro.id);
  if (value != nullptr && !value->empty()) out.emplace_back(macro.name, cf::expand_to_string(*value, scope));
}

}  // namespace

NamedValues macros_to_keep(const cf::MacroScope& scope) {
  NamedValues out;
  for (const NamedMacro& m : kKept) add_value(out, scope, m);
  return out;
}

std::vector<NamedMacro> session_macros_of_headers(const cf::Config& config) {
  std::vector<NamedMacro> out;
  for (const NamedMacro& m : kOfTheSession) {
    const bool named = std::any_of(config.headers.begin(), config.headers.end(), [&m](const cf::HeaderRule& rule) { return names(rule.value, m.id) || rule.macro_cond == m.id; });
    if (named) out.push_back(m);
  }
  return out;
}

NamedValues values_of(const cf::MacroScope& scope, const std::vector<NamedMacro>& macros) {
  NamedValues out;
  for (const NamedMacro& m : macros) add_value(out, scope, m);
  return out;
}

}  // namespace hky::receive
