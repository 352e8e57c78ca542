// Who is at the other end: address, name, and whether name and address agree (PTR, then the name's addresses).
// sendmail: daemon.c getauthinfo(), {client_resolve}.
#pragma once

#include <string>

#include "dns/interfaces.h"
#include "receive/services.h"

namespace hky::receive {

struct Client {
  std::string address;           // "192.0.2.1", "IPv6:0:0:0:0:0:0:0:1"
  uint16_t port = 0;
  std::string ptr;               // what PTR said, or "[192.0.2.1]"
  std::string name;              // {client_name}: the confirmed name, or "[192.0.2.1]"
  std::string resolve = "FAIL";  // OK, FORGED, TEMP, FAIL
  std::string shown;             // $_: "host [192.0.2.1]", "host [192.0.2.1] (may be forged)", "root@localhost"
  bool local = false;            // -bs: a user of this host
  dns::Interface came_in;             // at which address of ours
};

net::Task<Client> resolve_client(net::Loop& loop, const dns::NameEnvironment& names, net::Endpoint peer, bool compressed);
// -bs and command submission.
Client local_client(const std::string& user);

}  // namespace hky::receive
