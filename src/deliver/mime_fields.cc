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
  explicit Limiter(const cf::Config& config) : config_(config) {
    const cf::MimeHeaderLimits& limits = config.options.max_mime_header_length;
    header_ = limits.room(limits.header);
    field_ = limits.room(limits.field);
  }

  // A field that is short and opens nothing is never another afterwards.
  bool may_change(const mail::Field& f) const {
    const size_t shortest = std::min(header_ > 0 ? header_ : field_, field_ > 0 ? field_ : header_);
    if (shortest == 0 || (f.raw.size() < shortest && f.raw.find_first_of("\"(\\") == std::string_view::npos)) return false;
    return in(cf::kN_checkMIMEFieldHeaders, f) || in(cf::kN_checkMIMETextHeaders, f) || in(cf::kN_checkMIMEHeaders, f);
  }

  // `value`: what stands behind the colon.
  bool change(const mail::Field& f, std::string& value, std::vector<std::string>& log) const {
    const std::string before = value;
    if (field_ > 0 && in(cf::kN_checkMIMEFieldHeaders, f)) {
      const mail::MendedParameters m = mail::shorten_parameters(value, field_);
      if (m.closed) log.push_back(fmt::format("Fixed MIME {} header field (possible attack)", f.name));
      if (m.cut > 0) log.push_back(fmt::format("Truncated MIME {} header due to field size (length = {}) (possible attack)", f.name, m.cut));
    }
    if (header_ > 0 && value.size() > header_ && in(cf::kN_checkMIMETextHeaders, f)) {
      log.push_back(fmt::format("Truncated long MIME {} header (length = {}) (possible attack)", f.name, value.size()));
      value.resize(header_ - 1);
    }
    if (header_ > 0 && in(cf::kN_checkMIMEHeaders, f)) {
      const size_t length = value.size();
      const Mended what = mail::shorten(value, header_);
      if (what == Mended::kClosed) log.push_back(fmt::format("Fixed MIME {} header (possible attack)", f.name));
      if (what == Mended::kCut) log.push_back(fmt::format("Truncated long MIME {} header (length = {}) (possible attack)", f.name, length));
    }
    return value != before;
  }

 private:
  bool in(cf::NameId cls, const mail::Field& f) const { return config_.in_class(cls, f.name); }

  const cf::Config& config_;
  size_t header_ = 0, field_ = 0;   // bytes; 0: any
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
