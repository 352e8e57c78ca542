// The header block of an outgoing copy: H lines whose flags fit the mailer, addresses rewritten as they leave by it.
// sendmail: headers.c putheader(), commaize(). Who calls it: the Deliverer, once a shipment.
#pragma once

#include <string>
#include <string_view>

#include "deliver/settings.h"
#include "proto/mail/message.h"
#include "queue/envelope.h"
#include "rewrite/evaluate.h"

namespace hky::deliver {

// Sets the macros of an envelope: $f $i $a $b $d $t and those it carries ($r $s $_ ...).
void set_envelope_macros(cf::MacroScope& scope, const queue::Envelope& envelope, const Policy& policy);

// What the mailer of a message's sender does to its other addresses.
struct OfSender {
  OfSender() = default;
  rewrite::Tokens domain;      // flag C: "@ host", as route::remote_name() takes it; sendmail: e_fromdomain
  bool names_rcpts = false;    // flag j: local recipients in the header are called as the user database says
};

// The rewritten block with its empty line. `ctx.scope` holds the envelope's macros and $g (the sender as it leaves).
// `header`: the message's own, parsed; `queue_id`: a Received field that names it is ours already; "": the first one is. `author`: $g of a From: that
// is missing, as he was named (queue::author(), or the sender). `of_list`: it goes to the members of a list with an owner.
net::Task<std::string> outgoing_header(rewrite::Context& ctx, const mail::Header& header, const cf::Mailer& mailer,
                                       std::string queue_id, std::string author, bool of_list, OfSender of_sender);

// The "From " line as UnixFromLine says, with newline; for F=U with "remote from host". `sender` as it leaves, "" is MAILER-DAEMON.
std::string from_line_for(rewrite::Context& ctx, const cf::Mailer& mailer, const std::string& sender);

}  // namespace hky::deliver
