#include "base/traffic_log.h"

#include <fmt/format.h>

namespace hky {
namespace {

std::string one_line(long number, std::string_view mark, std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  return fmt::format("{:05} {}{}\n", number, mark, text);
}

}  // namespace

void TrafficLog::line(long number, std::string_view mark, std::string_view text) { sink_(one_line(number, mark, text)); }

void TrafficLog::lines(long number, std::string_view mark, std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    out += one_line(number, mark, text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (!out.empty()) sink_(out);
}

TrafficLines::~TrafficLines() {
  if (!in_.empty()) log_.line(number_, TrafficLog::kIn, in_);
  if (!out_.empty()) log_.line(number_, TrafficLog::kOut, out_);
}

void TrafficLines::take(std::string& rest, std::string_view mark, std::string_view bytes) {
  const size_t last = bytes.rfind('\n');
  if (last == std::string_view::npos) {
    rest += bytes;
    return;
  }
  rest += bytes.substr(0, last);
  log_.lines(number_, mark, rest + "\n");
  rest = bytes.substr(last + 1);
}

void TrafficLines::end_of_input() {
  if (!in_.empty()) log_.line(number_, TrafficLog::kIn, in_);
  in_.clear();
  log_.line(number_, TrafficLog::kIn, "[EOF]");
}

}  // namespace hky
