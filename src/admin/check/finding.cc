#include "admin/check/finding.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hky::admin::check {

const char* severity_name(Severity severity) {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kNote: break;
  }
  return "note";
}

void Findings::add(Severity severity, std::string id, std::string file, int line, std::string text, std::string cure) {
  if (!said_.insert(fmt::format("{}\n{}\n{}\n{}", id, file, line, text)).second) return;
  all_.push_back({severity, std::move(id), std::move(file), line, std::move(text), std::move(cure)});
}

std::vector<Finding> Findings::sorted() const {
  std::vector<Finding> out = all_;
  std::stable_sort(out.begin(), out.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.severity, a.file, a.line) < std::tie(b.severity, b.file, b.line);
  });
  return out;
}

size_t Findings::count(Severity severity) const {
  return static_cast<size_t>(std::count_if(all_.begin(), all_.end(), [&](const Finding& f) { return f.severity == severity; }));
}

std::string to_text(const Finding& f) {
  std::string where = f.file;
  if (f.line > 0) where += fmt::format(":{}", f.line);
  if (!where.empty()) where += ": ";
  std::string out = fmt::format("{}{}: {} [{}]\n", where, severity_name(f.severity), f.text, f.id);
  if (!f.cure.empty()) out += fmt::format("    cure: {}\n", f.cure);
  return out;
}

std::string to_json(const std::vector<Finding>& findings) {
  nlohmann::json out = nlohmann::json::array();
  for (const Finding& f : findings) {
    out.push_back({{"severity", severity_name(f.severity)}, {"id", f.id}, {"file", f.file}, {"line", f.line}, {"text", f.text}, {"cure", f.cure}});
  }
  return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace hky::admin::check
