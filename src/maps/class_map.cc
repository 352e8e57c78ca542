#include "maps/class_map.h"

#include "base/file_system.h"
#include "base/strings.h"
#include "maps/value.h"

namespace hky::maps {

std::vector<std::string> World::services(std::string_view service) const {
  std::vector<std::string> out;
  if (env.service_switch.empty()) return out;
  auto text = kernel_file_system().read_file(path(env.service_switch), 1 << 20);
  if (!text.ok()) return out;
  for (const auto line : split(*text, '\n')) {
    const auto words = split_words(line.substr(0, line.find('#')));
    if (words.size() < 2 || words[0] != service) continue;
    for (size_t i = 1; i < words.size(); ++i) out.emplace_back(words[i]);
    break;
  }
  return out;
}

MapAnswer ClassMap::missed(int exit_code) {
  MapAnswer a;
  a.exit_code = exit_code;
  switch (exit_code) {
    case kExTempFail: a.status = Status::kTempFail; break;
    case kExUnavailable: a.status = Status::kUnavailable; break;
    case kExConfig: a.status = Status::kConfig; break;
    default: a.status = Status::kNotFound; break;
  }
  return a;
}

MapAnswer ClassMap::found(const Question& q, std::string_view value) const {
  MapAnswer a;
  a.status = Status::kOk;
  a.exit_code = 0;
  a.value = spec_.match_only ? map_rewrite(q.key, q.key, nullptr, spec_.append) : map_rewrite(value, q.key, q.rewrite_args(), spec_.append);
  return a;
}

std::string ClassMap::fold_key(const std::string& key) const { return spec_.no_fold ? key : lower(key); }

net::Task<MapAnswer> ClassMap::run_aside(net::Loop& loop, std::function<MapAnswer()> work) const {
  MapAnswer a;
  if (world_.env.workers == nullptr) {
    a = work();
  } else {
    a = co_await world_.env.workers->run<MapAnswer>(loop, std::move(work));
  }
  co_return a;
}

}  // namespace hky::maps
