// X and Q lines: a name and its equates. sendmail: milter.c setupmilter(); queue.c makequeue().
#include <fmt/core.h>

#include <algorithm>

#include "base/strings.h"
#include "cf/reader_impl.h"

namespace hky::cf {
namespace {

struct Equate { std::string name, value; bool has_value = false; };

// "Name, X=value, Y=value": those behind the name.
std::vector<Equate> equates(std::string_view in) {
  std::vector<Equate> out;
  while (!in.empty()) {
    size_t length = 0;
    munch(in, ',', &length);
    const std::string_view one = trim(in.substr(0, length));
    in.remove_prefix(length < in.size() ? length + 1 : length);
    if (one.empty()) continue;
    const size_t at = one.find('=');
    Equate e;
    e.name = std::string(trim(one.substr(0, at)));
    e.has_value = at != std::string_view::npos;
    if (e.has_value) e.value = munch(trim_left(one.substr(at + 1)), '\0');
    out.push_back(std::move(e));
  }
  return out;
}

std::string_view head(std::string_view in) {
  size_t at = 0;
  while (at < in.size() && in[at] != ',' && !is_space(in[at])) ++at;
  return in.substr(0, at);
}

int count(const std::string& value) { return static_cast<int>(std::clamp(number(value), 0L, 1'000'000L)); }

}  // namespace

void Reader::milter_line(std::string_view rest) {
  Milter m;
  m.place = Place{req_.path, line_};
  m.name = std::string(head(rest));
  if (m.name.empty()) return error("name required for mail filter");
  for (const Equate& e : equates(rest.substr(m.name.size()))) {
    switch (e.name.empty() ? '\0' : e.name[0]) {
      case 'S': m.socket = munch(e.value, '\0'); break;
      case 'F': m.flags = e.value; break;
      case 'T': m.timeouts = e.value; break;
      default: error(fmt::format("X{}: unknown filter equate {}=", m.name, e.name)); break;
    }
  }
  if (m.socket.empty()) return error(fmt::format("X{}: empty or missing socket information", m.name));
  for (Milter& old : c_.milters) {
    if (!iequals(old.name, m.name)) continue;
    old = std::move(m);
    return;
  }
  c_.milters.push_back(std::move(m));
}

bool Reader::queue_equate(QueueGroup& q, char letter, const std::string& value) {
  switch (letter) {
    case 'P':
      if (value.empty()) error(fmt::format("queue {}: empty path name", q.name));
      q.path = value;
      break;
    case 'F': q.forks = q.forks || value.find('f') != std::string::npos; break;
    case 'I': q.interval = time_value(value, 'm').count(); break;
    case 'N': q.nice = static_cast<int>(number(value)); break;
    case 'R': q.runners = count(value); break;
    case 'J': q.most_messages = static_cast<size_t>(count(value)); break;
    case 'r': q.most_rcpts = static_cast<size_t>(count(value)); break;
    default: return false;
  }
  return true;
}

void Reader::queue_line(std::string_view rest) {
  QueueGroup q;
  q.place = Place{req_.path, line_};
  q.name = std::string(head(rest));
  if (q.name.empty()) return error("name required for queue");
  for (const Equate& e : equates(rest.substr(q.name.size()))) {
    if (!e.has_value) return error(fmt::format("queue {}: `=' expected", q.name));
    // sendmail: Path, Flags, Nice, Interval, Jobs, Runners, recipients: the first letter tells
    if (!queue_equate(q, e.name.empty() ? '\0' : e.name[0], e.value)) error(fmt::format("Q{}: unknown queue equate {}=", q.name, e.name));
  }
  for (QueueGroup& old : c_.queue_groups) {
    if (!iequals(old.name, q.name)) continue;
    old = std::move(q);
    return;
  }
  c_.queue_groups.push_back(std::move(q));
}

// sendmail: queue.c setup_queues()
void Reader::finish_queues() {
  const int most = c_.options.max_queue_children;
  for (QueueGroup& q : c_.queue_groups) {
    if (most > 0 && q.runners > most) {
      report(false, fmt::format("Q={}: R={} exceeds MaxQueueChildren={}, set to MaxQueueChildren", q.name, q.runners, most), false);
      q.runners = most;
    }
    if (q.runners > 1 && !q.forks)
      report(false, fmt::format("Warning: Q={}: R={}: multiple queue runners specified\n\tbut flag 'f' is not set", q.name, q.runners), false);
  }
}

}  // namespace hky::cf
