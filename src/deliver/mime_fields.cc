#include "deliver/mime_fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "proto/mail/header_writer.h"
#include "proto/mail/mime_limits.h"

namespace hky::deliver {
namespace {

using mail::Mended;

class Limiter {
 public:
  explicit Limiter(const cf::Config& config) : config_(config), limits_(config.options.max_mime_header_length) {}

  // A field that is short and opens nothing is never another afterwards.
  bool may_change(const mail::Field& f) const {
    const size_t shortest = static_cast<size_t>(std::min(limits_.header > 0 ? limits_.header : limits_.field, limits_.field > 0 ? limits_.field : limits_.header));
    if (shortest == 0 || (f.raw.size() < shortest && f.raw.find_first_of("\"(\\") == std::string_view::npos)) return false;
    return in(cf::kN_checkMIMEFieldHeaders, f) || in(cf::kN_checkMIMETextHeaders, f) || in(cf::kN_checkMIMEHeaders, f);
  }

  // `value`: what stands behind the colon.
  bool change(const mail::Field& f, std::string& value, std::vector<std::string>& log) const {
    const std::string before = value;
    if (limits_.field > 0 && in(cf::kN_checkMIMEFieldHeaders, f)) {
      const mail::MendedParameters m = mail::shorten_parameters(value, static_cast<size_t>(limits_.field));
      if (m.closed) log.push_back(fmt::format("Fixed MIME {} header field (possible attack)", f.name));
      if (m.cut > 0) log.push_back(fmt::format("Truncated MIME {} header due to field size (length = {}) (possible attack)", f.name, m.cut));
    }
    const size_t limit = static_cast<size_t>(limits_.header);
    if (limit > 0 && value.size() > limit && in(cf::kN_checkMIMETextHeaders, f)) {
      log.push_back(fmt::format("Truncated long MIME {} header (length = {}) (possible attack)", f.name, value.size()));
      value.resize(limit - 1);
    }
    if (limit > 0 && in(cf::kN_checkMIMEHeaders, f)) {
      const size_t length = value.size();
      const Mended what = mail::shorten(value, limit);
      if (what == Mended::kClosed) log.push_back(fmt::format("Fixed MIME {} header (possible attack)", f.name));
      if (what == Mended::kCut) log.push_back(fmt::format("Truncated long MIME {} header (length = {}) (possible attack)", f.name, length));
    }
    return value != before;
  }

 private:
  bool in(cf::NameId cls, const mail::Field& f) const { return config_.in_class(cls, f.name); }

  const cf::Config& config_;
  const cf::MimeHeaderLimits& limits_;
};

}  // namespace

std::vector<std::string> limit_mime_fields(Work& w) {
  std::vector<std::string> log;
  const Limiter limiter(*w.settings->config);
  for (mail::Field& f : w.header.fields) {
    if (!limiter.may_change(f)) continue;
    const size_t behind = f.raw.find(':') + 1;
    std::string value(f.raw.substr(behind, f.raw.size() - behind - (f.raw.ends_with('\n') ? 1 : 0)));
    if (!limiter.change(f, value, log)) continue;
    mail::mend_folds(value);
    const std::string& raw = w.mended_fields.emplace_back(fmt::format("{}{}\n", f.raw.substr(0, behind), value));
    f.raw = raw;
    f.value = f.raw.substr(behind, raw.size() - behind - 1);
    if (f.value.starts_with(' ')) f.value.remove_prefix(1);
  }
  return log;
}

}  // namespace hky::deliver
