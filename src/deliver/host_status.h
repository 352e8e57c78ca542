// HostStatus: what one file below HostStatusDirectory says of a host, in sendmail's own form: a line for each fact, its letter first
// (V version, E errno, H resolver's error, S sysexits code, D enhanced status, R the host's last reply, U unix seconds), and "." at the
// end. The folders are the host's name from the right: "example./mail./one" is one.mail.example. sendmail: mci.c. Pure.
// Who calls it: HostStates, cmd (-bh).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cf/options.h"

namespace hky::deliver {

struct HostStatus {
  int system_error = 0;      // errno
  int exit = 0;              // sysexits: 0 is well
  std::string dsn;           // RFC 3463, or ""
  std::string reply;
  int64_t tried = 0;         // unix seconds

  // Letters of later versions are passed over; a file without its end or its version is none.
  static Result<HostStatus> read(std::string_view file);
  std::string file() const;
  // Of at most `width` bytes: the host's reply, else what the codes say. sendmail: mci_print_persistent()
  std::string words(size_t width) const;
};

// "example./mail./one" -> "one.mail.example"; `path` is relative to HostStatusDirectory.
std::string host_of_status_path(std::string_view path);
// The other way: "Mail.Example." -> "example./mail", "[192.0.2.1]" -> "1./2./0./192". "": the name is none that a file could have.
std::string status_path_of_host(std::string_view host);
// Where the option HostStatusDirectory says, without --root, below QueueDirectory where it is relative; "" without it.
std::string host_status_directory(const cf::Options& options);

}  // namespace hky::deliver
