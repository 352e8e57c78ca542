// Which messages a request of the control socket means. sendmail: -qI -qR -qS -qQ.
//   "ids":[..] (whole ids; "substring":true: parts), "rcpt":[..], "sender":[..]      any of each, parts of the address
//   "select":[{"field":"R","negate":bool,"value":V}]  as -q[!]{I,R,S,Q}V: parts, case ignored; any of one field, all fields
//   "group":NAME  of that queue group; where its configuration is at hand (control_server, cmd/queue_run)
//   "kind":""  neither held for quarantine nor lost; "Q" the quarantined ones only; "L" lost ones (we lose none)
//   "most":N, "order":"h"                              how many of them at most, in which order, where the configuration shall not say
// Who calls it: control_server; cmd's queue runs. Pure.
#pragma once

#include <nlohmann/json.hpp>

#include "queue/envelope.h"
#include "queue/run_order.h"

namespace hky::admin {

bool selected(const queue::Envelope& e, const nlohmann::json& request);
queue::RunRules rules_asked(const nlohmann::json& request, queue::RunRules configured);
// By its id, sender or a recipient: what mailers with F=% wait for.
bool demanded(const nlohmann::json& request);
// "all", or any selection at all: what changes messages must say which.
bool names_messages(const nlohmann::json& request);

}  // namespace hky::admin
