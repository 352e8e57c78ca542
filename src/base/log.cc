// Log sinks: see log.h.
#include "base/log.h"

#include <fmt/format.h>
#include <syslog.h>
#include <unistd.h>

#include <ctime>

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

class SyslogLog : public Log {
 public:
  explicit SyslogLog(std::string tag) : tag_(std::move(tag)) { openlog(tag_.c_str(), LOG_PID, LOG_MAIL); }
  ~SyslogLog() override { closelog(); }
  void write(const LogEvent& event) override { syslog(int(event.priority), "%s", compose(event).c_str()); }

 private:
  std::string tag_;
};

class FileLog : public Log {
 public:
  FileLog(FileSystem& files, const Clock& clock, std::string path, std::string host, std::string tag, size_t buffer)
      : files_(files), clock_(clock), path_(std::move(path)), host_(std::move(host)), tag_(std::move(tag)), limit_(buffer) {}
  ~FileLog() override { FileLog::flush(); }

  void write(const LogEvent& event) override {
    std::string text = compose(event);
    std::lock_guard hold(mutex_);
    pending_ += stamp();
    pending_ += text;
    pending_ += '\n';
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
  // "Nov  5 01:02:03 host tag[pid]: ", made once a second.
  const std::string& stamp() {
    int64_t now = unix_seconds(clock_.wall());
    pid_t pid = getpid();
    if (now != stamp_time_ || pid != stamp_pid_) {
      static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
      std::time_t t = now;
      std::tm tm{};
      localtime_r(&t, &tm);
      stamp_ = fmt::format("{} {:2} {:02}:{:02}:{:02} {} {}[{}]: ", kMonths[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min,
                           tm.tm_sec, host_, tag_, pid);
      stamp_time_ = now;
      stamp_pid_ = pid;
    }
    return stamp_;
  }
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
  const Clock& clock_;
  std::string path_, host_, tag_;
  size_t limit_;
  std::mutex mutex_;
  std::unique_ptr<File> file_;
  std::string pending_, stamp_;
  int64_t stamp_time_ = -1;
  pid_t stamp_pid_ = 0;
};

class NullLog : public Log {
 public:
  NullLog() { set_level(-1); }
  void write(const LogEvent&) override {}
};

}  // namespace

std::string log_safe(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    auto u = static_cast<unsigned char>(c);
    if ((u < 32 && c != '\t') || u == 127) out += fmt::format("\\{:03o}", u);
    else out += c;
  }
  return out;
}

std::unique_ptr<Log> syslog_log(std::string tag) { return std::make_unique<SyslogLog>(std::move(tag)); }

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
