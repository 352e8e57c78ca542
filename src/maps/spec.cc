// The arguments of a K line. sendmail: map_parseargs(), dns_map_parseargs(), regex_map_init(), seq_map_parse() ...
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/strings.h"
#include "maps/class_map.h"

namespace hky::maps {
namespace {

enum class Rest { kFile, kOptionalFile, kWords, kPattern, kNothing };

struct ClassSyntax {
  const char* name;
  Rest rest;
  const char* own_flags;  // beside the common ones; ':' after a letter: it takes a value
  bool keep_quotes = false;
};

// Which flags a class takes beyond the common ones, and what stands after the flags.
constexpr std::array<ClassSyntax, 22> kClasses{{
    {"hash", Rest::kFile, "l:"}, {"btree", Rest::kFile, "l:"}, {"text", Rest::kFile, ""}, {"implicit", Rest::kFile, ""},
    {"stab", Rest::kOptionalFile, ""}, {"sequence", Rest::kWords, ""}, {"switch", Rest::kFile, ""},
    {"host", Rest::kNothing, "d:r:"}, {"dns", Rest::kNothing, "R:d:r:B:Z:"}, {"bestmx", Rest::kNothing, ""},
    {"user", Rest::kNothing, ""}, {"userdb", Rest::kOptionalFile, ""}, {"regex", Rest::kPattern, "nbs:d:"},
    {"arith", Rest::kNothing, "", true}, {"dequote", Rest::kNothing, "s:", true}, {"macro", Rest::kNothing, ""},
    {"syslog", Rest::kNothing, "L:"}, {"dprintf", Rest::kNothing, "d:"}, {"program", Rest::kWords, ""},
    {"null", Rest::kNothing, ""}, {"socket", Rest::kFile, "d:"}, {"ldap", Rest::kNothing, ""},
}};

constexpr std::array<std::string_view, 12> kUnsupported{"dbm",     "ndbm", "nis",  "nisplus", "hesiod", "nsd",
                                                        "netinfo", "ph",   "lmdb", "cdb",     "ldapx",  "sql"};

const ClassSyntax* syntax_of(std::string_view name) {
  for (const auto& c : kClasses) {
    if (name == c.name) return &c;
  }
  return nullptr;
}

// sendmail's "%s: class %s not available", with the cure.
Error unknown_class(const MapSpec& spec) {
  for (const auto name : kUnsupported) {
    if (name != spec.map_class) continue;
    return permanent_error(fmt::format("readcf: map {}: class {} not available (use hash, btree, text, ldap or socket)", spec.name, spec.map_class));
  }
  return permanent_error(fmt::format("readcf: map {}: class {} not available", spec.name, spec.map_class));
}

// sendmail: syslog_map_parseargs(): it takes few flags, and calls itself by its class.
Result<> check_syslog_flag(const MapSpec& spec, char flag, std::string_view value) {
  if (spec.map_class != "syslog") return {};
  if (std::string_view("LDS").find(flag) == std::string_view::npos) return permanent_error(fmt::format("Illegal option {} map syslog", flag));
  if (flag == 'L' && !value.empty() && syslog_priority(value) < 0) return permanent_error(fmt::format("syslog_map_parseargs: Unknown priority {}", value));
  return {};
}

// ldap: any value may stand in double quotes; its own flags are kept in `rest`, one string each ("k(uid=%0)").
Result<> parse_ldap_args(MapSpec& spec) {
  std::string_view text = spec.args;
  for (;;) {
    text = trim_left(text);
    if (text.size() < 2 || text[0] != '-') break;
    const char flag = text[1];
    text = trim_left(text.substr(2));
    std::string value;
    const bool takes_value = std::string_view("abdhHklMpPrsTvVwzZx").find(flag) != std::string_view::npos;
    if (takes_value) {
      const bool quoted = !text.empty() && text[0] == '"';
      if (quoted) text.remove_prefix(1);
      size_t end = 0;
      while (end < text.size() && (quoted ? text[end] != '"' : !is_space(text[end]))) ++end;
      value = text.substr(0, end);
      text.remove_prefix(std::min(text.size(), end + (quoted ? 1 : 0)));
    }
    switch (flag) {
      case 'a': spec.append = value; break;
      case 'T': spec.on_tempfail = value; spec.has_on_tempfail = true; break;
      case 'o': spec.optional = true; break;
      case 't': spec.no_tempfail = true; break;
      case 'm': spec.match_only = true; break;
      case 'f': spec.no_fold = true; break;
      case 'q': spec.keep_quotes = true; break;
      case 'D': spec.defer = true; break;
      case 'z': spec.column_delimiter = value == "\\n" ? "\n" : value == "\\t" ? "\t" : value; break;
      default: spec.rest.push_back(flag + value); break;
    }
  }
  if (!trim(text).empty()) return permanent_error(fmt::format("LDAP map {}: flag expected, not {}", spec.name, trim(text)));
  spec.source = "ldap";
  return {};
}

class ArgReader {
 public:
  ArgReader(MapSpec& spec, const ClassSyntax& syntax) : spec_(spec), syntax_(syntax), text_(spec.args) {}

  Result<> read() {
    for (;;) {
      text_ = trim_left(text_);
      if (text_.size() < 2 || text_[0] != '-') break;
      const char flag = text_[1];
      text_.remove_prefix(2);
      HKY_TRY(one_flag(flag));
    }
    return rest();
  }

 private:
  // sendmail: the value is what follows up to white space; -k and -v may have blanks before it.
  std::string_view word() {
    size_t end = 0;
    while (end < text_.size() && !is_space(text_[end])) ++end;
    const auto w = text_.substr(0, end);
    text_.remove_prefix(end);
    return w;
  }

  Result<> one_flag(char flag) {
    const std::string_view own = syntax_.own_flags;
    if (const size_t at = own.find(flag); at != std::string_view::npos && flag != ':') {
      // A letter that takes a value takes the next word where none is glued to it ("-R MX"); -s of regex may stand alone.
      std::string_view value = word();
      const bool wants = at + 1 < own.size() && own[at + 1] == ':';
      if (wants && value.empty() && flag != 's') {
        text_ = trim_left(text_);
        value = word();
      }
      if (!spec_.raw_flags.empty()) spec_.raw_flags += ' ';
      spec_.raw_flags += fmt::format("-{}{}", flag, value);
      return check_syslog_flag(spec_, flag, value);
    }
    HKY_TRY(check_syslog_flag(spec_, flag, ""));
    switch (flag) {
      case 'N': spec_.append_null = true; spec_.try_null_both = false; break;
      case 'O': spec_.append_null = false; spec_.try_null_both = false; break;
      case 'o': spec_.optional = true; break;
      case 'f': spec_.no_fold = true; break;
      case 'm': spec_.match_only = true; break;
      case 'A': case 'l': break;
      case 'q': spec_.keep_quotes = true; break;
      case 't': spec_.no_tempfail = true; break;
      case 'D': spec_.defer = true; break;
      case 'a': spec_.append = word(); return {};
      case 'T': spec_.on_tempfail = word(); spec_.has_on_tempfail = true; return {};
      case 'k': text_ = trim_left(text_); spec_.key_column = word(); return {};
      case 'v': text_ = trim_left(text_); spec_.value_column = word(); return {};
      case 'z': spec_.column_delimiter = delimiter(word()); return {};
      case 'S': spec_.space_sub = text_.empty() || is_space(text_[0]) ? '\0' : text_[0]; break;
      case 'd': case 'p': break;  // sendmail accepts and ignores them where they mean nothing
      default:
        return permanent_error(fmt::format("Illegal option {} map {}", flag, spec_.name));
    }
    word();
    return {};
  }

  static std::string delimiter(std::string_view w) {
    if (w.size() >= 2 && w[0] == '\\') {
      switch (w[1]) {
        case 'n': return "\n";
        case 't': return "\t";
        default: return "\\";
      }
    }
    return std::string(w.substr(0, 1));
  }

  Result<> rest() {
    text_ = trim(text_);
    switch (syntax_.rest) {
      case Rest::kPattern:
        spec_.source = text_;
        if (text_.empty()) return permanent_error(fmt::format("readcf: map {}: regex map needs a pattern", spec_.name));
        return {};
      case Rest::kWords:
        for (const auto w : split_words(text_)) spec_.rest.emplace_back(w);
        if (!spec_.rest.empty()) spec_.source = spec_.rest.front();
        if (spec_.rest.empty()) return permanent_error(fmt::format("No file name for {} map {}", spec_.map_class, spec_.name));
        return {};
      default: break;
    }
    spec_.source = word();
    for (const auto w : split_words(text_)) spec_.rest.emplace_back(w);
    if (spec_.source.empty() && syntax_.rest == Rest::kFile) {
      return permanent_error(fmt::format("No file name for {} map {}", spec_.map_class, spec_.name));
    }
    return {};
  }

  MapSpec& spec_;
  const ClassSyntax& syntax_;
  std::string_view text_;
};

}  // namespace

Result<> parse_map_args(MapSpec& spec) {
  const ClassSyntax* syntax = syntax_of(spec.map_class);
  if (syntax == nullptr) return unknown_class(spec);
  spec.rest.clear();
  spec.raw_flags.clear();
  if (syntax->keep_quotes) spec.keep_quotes = true;
  if (spec.map_class == "ldap") return parse_ldap_args(spec);
  HKY_TRY(ArgReader(spec, *syntax).read());
  std::string value;
  if (spec.map_class == "dns") {
    if (!flag_value(spec, 'R', value) || value.empty()) {
      return permanent_error(fmt::format("dns map {}: missing -R type", spec.name));
    }
    dns::Type type{};
    if (!dns::type_from_name(value, type)) return permanent_error(fmt::format("dns map {}: wrong type {}", spec.name, value));
  }
  if (spec.map_class == "dequote" && flag_value(spec, 's', value)) spec.space_sub = value.empty() ? '\0' : value[0];
  return {};
}

int syslog_priority(std::string_view name) {
  static constexpr std::array<std::string_view, 8> kNames{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};
  if (starts_with_i(name, "LOG_")) name.remove_prefix(4);
  const auto at = std::find_if(kNames.begin(), kNames.end(), [name](std::string_view one) { return iequals(one, name); });
  return at == kNames.end() ? -1 : static_cast<int>(at - kNames.begin());
}

bool flag_value(const MapSpec& spec, char flag, std::string& value) {
  bool any = false;
  for (const auto w : split_words(spec.raw_flags)) {
    if (w.size() < 2 || w[0] != '-' || w[1] != flag) continue;
    value = w.substr(2);
    any = true;
  }
  return any;
}

bool flag_set(const MapSpec& spec, char flag) {
  std::string ignored;
  return flag_value(spec, flag, ignored);
}

long parse_interval(std::string_view text, char unit) {
  long total = 0;
  while (!text.empty()) {
    long n = 0;
    const auto r = std::from_chars(text.data(), text.data() + text.size(), n);
    if (r.ec != std::errc()) break;
    text.remove_prefix(static_cast<size_t>(r.ptr - text.data()));
    char u = unit;
    if (!text.empty()) {
      u = text[0];
      text.remove_prefix(1);
    }
    switch (u) {
      case 'w': n *= 7; [[fallthrough]];
      case 'd': n *= 24; [[fallthrough]];
      case 'h': n *= 60; [[fallthrough]];
      case 'm': n *= 60; break;
      default: break;
    }
    total += n;
  }
  return total;
}

}  // namespace hky::maps
