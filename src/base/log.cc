// Log sinks: see log.h.
#include "base/log.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <iterator>

#include "base/descriptor.h"

namespace hky {
namespace {

std::string compose(const LogEvent& event) {
  std::string line;
  line.reserve(event.queue_id.size() + event.text.size() + 3);
  if (!event.queue_id.empty()) {
    line += event.queue_id;
    line += ": ";
  }
  line += event.text;
  return log_safe(line);
}

thread_local bool thread_gathers = false;

// "Nov  5 01:02:03", made once a second.
class Stamp {
 public:
  explicit Stamp(const Clock& clock) : clock_(clock) {}
  const std::string& text() {
    const int64_t now = unix_seconds(clock_.wall());
    if (now == time_) return text_;
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t t = now;
    std::tm tm{};
    localtime_r(&t, &tm);
    text_ = fmt::format("{} {:2} {:02}:{:02}:{:02}", kMonths[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    time_ = now;
    return text_;
  }

 private:
  const Clock& clock_;
  int64_t time_ = -1;
  std::string text_;
};

// RFC 3164's form, as syslog(3) sends it: a datagram a line; sendmmsg takes many. One object a process: openlog is global.
class SyslogLog : public Log {
 public:
  SyslogLog(const Clock& clock, std::string tag, std::string socket) : stamp_(clock), tag_(std::move(tag)), socket_(socket.empty() ? _PATH_LOG : std::move(socket)) {
    ::openlog(tag_.c_str(), LOG_PID, LOG_MAIL);
  }
  ~SyslogLog() override {
    SyslogLog::flush();
    ::closelog();
  }

  void write(const LogEvent& event) override {
    const std::string text = compose(event);
    std::lock_guard hold(mutex_);
    std::string line = fmt::format("<{}>{} {}[{}]: ", LOG_MAIL | static_cast<int>(event.priority), stamp_.text(), tag_, ::getpid());
    const size_t head = line.size();
    line += text;
    lines_.push_back(Line{std::move(line), head, static_cast<int>(event.priority)});
    waiting_.store(true, std::memory_order_relaxed);
    if (!thread_gathers || lines_.size() >= kMost) send();
  }
  void flush() override {
    if (!waiting_.load(std::memory_order_relaxed)) return;
    std::lock_guard hold(mutex_);
    send();
  }

 private:
  static constexpr size_t kMost = 64;
  struct Line {
    std::string packet;
    size_t head = 0;   // of it, before the text
    int priority = 0;
  };

  bool connected() {
    if (daemon_) return true;
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    if (socket_.size() >= sizeof at.sun_path) return false;
    socket_.copy(at.sun_path, socket_.size());
    daemon_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (daemon_ && ::connect(daemon_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) return true;
    daemon_.reset();
    return false;
  }
  void send() {
    size_t done = 0;
    for (int tries = 0; done < lines_.size() && tries < 2; ++tries) {   // once more where the daemon was restarted
      if (!connected()) break;
      while (done < lines_.size()) {
        const int n = send_from(done);
        if (n <= 0) break;
        done += static_cast<size_t>(n);
      }
      if (done < lines_.size()) daemon_.reset();
    }
    // A daemon that listens otherwise (a stream socket) is the C library's matter.
    for (; done < lines_.size(); ++done) ::syslog(lines_[done].priority, "%s", lines_[done].packet.c_str() + lines_[done].head);
    lines_.clear();
    waiting_.store(false, std::memory_order_relaxed);
  }
  int send_from(size_t first) {
    std::array<iovec, kMost> parts{};
    std::array<mmsghdr, kMost> packets{};
    const size_t count = std::min(kMost, lines_.size() - first);
    for (size_t i = 0; i < count; ++i) {
      parts[i] = {lines_[first + i].packet.data(), lines_[first + i].packet.size()};
      packets[i].msg_hdr.msg_iov = &parts[i];
      packets[i].msg_hdr.msg_iovlen = 1;
    }
    int n = 0;
    do n = ::sendmmsg(daemon_.get(), packets.data(), static_cast<unsigned>(count), MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n;
  }

  std::mutex mutex_;
  std::atomic<bool> waiting_{false};
  Stamp stamp_;
  std::string tag_;
  std::string socket_;
  std::vector<Line> lines_;
  Descriptor daemon_;
};

class FileLog : public Log {
 public:
  FileLog(FileSystem& files, const Clock& clock, std::string path, std::string host, std::string tag, size_t buffer)
      : files_(files), stamp_(clock), path_(std::move(path)), host_(std::move(host)), tag_(std::move(tag)), limit_(buffer) {}
  ~FileLog() override { FileLog::flush(); }

  void write(const LogEvent& event) override {
    std::string text = compose(event);
    std::lock_guard hold(mutex_);
    fmt::format_to(std::back_inserter(pending_), "{} {} {}[{}]: {}\n", stamp_.text(), host_, tag_, ::getpid(), text);
    if (pending_.size() >= limit_) put();
  }
  void flush() override {
    std::lock_guard hold(mutex_);
    put();
  }
  void reopen() override {
    std::lock_guard hold(mutex_);
    put();
    file_.reset();
  }

 private:
  // A log that cannot be written stops no mail: the lines are dropped and the next one tries again.
  void put() {
    if (pending_.empty()) return;
    if (!file_) {
      auto opened = files_.open(path_, open_to_append(0640));
      if (opened.ok()) file_ = std::move(*opened);
    }
    if (file_ && !file_->write(pending_).ok()) file_.reset();
    pending_.clear();
  }

  FileSystem& files_;
  Stamp stamp_;
  std::string path_, host_, tag_;
  size_t limit_;
  std::mutex mutex_;
  std::unique_ptr<File> file_;
  std::string pending_;
};

class NullLog : public Log {
 public:
  NullLog() { set_level(-1); }
  void write(const LogEvent&) override {}
};

}  // namespace

std::string log_safe(std::string_view text) {
  auto control = [](char c) { return (static_cast<unsigned char>(c) < 32 && c != '\t') || c == 127; };
  if (std::none_of(text.begin(), text.end(), control)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (control(c)) out += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
    else out += c;
  }
  return out;
}

void gather_log_lines() { thread_gathers = true; }

std::unique_ptr<Log> syslog_log(const Clock& clock, std::string tag, std::string socket) {
  return std::make_unique<SyslogLog>(clock, std::move(tag), std::move(socket));
}

std::unique_ptr<Log> file_log(FileSystem& files, const Clock& clock, std::string path, std::string host, std::string tag,
                              size_t buffer) {
  return std::make_unique<FileLog>(files, clock, std::move(path), std::move(host), std::move(tag), buffer);
}

Log& null_log() {
  static NullLog log;
  return log;
}

void MemoryLog::write(const LogEvent& event) {
  std::string line = compose(event);
  std::lock_guard hold(mutex_);
  lines_.push_back(std::move(line));
}

std::vector<std::string> MemoryLog::lines() const {
  std::lock_guard hold(mutex_);
  return lines_;
}

bool MemoryLog::contains(std::string_view part) const {
  std::lock_guard hold(mutex_);
  for (const std::string& line : lines_) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace hky
