// Confinement: what a process gives up for good, once it holds its descriptors and before it reads a byte from outside
// (design, decision 5). After it, code that a stranger smuggled in finds the files outside `read` and `write` closed, no
// program to run, no other process to look into, whatever its user id would allow.
//
// Linux: Landlock for files, a seccomp filter (libseccomp) for system calls; both outlive fork and cannot be taken back.
// Elsewhere (FreeBSD's Capsicum has its place here: confine_other.cc) nothing is given up, and Confined says so.
// Who calls it: cmd, in the engine and the auth process, while they have one thread.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace hky::process {

struct Confinement {
  std::vector<std::string> read;   // files and folders (with all below) that may be read; one that does not exist is passed over
  std::vector<std::string> write;  // and here files may be read, made, changed, renamed and removed
  bool keep_capabilities = false;  // the auth process keeps its one (users.h)
};

struct Confined {
  bool files = false;  // Landlock holds
  bool calls = false;  // the filter holds
  std::string text() const;  // for the log: "files and system calls", "system calls (no Landlock in this kernel)", ...
};

// An error: something the kernel has was refused; the process should not go on. A kernel without it is no error.
Result<Confined> confine(const Confinement& may);

// What every process of ours reads: libraries, resolver and user databases, time zones, certificates, random bytes.
std::vector<std::string> system_files();

}  // namespace hky::process
