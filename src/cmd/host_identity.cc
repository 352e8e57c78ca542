#include "cmd/host_identity.h"

#include <arpa/inet.h>
#include <grp.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <pwd.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

#include "base/file_system.h"
#include "base/strings.h"
#include "cmd/asked_programs.h"
#include "route/file_trust.h"

namespace hky::cmd {

std::string kernel_host_name() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

void use_time_zone(const std::optional<std::string>& spec) {
  const char* now = ::getenv("TZ");
  if (spec ? spec->empty() || (now != nullptr && *spec == now) : now == nullptr) return;
  if (spec) ::setenv("TZ", spec->c_str(), 1);
  else ::unsetenv("TZ");
  ::tzset();
}

int gmt_offset_minutes() {
  const std::time_t now = unix_seconds(system_clock().wall());
  std::tm local{};
  ::localtime_r(&now, &local);
  return static_cast<int>(local.tm_gmtoff / 60);
}

namespace {

struct InterfaceAddress { std::string address; bool loopback = false; };

std::vector<InterfaceAddress> kernel_interfaces() {
  std::vector<InterfaceAddress> out;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return out;
  for (const ifaddrs* at = list; at != nullptr; at = at->ifa_next) {
    if (at->ifa_addr == nullptr || (at->ifa_flags & IFF_UP) == 0) continue;
    char text[INET6_ADDRSTRLEN] = {};
    const bool loopback = (at->ifa_flags & IFF_LOOPBACK) != 0;
    if (at->ifa_addr->sa_family == AF_INET) {
      inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr, text, sizeof text);
      out.push_back({text, loopback});
    }
    // sendmail on Linux asks with SIOCGIFCONF, which knows IPv4 alone: no [IPv6:...] in class w from here.
  }
  freeifaddrs(list);
  return out;
}

net::Task<cf::HostIdentity> find_names(net::Loop& loop, const dns::NameEnvironment& names, cf::HostIdentity id) {
  const std::string asked = id.hostname;
  const dns::HostsTable::Entry* entry = names.hosts == nullptr ? nullptr : names.hosts->by_name(asked);
  if (entry != nullptr) {
    for (const std::string& name : entry->names) {
      if (id.hostname.find('.') == std::string::npos && name.find('.') != std::string::npos) id.hostname = name;
    }
    for (const std::string& name : entry->names) {
      if (!iequals(name, id.hostname)) id.aliases.push_back(name);
    }
  }
  const dns::HostAddresses found = co_await dns::addresses_of(loop, names, asked);
  // A name server that does not answer is asked once, not once an interface: the start would take minutes.
  bool dns_answers = found.status != dns::Status::kTempFail;
  if (found.status == dns::Status::kOk) {
    id.addresses = found.addresses;
    const bool better = id.hostname.find('.') == std::string::npos && found.canonical.find('.') != std::string::npos;
    if (better) id.hostname = found.canonical;
  }
  for (const InterfaceAddress& at : kernel_interfaces()) {
    cf::HostIdentity::Interface interface;
    interface.address = at.address;
    interface.loopback = at.loopback;
    const std::string plain = at.address.starts_with("IPv6:") ? at.address.substr(5) : at.address;
    const dns::HostsTable::Entry* known = names.hosts == nullptr ? nullptr : names.hosts->by_address(plain);
    if (known != nullptr) {
      interface.names = known->names;
    } else if (dns_answers) {
      const dns::NameOfAddress named = co_await dns::name_of(loop, names, plain);
      dns_answers = named.status != dns::Status::kTempFail;
      if (named.status == dns::Status::kOk) interface.names.push_back(named.name);
    }
    id.interfaces.push_back(std::move(interface));
  }
  co_return id;
}

}  // namespace

cf::HostIdentity find_host_identity(net::Loop& loop, const dns::NameEnvironment& names) {
  cf::HostIdentity id;
  id.hostname = kernel_host_name();
  utsname uts{};
  if (uname(&uts) == 0) id.node_name = uts.nodename;
  return net::run_blocking(loop, find_names(loop, names, std::move(id)));
}

cf::ReadDoors system_read_doors(const std::string& root) {
  cf::ReadDoors doors;
  doors.read_file = [root](const std::string& path) { return kernel_file_system().read_file(root + path); };
  doors.distrust = [root](const cf::Options& so_far, const std::string& path) {
    return route::why_not_believed(kernel_file_system(), so_far, route::SystemFile::kClass, root, path);
  };
  doors.run_program = [](const cf::Options& so_far, const std::string& command) { return class_program_output(command, so_far.default_user); };
  doors.find_user = [](const std::string& name) -> std::optional<cf::UserId> {
    const passwd* entry = getpwnam(name.c_str());
    if (entry == nullptr) return std::nullopt;
    return cf::UserId{name, entry->pw_uid, entry->pw_gid, true};
  };
  doors.find_group = [](const std::string& name) -> std::optional<unsigned> {
    const group* entry = getgrnam(name.c_str());
    if (entry == nullptr) return std::nullopt;
    return entry->gr_gid;
  };
  return doors;
}

std::string current_user() {
  const passwd* entry = getpwuid(getuid());
  return entry == nullptr ? "" : entry->pw_name;
}

}  // namespace hky::cmd
