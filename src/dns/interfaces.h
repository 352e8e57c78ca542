// Where clients come in, and we go out: {if_addr} and {if_name}. This host has few addresses and many sessions: what one is called is asked of DNS once in
// a while, also where DNS has no answer, so that a name server that is silent about our own addresses holds up one session and not all.
// sendmail: daemon.c getrequests(), makeconnection(). Who calls it: sessions, and SmtpPool for M=h. Threads: one.
#pragma once

#include <map>
#include <string>

#include "dns/names.h"
#include "net/loop.h"

namespace hky::dns {

struct Interface {
  std::string addr;   // "192.0.2.1"; "" of a loopback
  std::string name;   // "[192.0.2.1]" where it has none
};

class Interfaces {
 public:
  static constexpr int64_t kRemember = 600;   // seconds
  // `address`: of a connection's own end, "" where it is not known. now: seconds.
  net::Task<Interface> find(net::Loop& loop, const NameEnvironment& names, std::string address, bool compressed, int64_t now);

 private:
  struct Known { std::string name; int64_t until = 0; };   // name: "" for none
  std::map<std::string, Known> known_;
};

// A peer over IPv4 at a socket of IPv6 is called what he is: "::ffff:192.0.2.1" is "192.0.2.1".
std::string plain_address(const std::string& address);

}  // namespace hky::dns
