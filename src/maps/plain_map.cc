// Classes that need nothing but their arguments: null, dequote, arith, regex, syslog, dprintf.
// sendmail: null_map_lookup(), dequote_map(), arith_map_lookup(), regex_map_lookup(), syslog_map_lookup().
#include <array>
#include <cstdlib>
#include <optional>

#include <regex.h>

#include <fmt/format.h>

#include "base/strings.h"
#include "maps/class_map.h"
#include "maps/value.h"

namespace hky::maps {
namespace {

class NullMap : public ClassMap {
 public:
  using ClassMap::ClassMap;
  bool lookup_now(const Question&, MapAnswer& out) override {
    out = missed(kExNotFound);
    return true;
  }
};

class DequoteMap : public ClassMap {
 public:
  using ClassMap::ClassMap;
  bool lookup_now(const Question& q, MapAnswer& out) override {
    std::string value;
    out = unquote(q.key, value) ? answer(q, value) : missed(0);
    return true;
  }

 private:
  MapAnswer answer(const Question& q, const std::string& value) const {
    MapAnswer a;
    a.status = Status::kOk;
    a.exit_code = 0;
    a.value = map_rewrite(value, q.key, nullptr, spec_.append);
    return a;
  }
  // Only where removing the quotes leaves one balanced word.
  bool unquote(std::string_view key, std::string& out) const {
    int comments = 0;
    int angles = 0;
    int spaces = 0;
    bool any = false;
    bool quoted = false;
    bool escaped = false;
    for (char c : key) {
      if (escaped) {
        escaped = false;
        out += c;
        continue;
      }
      if (c == ' ' && spec_.space_sub != '\0') c = spec_.space_sub;
      if (c == '\\') escaped = true;
      if (c == '(') ++comments;
      if (c == ')' && --comments < 0) return false;
      if (c == ' ' || c == '\t') ++spaces;
      if (comments > 0 || c == ')') {
        out += c;
        continue;
      }
      if (c == '"') {
        quoted = !quoted;
        any = true;
        continue;
      }
      if (c == '<') ++angles;
      if (c == '>' && --angles < 0) return false;
      out += c;
    }
    return any && !quoted && !escaped && comments == 0 && angles == 0 && spaces == 0;
  }
};

class ArithMap : public ClassMap {
 public:
  using ClassMap::ClassMap;
  bool lookup_now(const Question& q, MapAnswer& out) override {
    std::string value;
    const int code = compute(q, value);
    if (code != 0) {
      out = missed(code < 0 ? 0 : code);
      return true;
    }
    out.status = Status::kOk;
    out.exit_code = 0;
    out.value = value;
    return true;
  }

 private:
  static long number(const std::string& s) { return std::strtol(s.c_str(), nullptr, 0); }

  // 0: value is set; -1: no answer; else the exit code. Overflow wraps, as it does in practice in sendmail.
  int compute(const Question& q, std::string& value) const {
    if (q.key.empty() || q.args.size() < 2) return kExConfig;
    const long a = number(q.args[0]);
    const long b = number(q.args[1]);
    const auto ua = static_cast<unsigned long>(a);
    const auto ub = static_cast<unsigned long>(b);
    long r = 0;
    switch (q.key[0]) {
      case '|': r = a | b; break;
      case '&': r = a & b; break;
      case '+': r = static_cast<long>(ua + ub); break;
      case '-': r = static_cast<long>(ua - ub); break;
      case '*': r = static_cast<long>(ua * ub); break;
      case '%':
      case '/':
        if (b == 0) return -1;
        if (b == -1) r = q.key[0] == '/' ? static_cast<long>(0UL - ua) : 0;  // LONG_MIN / -1 traps
        else r = q.key[0] == '/' ? a / b : a % b;
        break;
      case 'l': value = a < b ? "TRUE" : "FALSE"; return 0;
      case '=': value = a == b ? "TRUE" : "FALSE"; return 0;
      case 'r': {
        const unsigned long span = ub - ua + 1;
        if (b < a || span == 0) return kExConfig;
        r = static_cast<long>(ua + world_.random().below(span));
        break;
      }
      default: return kExConfig;
    }
    value = fmt::format("{}", r);
    return 0;
  }
};

class RegexMap : public ClassMap {
 public:
  using ClassMap::ClassMap;
  ~RegexMap() override {
    if (compiled_) regfree(&regex_);
  }
  RegexMap(const RegexMap&) = delete;
  RegexMap& operator=(const RegexMap&) = delete;

  bool open(std::string& why) override {
    if (compiled_) return true;
    int flags = flag_set(spec_, 'b') ? 0 : REG_EXTENDED;
    if (!spec_.no_fold) flags |= REG_ICASE;
    std::string list;
    with_fields_ = flag_value(spec_, 's', list);
    if (!with_fields_) flags |= REG_NOSUB;
    if (const int rc = regcomp(&regex_, spec_.source.c_str(), flags); rc != 0) {
      std::array<char, 256> text{};
      regerror(rc, &regex_, text.data(), text.size());
      why = fmt::format("pattern-compile-error: {}: {}", text.data(), spec_.source);
      return false;
    }
    compiled_ = true;
    return fields(list, why);
  }

  bool lookup_now(const Question& q, MapAnswer& out) override {
    std::array<regmatch_t, kMaxFields + 1> match{};
    const bool hit = compiled_ && regexec(&regex_, q.key.c_str(), with_fields_ ? match.size() : 0, match.data(), 0) == 0;
    if (hit == flag_set(spec_, 'n')) {
      out = missed(0);
      return true;
    }
    std::string value;
    if (hit && with_fields_) {
      bool first = true;
      for (const size_t f : fields_) {
        if (match[f].rm_so < 0 || match[f].rm_eo < match[f].rm_so) continue;
        if (!first) value += delimiter_;
        first = false;
        value += q.key.substr(static_cast<size_t>(match[f].rm_so), static_cast<size_t>(match[f].rm_eo - match[f].rm_so));
      }
    }
    out.status = Status::kOk;
    out.exit_code = 0;
    // sendmail: what was matched is no template, % stands for itself.
    out.value = map_rewrite(spec_.match_only ? q.key : value, q.key, nullptr, spec_.append);
    return true;
  }

 private:
  static constexpr size_t kMaxFields = 20;  // sendmail: MAX_MATCH

  bool fields(const std::string& list, std::string& why) {
    flag_value(spec_, 'd', delimiter_);
    if (!with_fields_) return true;
    fields_.clear();
    if (list.empty()) {
      for (size_t i = 0; i <= regex_.re_nsub && i <= kMaxFields; ++i) fields_.push_back(i);
      return true;
    }
    for (const auto part : split(list, ',')) {
      const long n = std::strtol(std::string(part).c_str(), nullptr, 10);
      if (part.empty() || !is_digit(part[0]) || n > static_cast<long>(regex_.re_nsub) || n > static_cast<long>(kMaxFields)) {
        why = fmt::format("field (-s {}) out of range, only {} substrings in pattern", part, regex_.re_nsub);
        return false;
      }
      fields_.push_back(static_cast<size_t>(n));
    }
    return true;
  }

  regex_t regex_{};
  bool compiled_ = false, with_fields_ = false;
  std::vector<size_t> fields_;
  std::string delimiter_;
};

// syslog and dprintf: the key is a template; its text is said, the answer is empty.
class SayMap : public ClassMap {
 public:
  using ClassMap::ClassMap;
  bool lookup_now(const Question& q, MapAnswer& out) override {
    const std::string text = map_rewrite(q.key, q.key, &q.args, spec_.append);
    if (world_.env.log) world_.env.log(priority(), text);
    out.status = Status::kOk;
    out.exit_code = 0;
    out.value.clear();
    return true;
  }

 private:
  int priority() const {
    constexpr int kInfo = 6, kDebug = 7;
    std::string level;
    if (spec_.map_class == "dprintf") return kDebug;
    return flag_value(spec_, 'L', level) && !level.empty() ? syslog_priority(level) : kInfo;
  }
};

}  // namespace

std::unique_ptr<Map> make_plain_map(MapSpec spec, World& world) {
  const std::string& c = spec.map_class;
  if (c == "null") return std::make_unique<NullMap>(std::move(spec), world);
  if (c == "dequote") return std::make_unique<DequoteMap>(std::move(spec), world);
  if (c == "arith") return std::make_unique<ArithMap>(std::move(spec), world);
  if (c == "regex") return std::make_unique<RegexMap>(std::move(spec), world);
  if (c == "syslog" || c == "dprintf") return std::make_unique<SayMap>(std::move(spec), world);
  return nullptr;
}

}  // namespace hky::maps
