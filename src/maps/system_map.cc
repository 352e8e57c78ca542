// Classes that ask the system and may block, so they run on the worker pool: user, program, socket; and userdb.
// This file is their adapter to passwd, processes and sockets.
// sendmail: user_map_lookup(), prog_map_lookup(), socket_map_lookup(), udb_map_lookup().
#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <mutex>

#include <fmt/format.h>

#include "base/descriptor.h"
#include "base/file_system.h"
#include "base/strings.h"
#include "maps/class_map.h"
#include "maps/value.h"

namespace hky::maps {
namespace {

constexpr int kExNoUser = 67;
constexpr int kExProtocol = 76;
constexpr size_t kMaxAnswer = 64 * 1024;

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

// program: its words and the key are its arguments; the first line that it prints is the value, its exit code the status.
class ProgramMap : public ClassMap {
 public:
  using ClassMap::ClassMap;
  net::Task<MapAnswer> lookup(net::Loop& loop, Question q) override {
    std::vector<std::string> words = spec_.rest;
    words[0] = world_.path(words[0]);
    words.push_back(q.key);
    ipc::Outcome ended;
    ended.exit_code = kExConfig;
    if (world_.env.run_program) ended = co_await world_.env.run_program(loop, std::move(words));
    co_return answer(q, ended);
  }

 private:
  static constexpr size_t kLongest = 2047;   // sendmail: MAXLINE

  MapAnswer answer(const Question& q, const ipc::Outcome& ended) const {
    if (ended.signal != 0) {
      MapAnswer a = missed(kExUnavailable);
      a.message = fmt::format("prog_map_lookup({}): child died on signal {}", spec_.name, ended.signal);
      return a;
    }
    if (ended.exit_code != 0 || ended.output.empty()) return missed(ended.exit_code);
    return found(q, std::string_view(ended.output).substr(0, std::min(ended.output.find('\n'), kLongest)));
  }
};

// socket: "LENGTH:MAP KEY," out; "LENGTH:OK VALUE," (or NOTFOUND, TEMP, TIMEOUT, PERM) back. One connection, kept.
class SocketMap : public ClassMap {
 public:
  using ClassMap::ClassMap;
  // What its words are alone; who listens is asked by the first look-up.
  bool open(std::string& why) override {
    const auto [kind, where] = server();
    if (kind == "inet" || kind == "inet6") return true;
    if (kind != "unix" && kind != "local") {
      why = fmt::format("socket map \"{}\": unknown socket type {}: {}", spec_.name, kind, std::strerror(EPROTONOSUPPORT));
      return false;
    }
    std::string fault = world_.env.distrust ? world_.env.distrust(where) : "";
    if (const auto st = kernel_file_system().stat(world_.path(where)); fault.empty() && !st.ok()) fault = std::strerror(st.error().sys);
    if (!fault.empty()) why = fmt::format("socket map \"{}\": local socket name {} unsafe: {}", spec_.name, where, fault);
    return fault.empty();
  }
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
    if (connection_.get() < 0 && !connect_server()) return spec_.optional ? missed(0) : failed(fmt::format("cannot connect to {}", spec_.source));
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
    return missed(status == "TEMP" || status == "TIMEOUT" ? kExTempFail : kExProtocol);
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

  // "inet:PORT@HOST", "inet6:PORT@HOST", "unix:PATH", "local:PATH" or a bare path: the kind, and the rest.
  std::pair<std::string, std::string> server() const {
    const std::string& s = spec_.source;
    const size_t colon = s.find(':');
    if (colon == std::string::npos) return {"local", s};
    return {lower(s.substr(0, colon)), s.substr(colon + 1)};
  }

  bool connect_server() {
    const auto [kind, where] = server();
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
      db.optional = true;   // sendmail: _udbx_init(): one that is missing has nothing
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
