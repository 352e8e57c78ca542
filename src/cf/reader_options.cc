// O lines and -O / -o: from name and value to the typed members of Options. sendmail: readcf.c setoption(), settimeout().
#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/strings.h"
#include "cf/port_options.h"
#include "cf/reader_impl.h"

namespace hky::cf {

namespace {

unsigned octal(std::string_view in) {
  unsigned n = 0;
  in = trim_left(in);
  std::from_chars(in.data(), in.data() + in.size(), n, 8);
  return n;
}

// Old options whose name stands in other words today.
bool obsolete(unsigned char letter) { return letter == 'D' || letter == 'N'; }

}  // namespace

std::chrono::seconds Reader::time_value(std::string_view value, char unit) {
  std::chrono::seconds out{};
  std::string bad;
  parse_time(value, unit, out, bad);
  for (const char c : bad) usage(false, fmt::format("Invalid time unit `{}'", c));
  return out;
}

// "O Name=value", "O Name.sub=value", "Ox value" (x: the old letter).
void Reader::option_line(std::string_view rest, bool sticky) {
  SetOption request;
  request.sticky = sticky;
  if (rest.empty() || rest[0] != ' ') {
    request.letter = rest.empty() ? 0 : static_cast<unsigned char>(rest[0]);
    request.value = translate(rest.empty() ? rest : trim_left(rest.substr(1)));
    return option(request);
  }
  rest = trim_left(rest);
  size_t eq = rest.find('=');
  request.name = trim(rest.substr(0, eq));
  if (request.name.empty()) return error("readcf: null option name");
  request.value = translate(eq == std::string_view::npos ? std::string_view() : trim_left(rest.substr(eq + 1)));
  option(request);
}

void Reader::option(const SetOption& request) {
  const OptionInfo* info = nullptr;
  std::string_view name = request.name, sub;
  if (size_t dot = name.find('.'); dot != std::string_view::npos) {
    sub = name.substr(dot + 1);
    name = name.substr(0, dot);
  }
  if (!name.empty()) {
    OptionMatch match = find_option(name);
    if (match.option == nullptr) return error(fmt::format("readcf: unknown option name {}", name));
    if (match.other != nullptr)
      return error(fmt::format("readcf: ambiguous option name {} (matches {} and {})", name, match.option->name, match.other->name));
    if (match.abbreviated) warning(fmt::format("Option {} used as abbreviation for {}", name, match.option->name));
    info = match.option;
  } else {
    if (request.letter == 'M') {  // -oMxvalue: defines a macro
      macro_line(to_display(request.value, c_.names));
      return;
    }
    info = obsolete(request.letter) || request.letter >= 0x80 ? nullptr : option_by_code(request.letter);
    if (info == nullptr) return error(fmt::format("readcf: unknown option name 0x{:x}", request.letter));
  }
  bool has_subs = info->id == OptionId::Timeout || info->id == OptionId::Milter;
  if (!has_subs) sub = {};  // sendmail ignores ".sub" of an option that has none, and says so only when debugging
  std::string key = lower(sub.empty() ? std::string(info->name) : fmt::format("{}.{}", info->name, sub));
  const bool adds_up = info->id == OptionId::PrivacyOptions;   // nothing takes away what the file forbids
  if (!request.sticky && !adds_up && sticky_.count(key) > 0) return;  // the command line has spoken
  if (request.sticky) sticky_.insert(key);
  if (!info->safe && req_.safe_only && request.sticky) drop_privileges_ = true;
  option_value_of(*info, sub, request.value);
}

void Reader::option_value_of(const OptionInfo& info, std::string_view sub, const Text& text_value) {
  std::string value = expand_to_string(text_value, scope_);
  auto set = [&](auto& field) {
    using T = std::decay_t<decltype(field)>;
    if constexpr (std::is_same_v<T, bool>) field = parse_flag(value);
    else if constexpr (std::is_same_v<T, long>) field = number(value);
    else if constexpr (std::is_same_v<T, unsigned>) field = info.kind == OptionKind::Octal ? octal(value) : field;
    else if constexpr (std::is_same_v<T, char>) field = value.empty() ? '\0' : value[0];
    else if constexpr (std::is_same_v<T, Text>) field = text_value;
    else if constexpr (std::is_same_v<T, detail::Seconds>) field = detail::Seconds(time_value(value, info.unit).count());
    else if constexpr (std::is_same_v<T, std::vector<PortOptions>>) option_ports(info, field, value);
    else if constexpr (std::is_same_v<T, UserId>) option_user(info, field, value);
    else if constexpr (std::is_same_v<T, std::string>) {
      field = value;
      if (info.kind == OptionKind::Letters)
        for (char c : value)
          if (!is_space(c) && c != ',' && std::string_view(info.letters).find(c) == std::string_view::npos)
            report(false, fmt::format("Warning: Option: {} unknown parameter '{}'", info.name, c), false);
    }
  };
  if (info.kind == OptionKind::Special) return info.id == OptionId::Timeout ? option_timeout(sub, value) : option_special(info, sub, value);
  if (info.kind == OptionKind::Privacy) return option_privacy(value);
  if (info.kind == OptionKind::Blame) return option_blame(value);
  switch (info.id) {
#define HKY_OPTION(field, Name, code, Kind, def, safe, arg) \
  case OptionId::Name: set(c_.options.field); break;
#include "cf/options.def"
    case OptionId::kCount: break;
  }
}

void Reader::option_timeout(std::string_view sub, std::string_view value) {
  if (sub.empty()) {  // "O Timeout=1h" or the old "Or1h" / "Orname=1h,...": all of those that guard a reply
    for (std::string_view part : split(value, ',')) {
      size_t eq = part.find('=');
      if (eq != std::string_view::npos) {
        option_timeout(trim(part.substr(0, eq)), trim(part.substr(eq + 1)));
        continue;
      }
      std::chrono::seconds all = time_value(trim(part), 'm');
      Timeouts& t = c_.options.timeout;
      // RFC 5321 4.5.3.2 sets floors; sendmail's own minimum for the old form is five minutes
      for (auto* field : {&t.mail, &t.rcpt, &t.datainit, &t.datablock, &t.datafinal, &t.command}) *field = all;
    }
    return;
  }
  std::string name = lower(sub);
  bool known = false, complained = false;
  auto assign = [&](std::string_view full, std::chrono::seconds& field, char unit) {
    bool group = full.size() > name.size() && full[name.size()] == '.' && starts_with_i(full, name);
    if (ends_with_i(name, ".*")) group = starts_with_i(full, std::string_view(name).substr(0, name.size() - 1));
    if (group && ends_with_i(full, ".dsn")) group = !ends_with_i(name, ".*");
    if (!group && !iequals(full, name)) return;
    known = true;
    if (unit == '#') {
      field = std::chrono::seconds(number(value));
      return;
    }
    std::string bad;
    if (!parse_time(value, unit, field, bad) && !complained) {
      const bool twice = full.find('.') != std::string_view::npos;   // sendmail: settimeout(): as often as it reads the value
      for (const char c : twice ? bad + bad : bad) usage(false, fmt::format("Invalid time unit `{}'", c));
      complained = true;
    }
  };
#define HKY_TIMEOUT(field, text, seconds, unit) assign(text, c_.options.timeout.field, unit);
#include "cf/options.def"
  if (!known) error(fmt::format("settimeout: invalid timeout {}", sub));
}

void Reader::option_user(const OptionInfo& info, UserId& out, const std::string& value) {
  const char* what = info.id == OptionId::DefaultUser ? "u" : info.name;
  size_t colon = value.find_first_of(":.");
  std::string user = value.substr(0, colon);
  UserId id;
  id.set = true;
  if (!user.empty() && is_digit(user[0])) {
    id.uid = static_cast<unsigned>(number(user));
    id.gid = out.gid;
  } else if (!user.empty()) {
    auto found = req_.doors.find_user ? req_.doors.find_user(user) : std::optional<UserId>();
    if (!found) return error(fmt::format("readcf: option {}: unknown user {}", what, user));
    id = *found;
    id.name = user;
    id.set = true;
  }
  if (colon != std::string::npos && info.id != OptionId::TrustedUser) {
    std::string group = value.substr(colon + 1);
    if (!group.empty() && is_digit(group[0])) {
      id.gid = static_cast<unsigned>(number(group));
    } else if (!group.empty()) {
      auto gid = req_.doors.find_group ? req_.doors.find_group(group) : std::optional<unsigned>();
      if (!gid) error(fmt::format("readcf: option {}: unknown group {}", what, group));
      id.gid = gid.value_or(id.gid);
    }
  }
  out = id;
}

void Reader::option_ports(const OptionInfo& info, std::vector<PortOptions>& out, const std::string& value) {
  PortOptions line;
  for (std::string_view part : split(value, ',')) {
    part = trim(part);
    if (part.empty()) continue;
    size_t eq = part.find('=');
    if (eq == std::string_view::npos) continue;  // sendmail skips what has no '='
    std::string_view key = trim(part.substr(0, eq));
    const std::string_view setting = trim(part.substr(eq + 1));
    if (key.empty() || kPortKeys.find(key[0]) == std::string_view::npos) {
      error(fmt::format("PortOptions parameter \"{}\" unknown", part));
      continue;
    }
    if (key[0] == 'D' && (setting.empty() || kDeliveryModes.find(setting[0]) == std::string_view::npos)) error(fmt::format("Unknown delivery mode {}", setting.substr(0, 1)));
    line.emplace_back(std::string(key), std::string(setting));
  }
  if (out.size() >= static_cast<size_t>(kMaxDaemons))
    return error(fmt::format("{}: too many daemons defined ({} max)", info.name, kMaxDaemons));
  out.push_back(std::move(line));
}

void Reader::option_privacy(const std::string& value) {
  std::string spaced = value;
  std::replace(spaced.begin(), spaced.end(), ',', ' ');
  for (std::string_view word : split_words(spaced)) {
    bool known = false;
    for (const auto& [name, bits] : privacy_names()) {
      if (!iequals(name, word)) continue;
      c_.options.privacy_options |= bits;
      known = true;
    }
    if (!known) error(fmt::format("readcf: Op line: {} unrecognized", word));
  }
}

void Reader::option_blame(const std::string& value) {
  std::string spaced = value;
  std::replace(spaced.begin(), spaced.end(), ',', ' ');
  for (std::string_view word : split_words(spaced)) {
    bool known = false;
    for (int i = 0; i < static_cast<int>(Blame::kCount); ++i) {
      if (!iequals(blame_name(static_cast<Blame>(i)), word)) continue;
      if (i == 0) c_.options.dont_blame_sendmail.reset();
      else c_.options.dont_blame_sendmail.set(static_cast<size_t>(i));
      known = true;
    }
    if (!known) error(fmt::format("readcf: DontBlameSendmail option: {} unrecognized", word));
  }
}

}  // namespace hky::cf
