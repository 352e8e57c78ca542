// Classes that ask the system and may block, so they run on the worker pool: user, program, socket; and userdb.
// This file is their adapter to passwd, processes and sockets.
// sendmail: user_map_lookup(), prog_map_lookup(), socket_map_lookup(), udb_map_lookup().
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <mutex>

#include <fmt/format.h>

#include "base/file_system.h"
#include "base/strings.h"
#include "maps/class_map.h"
#include "maps/value.h"

namespace hky::maps {
namespace {

constexpr int kExNoUser = 67;
constexpr size_t kMaxAnswer = 64 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

// Columns of passwd by name; -v.
class UserMap : public ClassMap {
 public:
  using ClassMap::ClassMap;
  bool open(std::string& why) override {
    static constexpr std::array<std::string_view, 7> kColumns{"name", "passwd", "uid", "gid", "gecos", "dir", "shell"};
    column_ = 0;
    if (spec_.value_column.empty()) return true;
    for (size_t i = 0; i < kColumns.size(); ++i) {
      if (!iequals(spec_.value_column, kColumns[i])) continue;
      column_ = i;
      return true;
    }
    why = fmt::format("User map {}: unknown column name {}", spec_.name, spec_.value_column);
    return false;
  }

  net::Task<MapAnswer> lookup(net::Loop& loop, Question q) override {
    std::function<MapAnswer()> work = [this, q] {
      std::array<std::string, 7> fields;
      const bool known = world_.env.root.empty() ? from_system(fold_key(q.key), fields) : from_file(fold_key(q.key), fields);
      return known ? found(q, fields[column_]) : missed(kExNoUser);
    };
    MapAnswer a = co_await run_aside(loop, std::move(work));
    co_return a;
  }

 private:
  static bool from_system(const std::string& name, std::array<std::string, 7>& out) {
    passwd entry{};
    passwd* result = nullptr;
    std::vector<char> buffer(16384);
    if (getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &result) != 0 || result == nullptr) return false;
    out = {entry.pw_name, entry.pw_passwd, std::to_string(entry.pw_uid), std::to_string(entry.pw_gid), entry.pw_gecos, entry.pw_dir, entry.pw_shell};
    return true;
  }
  bool from_file(const std::string& name, std::array<std::string, 7>& out) const {
    auto text = kernel_file_system().read_file(world_.path("/etc/passwd"));
    if (!text.ok()) return false;
    for (const auto line : split(*text, '\n')) {
      const auto parts = split(line, ':');
      if (parts.size() != 7 || parts[0] != name) continue;
      for (size_t i = 0; i < 7; ++i) out[i] = parts[i];
      return true;
    }
    return false;
  }
  size_t column_ = 0;
};

// program: its words and the key are its arguments; what it prints is the value, its exit code the status.
class ProgramMap : public ClassMap {
 public:
  using ClassMap::ClassMap;
  net::Task<MapAnswer> lookup(net::Loop& loop, Question q) override {
    std::function<MapAnswer()> work = [this, q] { return run(q); };
    MapAnswer a = co_await run_aside(loop, std::move(work));
    co_return a;
  }

 private:
  static std::string read_all(int fd) {
    std::string out;
    std::array<char, 4096> buf;
    for (;;) {
      const ssize_t n = ::read(fd, buf.data(), buf.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return out;
      if (out.size() < kMaxAnswer) out.append(buf.data(), static_cast<size_t>(n));
    }
  }

  MapAnswer run(const Question& q) const {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return missed(kExTempFail);
    Descriptor read_end(ends[0]);
    Descriptor write_end(ends[1]);
    std::vector<std::string> words = spec_.rest;
    words[0] = world_.path(words[0]);
    words.push_back(q.key);
    std::vector<char*> argv;
    for (auto& w : words) argv.push_back(w.data());
    argv.push_back(nullptr);
    std::string path_env = "PATH=/bin:/usr/bin:/usr/ucb";  // sendmail gives its programs a small environment of its own
    std::array<char*, 2> envp{path_env.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    pid_t pid = -1;
    const int rc = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), envp.data());
    posix_spawn_file_actions_destroy(&actions);
    if (rc != 0) return missed(kExConfig);  // sendmail's child ends so when it cannot run the program
    write_end.reset();
    std::string text = read_all(read_end.get());
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status)) return missed(kExUnavailable);
    if (WEXITSTATUS(status) != 0) return missed(WEXITSTATUS(status));
    text = text.substr(0, text.find('\n'));
    return found(q, text);
  }
};

// socket: "LENGTH:MAP KEY," out; "LENGTH:OK VALUE," (or NOTFOUND, TEMP, TIMEOUT, PERM) back. One connection, kept.
class SocketMap : public ClassMap {
 public:
  using ClassMap::ClassMap;
  net::Task<MapAnswer> lookup(net::Loop& loop, Question q) override {
    std::function<MapAnswer()> work = [this, q] {
      const std::lock_guard<std::mutex> hold(mutex_);
      MapAnswer a = ask_server(q, connection_.get() >= 0);
      if (a.status == Status::kTempFail) connection_.reset();
      return a;
    };
    MapAnswer a = co_await run_aside(loop, std::move(work));
    co_return a;
  }

 private:
  static constexpr int kDefaultTimeoutMs = 30'000;

  MapAnswer ask_server(const Question& q, bool reused) {
    const std::string text = spec_.name + " " + (spec_.no_fold ? q.key : lower(q.key));
    const std::string request = fmt::format("{}:{},", text.size(), text);
    if (connection_.get() < 0 && !connect_server()) return failed(fmt::format("cannot connect to {}", spec_.source));
    std::string reply;
    if (!send_all(request) || !read_netstring(reply)) {
      connection_.reset();
      if (reused) return ask_server(q, false);  // the server had closed the kept connection
      return failed("no answer from " + spec_.source);
    }
    const size_t space = reply.find(' ');
    const std::string status = reply.substr(0, space);
    const std::string value = space == std::string::npos ? std::string() : reply.substr(space + 1);
    if (status == "OK") return found(q, value);
    if (status == "NOTFOUND") return missed(kExNotFound);
    if (status == "PERM") return missed(kExUnavailable);
    return missed(kExTempFail);
  }

  MapAnswer failed(const std::string& what) const {
    if (world_.env.log) world_.env.log(3, fmt::format("socket map \"{}\": {}", spec_.name, what));
    return missed(kExTempFail);
  }

  int timeout_ms() const {
    std::string value;
    if (!flag_value(spec_, 'd', value)) return kDefaultTimeoutMs;
    return static_cast<int>(std::clamp(parse_interval(value, 's'), 1L, 3600L)) * 1000;
  }

  // "inet:PORT@HOST", "inet6:PORT@HOST", "unix:PATH", "local:PATH" or a bare path.
  bool connect_server() {
    const std::string& s = spec_.source;
    const size_t colon = s.find(':');
    const std::string kind = colon == std::string::npos ? "local" : lower(s.substr(0, colon));
    const std::string where = colon == std::string::npos ? s : s.substr(colon + 1);
    if (kind == "unix" || kind == "local") {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      const std::string path = world_.path(where);
      if (path.size() >= sizeof address.sun_path) return false;
      std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
      return try_connect(AF_UNIX, reinterpret_cast<sockaddr*>(&address), sizeof address);
    }
    const size_t at = where.find('@');
    if (at == std::string::npos) return false;
    std::string host = where.substr(at + 1);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    addrinfo hints{};
    hints.ai_family = kind == "inet6" ? AF_INET6 : AF_INET;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    if (getaddrinfo(host.c_str(), where.substr(0, at).c_str(), &hints, &list) != 0) return false;
    bool connected = false;
    for (addrinfo* a = list; a != nullptr && !connected; a = a->ai_next) connected = try_connect(a->ai_family, a->ai_addr, a->ai_addrlen);
    freeaddrinfo(list);
    return connected;
  }

  bool try_connect(int family, const sockaddr* address, socklen_t length) {
    connection_.reset(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connection_.get() < 0) return false;
    timeval wait{};
    wait.tv_sec = timeout_ms() / 1000;
    ::setsockopt(connection_.get(), SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    ::setsockopt(connection_.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (::connect(connection_.get(), address, length) == 0) return true;
    connection_.reset();
    return false;
  }

  bool send_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(connection_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }

  bool read_netstring(std::string& out) {
    std::string raw;
    std::array<char, 4096> buf;
    for (;;) {
      const size_t colon = raw.find(':');
      if (colon != std::string::npos) {
        size_t length = 0;
        const auto r = std::from_chars(raw.data(), raw.data() + colon, length);
        if (r.ec != std::errc() || r.ptr != raw.data() + colon || length > kMaxAnswer) return false;
        if (raw.size() >= colon + 1 + length + 1) {
          out = raw.substr(colon + 1, length);
          return raw[colon + 1 + length] == ',';
        }
      } else if (raw.size() > 8) {
        return false;
      }
      const ssize_t n = ::recv(connection_.get(), buf.data(), buf.size(), 0);
      if (n <= 0) return false;
      raw.append(buf.data(), static_cast<size_t>(n));
    }
  }

  std::mutex mutex_;
  Descriptor connection_;
};

// userdb: "key:field" in the databases of UserDatabaseSpec; the map's argument is the field. With -z all its values, else the first.
class UserDbMap : public ClassMap {
 public:
  UserDbMap(MapSpec spec, World& world) : ClassMap(std::move(spec), world) {
    for (const auto part : split(world.env.user_database_spec, ',')) {
      const auto path = trim(part);
      if (path.empty() || path[0] != '/') continue;
      MapSpec db;
      db.name = spec_.name;
      db.map_class = "btree";
      db.source = path;
      db.column_delimiter = spec_.column_delimiter;
      databases_.push_back(make_file_map(std::move(db), world));
    }
  }
  bool open(std::string&) override { return !spec_.source.empty(); }
  bool lookup_now(const Question& q, MapAnswer& out) override {
    out = missed(0);
    for (const auto& db : databases_) {
      Question inner(lower(q.key) + ":" + spec_.source, {}, Ask::kVerbatim);
      MapAnswer a;
      db->lookup_now(inner, a);
      if (a.status == Status::kTempFail) out = a;
      if (a.status != Status::kOk) continue;
      out = found(q, a.value);
      return true;
    }
    return true;
  }

 private:
  std::vector<std::unique_ptr<Map>> databases_;
};

}  // namespace

std::unique_ptr<Map> make_system_map(MapSpec spec, World& world) {
  if (spec.map_class == "user") return std::make_unique<UserMap>(std::move(spec), world);
  if (spec.map_class == "userdb") return std::make_unique<UserDbMap>(std::move(spec), world);
  if (spec.map_class == "program") return std::make_unique<ProgramMap>(std::move(spec), world);
  if (spec.map_class == "socket") return std::make_unique<SocketMap>(std::move(spec), world);
  return nullptr;
}

}  // namespace hky::maps
