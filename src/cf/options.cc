// The option table, name look-up, and options as text; see options.h.
#include "cf/options.h"

#include <fmt/core.h>

#include "base/strings.h"

namespace hky::cf {

namespace {

constexpr char unit_of(char unit) { return unit; }
constexpr char unit_of(int) { return '\0'; }
constexpr char unit_of(const char*) { return '\0'; }
constexpr const char* letters_of(const char* letters) { return letters; }
constexpr const char* letters_of(int) { return nullptr; }

constexpr const char* kBlameNames[] = {
#define HKY_BLAME(name) #name,
#include "cf/blame.def"
#undef HKY_BLAME
};

std::string show(bool v) { return v ? "True" : "False"; }
std::string show(long v) { return std::to_string(v); }
std::string show(unsigned v) { return std::to_string(v); }
std::string show(char v) { return std::string(1, v); }
std::string show(const std::string& v) { return v; }
std::string show(std::chrono::seconds v) { return fmt::format("{}s", v.count()); }
std::string show(const std::optional<std::string>& v) { return v.value_or("(unset)"); }
std::string show(const std::vector<std::string>& v) { return join(v, ","); }
std::string show(const Timeouts&) { return {}; }  // timeout_value() has its parts
std::string show(const UserId& v) { return v.name.empty() ? fmt::format("{}:{}", v.uid, v.gid) : v.name; }
std::string show(const MimeHeaderLimits& v) { return fmt::format("{}/{}", v.header, v.field); }

// Without a name table macros of one letter are shown as typed and longer ones by number.
std::string show(const Text& v) {
  std::string out;
  for (char16_t c : v) {
    if (c < 0x100) out.push_back(static_cast<char>(c));
    else out += c == kCondIf ? "$?" : c == kCondElse ? "$|" : c == kCondFi ? "$." : "$";
  }
  return out;
}

std::string show(const std::vector<PortOptions>& lines) {
  std::string out;
  for (const PortOptions& line : lines) {
    if (!out.empty()) out += "; ";
    for (size_t i = 0; i < line.size(); ++i) out += fmt::format("{}{}={}", i == 0 ? "" : ",", line[i].first, line[i].second);
  }
  return out;
}

std::string show(const detail::StringMap& map) {
  std::string out;
  for (const auto& [key, value] : map) out += fmt::format("{}{}={}", out.empty() ? "" : ",", key, value);
  return out;
}

std::string show(const BlameSet& set) {
  std::string out;
  for (size_t i = 0; i < std::size(kBlameNames); ++i)
    if (set.test(i)) out += fmt::format("{}{}", out.empty() ? "" : ",", kBlameNames[i]);
  return out;
}

std::string show(NoRcptAction v) {
  constexpr const char* kNames[] = {"none", "add-to", "add-apparently-to", "add-bcc", "add-to-undisclosed"};
  return kNames[static_cast<size_t>(v)];
}

std::string show(ProbeInterfaces v) {
  constexpr const char* kNames[] = {"False", "True", "loopback"};
  return kNames[static_cast<size_t>(v)];
}

std::string show_privacy(uint32_t bits) {
  std::string out;
  for (const auto& [name, bit] : privacy_names())
    if ((bits & bit) == bit && bit != 0 && std::string_view(name) != "goaway")
      out += fmt::format("{}{}", out.empty() ? "" : ",", name);
  return out.empty() ? "public" : out;
}

}  // namespace

const std::vector<OptionInfo>& option_table() {
  static const std::vector<OptionInfo> table = {
#define HKY_OPTION(field, Name, code, Kind, def, safe, arg) \
  {OptionId::Name, #Name, code, OptionKind::Kind, safe, unit_of(arg), letters_of(arg)},
#include "cf/options.def"
  };
  return table;
}

const OptionInfo& option_info(OptionId id) { return option_table()[static_cast<size_t>(id)]; }

const OptionInfo* option_by_code(unsigned char code) {
  for (const OptionInfo& o : option_table())
    if (o.code == code) return &o;
  return nullptr;
}

OptionMatch find_option(std::string_view name) {
  OptionMatch match;
  for (const OptionInfo& o : option_table()) {
    if (iequals(o.name, name)) return OptionMatch{&o, false, nullptr};
    if (!starts_with_i(o.name, name)) continue;
    if (match.option == nullptr) match.option = &o;
    else if (match.other == nullptr) match.other = &o;
  }
  match.abbreviated = match.option != nullptr;
  return match;
}

std::string option_value(const Options& options, OptionId id) {
  switch (id) {
    case OptionId::PrivacyOptions: return show_privacy(options.privacy_options);
    case OptionId::TempFileMode: return fmt::format("0{:o}", options.temp_file_mode);
    case OptionId::QueueFileMode: return fmt::format("0{:o}", options.queue_file_mode);
    default: break;
  }
  switch (id) {
#define HKY_OPTION(field, Name, code, Kind, def, safe, arg) \
  case OptionId::Name: return show(options.field);
#include "cf/options.def"
    case OptionId::kCount: break;
  }
  return {};
}

std::string timeout_value(const Options& options, std::string_view name) {
#define HKY_TIMEOUT(field, text, value, unit) \
  if (iequals(name, text)) return show(options.timeout.field);
#include "cf/options.def"
  return {};
}

bool parse_time(std::string_view text, char default_unit, std::chrono::seconds& out, std::string& bad_units) {
  constexpr long kLimit = 0x7fffffffL;  // sendmail's time_t arithmetic stays below this; longer is "for ever"
  long total = 0;
  bad_units.clear();
  size_t i = 0;
  if (iequals(text, "now")) {
    out = std::chrono::seconds(-1);   // sendmail: NOW
    return true;
  }
  while (i < text.size()) {
    long n = 0;
    while (i < text.size() && is_digit(text[i])) n = std::min(n * 10 + (text[i++] - '0'), kLimit);
    char unit = i < text.size() ? text[i++] : default_unit;
    if (is_space(unit) || unit == '\0') unit = default_unit;
    long factor = unit == 'w' ? 604800 : unit == 'd' ? 86400 : unit == 'h' ? 3600 : unit == 'm' ? 60 : unit == 's' ? 1 : 0;
    if (factor == 0) {
      bad_units += unit;
      factor = default_unit == 'd' ? 86400 : default_unit == 'h' ? 3600 : default_unit == 's' ? 1 : 60;
    }
    total = std::min(total + (n > kLimit / factor ? kLimit : n * factor), kLimit);
  }
  out = std::chrono::seconds(total);
  return bad_units.empty();
}

bool parse_flag(std::string_view text) {
  return text.empty() || text[0] == 't' || text[0] == 'T' || text[0] == 'y' || text[0] == 'Y';
}

const char* blame_name(Blame what) { return kBlameNames[static_cast<size_t>(what)]; }

const std::vector<std::pair<const char*, uint32_t>>& privacy_names() {
  static const std::vector<std::pair<const char*, uint32_t>> names = {
      {"public", 0},
      {"needmailhelo", kPrivNeedMailHelo},
      {"needexpnhelo", kPrivNeedExpnHelo},
      {"needvrfyhelo", kPrivNeedVrfyHelo},
      {"noexpn", kPrivNoExpn},
      {"novrfy", kPrivNoVrfy},
      {"restrictexpand", kPrivRestrictExpand},
      {"restrictmailq", kPrivRestrictMailq},
      {"restrictqrun", kPrivRestrictQrun},
      {"noetrn", kPrivNoEtrn},
      {"noverb", kPrivNoVerb},
      {"authwarnings", kPrivAuthWarnings},
      {"noreceipts", kPrivNoReceipts},
      {"nobodyreturn", kPrivNoBodyReturn},
      // sendmail: all but noreceipts, nobodyreturn, noetrn and restrict*.
      {"goaway", kPrivNeedMailHelo | kPrivNeedExpnHelo | kPrivNeedVrfyHelo | kPrivNoExpn | kPrivNoVrfy | kPrivNoVerb |
                     kPrivAuthWarnings},
      {"noactualrecipient", kPrivNoActualRecipient},
  };
  return names;
}

}  // namespace hky::cf
