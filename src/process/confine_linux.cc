// Landlock and seccomp; see confine.h.
#include "process/confine.h"

#ifdef __linux__
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "base/descriptor.h"

namespace hky::process {
namespace {

// Later than Debian 12's headers; the kernel says by its version whether it knows them.
constexpr uint64_t kTruncate = 1ull << 14;
constexpr uint64_t kDeviceIoctl = 1ull << 15;
constexpr uint64_t kScopeAbstractSocket = 1ull << 0, kScopeSignal = 1ull << 1;

struct RulesetAttributes { uint64_t files = 0, network = 0, scoped = 0; };  // struct landlock_ruleset_attr of version 6

constexpr uint64_t kRead = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t kChange = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                             LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                             LANDLOCK_ACCESS_FS_REFER | kTruncate;
constexpr uint64_t kNever = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                            LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM | kDeviceIoctl;
constexpr uint64_t kOfFiles = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;  // what a rule for a plain file may say

uint64_t known_to(long version) {
  uint64_t known = kRead | kChange | kNever;
  if (version < 2) known &= ~static_cast<uint64_t>(LANDLOCK_ACCESS_FS_REFER);
  if (version < 3) known &= ~kTruncate;
  if (version < 5) known &= ~kDeviceIoctl;
  return known;
}

Result<> allow(int ruleset, const std::string& path, uint64_t access) {
  Descriptor at(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (at.get() < 0) return {};  // not there: nothing to allow
  struct stat st {};
  if (::fstat(at.get(), &st) != 0) return errno_error(errno, "confinement: " + path);
  landlock_path_beneath_attr rule{};
  rule.allowed_access = S_ISDIR(st.st_mode) ? access : access & kOfFiles;
  rule.parent_fd = at.get();
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) return errno_error(errno, "confinement: " + path);
  return {};
}

Result<bool> close_files(const Confinement& may) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return false;
  RulesetAttributes attributes;
  attributes.files = known_to(version);
  if (version >= 6) attributes.scoped = kScopeAbstractSocket | kScopeSignal;
  const size_t size = version >= 6 ? sizeof attributes : version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
  Descriptor ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (ruleset.get() < 0) return errno_error(errno, "confinement: Landlock");
  for (const std::string& path : may.read) HKY_TRY(allow(ruleset.get(), path, kRead & attributes.files));
  for (const std::string& path : may.write) HKY_TRY(allow(ruleset.get(), path, (kRead | kChange) & attributes.files));
  HKY_TRY(allow(ruleset.get(), "/dev/null", (kRead | kChange) & attributes.files));
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return errno_error(errno, "confinement: Landlock");
  return true;
}

// All that the engine, its libraries and the auth process call; what is not here answers EPERM. Not here above all: execve,
// fork, ptrace, the reading of another's memory, mount, namespaces, chown and setuid, module loading, bpf, io_uring, keys.
constexpr std::array kCalls = {
    // files
    "read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev", "pwritev2", "lseek", "_llseek", "close", "close_range",
    "open", "openat", "openat2", "creat", "stat", "stat64", "fstat", "fstat64", "lstat", "lstat64", "newfstatat", "fstatat64", "statx", "statfs", "statfs64",
    "fstatfs", "fstatfs64", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getcwd", "chdir", "getdents", "getdents64", "mkdir", "mkdirat",
    "rmdir", "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "truncate", "ftruncate", "ftruncate64", "fallocate", "fadvise64",
    "readahead", "sync_file_range", "fsync", "fdatasync", "syncfs", "flock", "fcntl", "fcntl64", "umask", "chmod", "fchmod", "fchmodat", "utimensat", "sendfile",
    "copy_file_range", "dup", "dup2", "dup3", "pipe", "pipe2", "memfd_create", "eventfd", "eventfd2", "inotify_init1", "inotify_add_watch", "inotify_rm_watch",
    // sockets and waiting
    "connect", "accept", "accept4", "bind", "getsockname", "getpeername", "getsockopt", "setsockopt", "shutdown", "send", "sendto", "sendmsg",
    "sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg", "socketpair", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait",
    "epoll_pwait2", "poll", "ppoll", "select", "pselect6", "_newselect",
    // memory, threads, time, who we are
    "mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "brk", "mlock", "munlock", "membarrier", "futex", "futex_waitv", "set_robust_list",
    "get_robust_list", "rseq", "set_tid_address", "sched_yield", "sched_getaffinity", "sched_setaffinity", "sched_getparam", "sched_getscheduler",
    "sched_get_priority_max", "sched_get_priority_min", "getpriority", "ioprio_get", "getcpu", "gettid", "getpid", "getppid", "getpgrp", "getuid", "geteuid",
    "getgid", "getegid", "getgroups", "getresuid", "getresgid", "capget", "clock_gettime", "clock_gettime64", "clock_getres", "clock_nanosleep", "nanosleep",
    "gettimeofday", "time", "times", "timer_create", "timer_settime", "timer_delete", "timerfd_create", "timerfd_settime", "timerfd_gettime", "setitimer",
    "alarm", "getrandom", "uname", "sysinfo", "getrusage", "getrlimit", "ugetrlimit", "restart_syscall", "exit", "exit_group",
    // signals to oneself: abort(), and threads that stop each other
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait", "rt_sigsuspend", "rt_sigpending", "sigaltstack", "tgkill", "sigreturn",
};

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM)), seccomp_release) {
    if (there()) seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a tree; what is always allowed the kernel remembers
  }
  bool there() const { return context_ != nullptr; }

  void permit(const char* name) { note(name, [&](int call) { return seccomp_rule_add(context_.get(), SCMP_ACT_ALLOW, call, 0); }); }
  void permit_if(const char* name, const std::vector<scmp_arg_cmp>& all) {
    note(name, [&](int call) { return seccomp_rule_add_array(context_.get(), SCMP_ACT_ALLOW, call, static_cast<unsigned>(all.size()), all.data()); });
  }
  void unknown(const char* name) { note(name, [&](int call) { return seccomp_rule_add(context_.get(), SCMP_ACT_ERRNO(ENOSYS), call, 0); }); }
  Result<> load() {
    const int done = problem_ != 0 ? problem_ : seccomp_load(context_.get());
    if (done != 0) return errno_error(-done, "confinement: system call filter");
    return {};
  }

 private:
  template <class Rule>
  void note(const char* name, Rule rule) {
    const int call = seccomp_syscall_resolve_name(name);
    if (call == __NR_SCMP_ERROR) return;  // later than this libseccomp
    const int done = rule(call);
    if (done != 0 && problem_ == 0) problem_ = done;
  }

  std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
  int problem_ = 0;
};

Result<bool> filter_calls() {
  if (::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0) return false;
  Filter filter;
  if (!filter.there()) return false;
  for (const char* name : kCalls) filter.permit(name);
  auto equal = [](unsigned parameter, uint64_t value) { return scmp_arg_cmp{parameter, SCMP_CMP_EQ, value, 0}; };
  auto masked = [](unsigned parameter, uint64_t mask, uint64_t value) { return scmp_arg_cmp{parameter, SCMP_CMP_MASKED_EQ, mask, value}; };
  filter.permit_if("clone", {masked(0, CLONE_THREAD, CLONE_THREAD)});  // a thread, never a process
  filter.unknown("clone3");                                            // its flags stand in memory: glibc takes clone then
  constexpr uint64_t kKind = 0xf;                                      // the rest of the type: SOCK_CLOEXEC, SOCK_NONBLOCK
  for (const uint64_t family : {AF_UNIX, AF_INET, AF_INET6})
    for (const uint64_t kind : {SOCK_STREAM, SOCK_DGRAM}) filter.permit_if("socket", {equal(0, family), masked(1, kKind, kind)});
  filter.permit_if("socket", {equal(0, AF_NETLINK)});                  // getifaddrs, getaddrinfo: what addresses we have
  for (const uint64_t what : {PR_SET_NAME, PR_GET_NAME, PR_SET_VMA, PR_GET_DUMPABLE, PR_GET_SECCOMP, PR_CAPBSET_READ}) filter.permit_if("prctl", {equal(0, what)});
  for (const uint64_t what : {0x5401 /* TCGETS */, 0x541B /* FIONREAD */, 0x5421 /* FIONBIO */, 0x8910 /* SIOCGIFNAME */, 0x8933 /* SIOCGIFINDEX */})
    filter.permit_if("ioctl", {equal(1, what)});
  filter.permit_if("prlimit64", {equal(2, 0)});                        // asked, not set
  HKY_TRY(filter.load());
  return true;
}

// Root's id alone (a host without the engine's user) opens what belongs to root, and nothing more.
Result<> drop_capabilities() {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2]{};
  if (::syscall(SYS_capset, &head, none) != 0) return errno_error(errno, "confinement: capabilities");
  return {};
}

}  // namespace

Result<Confined> confine(const Confinement& may) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return errno_error(errno, "confinement");
  if (!may.keep_capabilities) HKY_TRY(drop_capabilities());
  Confined done;
  HKY_TRY_ASSIGN(done.files, close_files(may));
  HKY_TRY_ASSIGN(done.calls, filter_calls());
  return done;
}

}  // namespace hky::process
#endif
