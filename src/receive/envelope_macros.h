// The macros a session and a message set before rulesets run or H lines are expanded (sendmail: srvrsmtp.c, envelope.c, macro.c;
// Operation Guide 5.2), and what of them goes into the queue with the envelope.
#pragma once

#include "cf/expand.h"
#include "receive/client.h"

namespace hky::receive {

// $_ $s $r {client_*} {daemon_*} and the dates; `helo` empty before HELO.
void set_session_macros(cf::MacroScope& scope, const Client& client, const Daemon& daemon, const policy::Rates::Counts& counts,
                        const std::string& helo, const std::string& protocol);
// {daemon_flags} of modifiers: "Cf" is "CC f". sendmail: getmodifiers()
std::string spelled_flags(std::string_view modifiers);
// Of what a command submits: DirectSubmissionModifiers, or what -G (`gateway`) or its absence stands for.
std::string submission_flags(const cf::Options& options, bool gateway);
// In a command's place of one: it has those flags, and no name.
Daemon no_daemon(const cf::Options& options, bool gateway);
void set_dates(cf::MacroScope& scope, int64_t now, int gmt_offset_minutes);
// Those a later delivery needs ($r $s $_ {client_*} {daemon_flags} {auth_*} ...): name and plain value.
std::vector<std::pair<std::string, std::string>> macros_to_keep(const cf::MacroScope& scope);
// Those of a session that H lines name, which sendmail's queue files do not keep: a delivery at once knows them.
std::vector<NamedMacro> session_macros_of_headers(const cf::Config& config);
std::vector<std::pair<std::string, std::string>> values_of(const cf::MacroScope& scope, const std::vector<NamedMacro>& macros);

}  // namespace hky::receive
