// TrafficLog: sendmail -X: what goes in and out, a line a line: "01234 <<< MAIL From:<a@b>", "01234 >>> 250 ok". In sendmail the number is
// the process's; one process of ours has many conversations, so each has a number of its own there, and a command's is its pid.
// sendmail: err.c, sfio/collect.c (TrafficLogFile). Threads: all; the sink gets whole lines, from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

namespace hky {

class TrafficLog {
 public:
  using Sink = std::function<void(std::string_view lines)>;
  static constexpr std::string_view kIn = "<<< ", kOut = ">>> ", kNote = "=== ";

  // `one`: every conversation has the first number.
  TrafficLog(Sink sink, long first, bool one = false) : sink_(std::move(sink)), next_(first), one_(one) {}
  long number() { return one_ ? next_.load() : next_.fetch_add(1); }
  void line(long number, std::string_view mark, std::string_view text);
  // Each of its lines.
  void lines(long number, std::string_view mark, std::string_view text);
  // As lines() for all that came together in one write.
  void write(std::string_view whole_lines) { sink_(whole_lines); }

 private:
  Sink sink_;
  std::atomic<long> next_;
  bool one_;
};

// One conversation's bytes cut into lines, in the order they went.
class TrafficLines {
 public:
  TrafficLines(TrafficLog& log, long number) : log_(log), number_(number) {}
  ~TrafficLines();
  TrafficLines(const TrafficLines&) = delete;
  void received(std::string_view bytes) { take(in_, TrafficLog::kIn, bytes); }
  void sent(std::string_view bytes) { take(out_, TrafficLog::kOut, bytes); }
  void end_of_input();

 private:
  void take(std::string& rest, std::string_view mark, std::string_view bytes);

  TrafficLog& log_;
  long number_;
  std::string in_, out_;             // lines without their end yet
};

}  // namespace hky
