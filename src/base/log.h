// Log: where log lines go, in sendmail's form, so that the tools which read /var/log/maillog go on working (H3).
// Callers write "from=<a@b>, size=12, ..." with the queue id beside it; the sink adds time, host, tag and pid:
//   Nov 25 01:02:03 host sendmail[123]: 4AP12303000123: from=<a@b>, size=12, ...
// Control characters (a remote's words) never start a line of their own: they become \ooo.
// Threads: write() from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/file_system.h"

namespace hky {

// syslog's priorities.
enum class LogPriority { kEmerg, kAlert, kCrit, kError, kWarning, kNotice, kInfo, kDebug };

struct LogEvent {
  LogPriority priority = LogPriority::kInfo;
  std::string_view queue_id;  // may be empty; sendmail writes "NOQUEUE" where a session has none
  std::string_view text;
};

class Log {
 public:
  virtual ~Log() = default;
  virtual void write(const LogEvent& event) = 0;
  virtual void flush() {}
  // After a log rotation (SIGHUP): the file is opened again.
  virtual void reopen() {}

  // sendmail: LogLevel of the O line; a line of level n is written when LogLevel >= n.
  bool wants(int level) const { return level <= level_.load(std::memory_order_relaxed); }
  void set_level(int level) { level_.store(level, std::memory_order_relaxed); }
  void line(int level, LogPriority priority, std::string_view queue_id, std::string_view text) {
    if (wants(level)) write(LogEvent{priority, queue_id, text});
  }

 private:
  std::atomic<int> level_{9};
};

// Replaces control characters by \ooo; most lines have none and are not copied twice.
std::string log_safe(std::string_view text);

// The calling thread promises to flush() soon (an event loop, each turn): what it logs to syslog may gather until then.
void gather_log_lines();

// The machine's syslog, facility mail. Lines of a gathering thread go out together, in one system call; all others at once.
// A syslog that is not there, or was restarted, costs lines and never mail; the next one tries again. `socket`: where it listens; empty:
// the system's place.
std::unique_ptr<Log> syslog_log(const Clock& clock, std::string tag, std::string socket = "");
// A file of maillog lines. Lines gather up to `buffer` bytes (0: each is written at once) until flush().
std::unique_ptr<Log> file_log(FileSystem& files, const Clock& clock, std::string path, std::string host, std::string tag,
                              size_t buffer = 0);
// Writes nothing.
Log& null_log();

// Keeps the lines ("QUEUEID: text" or "text") for tests.
class MemoryLog : public Log {
 public:
  void write(const LogEvent& event) override;
  std::vector<std::string> lines() const;
  bool contains(std::string_view part) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

}  // namespace hky
