#include "receive/client.h"

#include <algorithm>

#include <fmt/format.h>

#include "dns/files.h"

namespace hky::receive {

Client local_client(const std::string& user) {
  Client c;
  c.local = true;
  c.name = c.ptr = "localhost";
  c.resolve = "OK";
  c.shown = user + "@localhost";
  return c;
}

net::Task<Client> resolve_client(net::Loop& loop, const dns::NameEnvironment& names, net::Endpoint peer, bool compressed) {
  Client c;
  c.port = peer.port;
  const std::string plain = dns::plain_address(peer.address);
  c.address = dns::shown_address(plain, compressed);
  bool v6 = plain.find(':') != std::string::npos;
  const std::string bracketed = fmt::format("[{}]", c.address);
  c.ptr = c.name = c.shown = bracketed;
  if (plain.empty()) co_return c;
  dns::NameOfAddress found = co_await dns::name_of(loop, names, plain);
  if (found.status == dns::Status::kTempFail) c.resolve = "TEMP";
  if (found.status != dns::Status::kOk) co_return c;
  c.ptr = found.name;
  dns::HostAddresses forward = co_await dns::addresses_of(loop, names, found.name, !v6, v6);
  std::string canonical = dns::canonical_address(plain);
  bool same = std::any_of(forward.addresses.begin(), forward.addresses.end(),
                          [&](const std::string& a) { return dns::canonical_address(a) == canonical; });
  c.resolve = same ? "OK" : forward.status == dns::Status::kTempFail ? "TEMP" : "FORGED";
  if (same) c.name = found.name;
  c.shown = fmt::format("{} {}{}", found.name, bracketed, same ? "" : " (may be forged)");
  co_return c;
}

}  // namespace hky::receive
