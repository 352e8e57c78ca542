#include "cmd/told.h"

#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace hky::cmd {

Told::Told(long n) : number(n) {
  if (n > 0) log = std::make_shared<TrafficLog>([this](std::string_view lines) { traffic += lines; }, n, true);
}

void Told::say(const std::string& line) {
  text += line + '\n';
  if (log) log->line(number, TrafficLog::kOut, line);
}

void print_told(const admin::Frame& answer, TrafficLog* log) {
  const auto facts = nlohmann::json::parse(answer.json, nullptr, false);
  const size_t all = answer.blob.size(), text = facts.is_object() ? std::min<size_t>(facts.value("text", all), all) : all;
  std::fwrite(answer.blob.data(), 1, text, stdout);
  if (log != nullptr && text < all) log->write(std::string_view(answer.blob).substr(text));
}

}  // namespace hky::cmd
