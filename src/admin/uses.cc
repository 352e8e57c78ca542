#include "admin/uses.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/strings.h"
#include "cf/options.h"

namespace hky::admin {
namespace {

using check::Severity;

constexpr UseInfo kUses[] = {
#define HKY_OBEYED(Kind, name) {Use::Kind, name, Obeyed::kYes, Severity::kNote, "", ""},
#define HKY_MOOT(Kind, name, why) {Use::Kind, name, Obeyed::kMoot, Severity::kNote, why, ""},
#define HKY_DIFFERS(Kind, name, why) {Use::Kind, name, Obeyed::kDifferently, Severity::kNote, why, ""},
#define HKY_NOT_OBEYED(Kind, name, severity, why, cure) {Use::Kind, name, Obeyed::kNo, Severity::severity, why, cure},
#include "admin/uses.def"
#undef HKY_OBEYED
#undef HKY_MOOT
#undef HKY_DIFFERS
#undef HKY_NOT_OBEYED
};

constexpr OptionInfo kOptions[] = {
#define HKY_DIFFERENT(Name, why) {#Name, false, false, why},
#define HKY_WITHOUT_EFFECT(Name, field, why) {#Name, true, false, why},
#define HKY_MISSING(Name, field, why) {#Name, true, true, why},
#include "admin/differences.def"
#undef HKY_DIFFERENT
#undef HKY_WITHOUT_EFFECT
#undef HKY_MISSING
};

bool to_tell(const UseInfo* info) { return info != nullptr && info->obeyed >= Obeyed::kDifferently; }

class Told {
 public:
  void add(Use use, std::string_view name) {
    const UseInfo* info = use_info(use, name);
    if (to_tell(info) && std::find(all_.begin(), all_.end(), info) == all_.end()) all_.push_back(info);
  }
  void letters(Use use, std::string_view value) {
    for (size_t i = 0; i < value.size(); ++i) add(use, value.substr(i, 1));
  }
  void words(Use use, std::string value) {
    std::replace(value.begin(), value.end(), ',', ' ');
    for (const std::string_view word : split_words(value)) add(use, word);
  }
  std::vector<const UseInfo*> take() { return std::move(all_); }

 private:
  std::vector<const UseInfo*> all_;
};

struct Setting { std::string_view key, value; };

// "a=b, c=d": what has no = is left out.
std::vector<Setting> settings_of(std::string_view text) {
  std::vector<Setting> out;
  for (const std::string_view part : split(text, ',')) {
    const size_t at = part.find('=');
    const std::string_view key = trim(part.substr(0, at));
    if (at != std::string_view::npos && !key.empty()) out.push_back({key, trim(part.substr(at + 1))});
  }
  return out;
}

void mailer(std::string_view rest, Told& told) {
  for (const Setting& s : settings_of(rest)) {
    told.add(Use::MailerEquate, s.key.substr(0, 1));
    if (s.key[0] == 'F') told.letters(Use::MailerFlag, s.value);
    if (s.key[0] == 'P' && iequals(s.value, "[LPC]")) told.add(Use::MailerEquate, "P=[LPC]");
  }
}

void port(Use keys, Use modifiers, std::string_view value, Told& told) {
  for (const Setting& s : settings_of(value)) {
    told.add(keys, s.key.substr(0, 1));
    told.add(keys, std::string(1, upper(s.key[0])));   // n= is N=
    if (upper(s.key[0]) == 'M') told.letters(modifiers, s.value);
    if (upper(s.key[0]) == 'F' && (iequals(s.value, "local") || iequals(s.value, "unix"))) told.add(keys, "Family=local");
  }
}

void option(std::string_view rest, Told& told) {
  std::string_view value;
  const cf::OptionMatch match = cf::find_option(option_of_line(rest, value));
  if (match.option == nullptr) return;
  switch (match.option->id) {
    case cf::OptionId::DaemonPortOptions: port(Use::DaemonKey, Use::DaemonModifier, value, told); break;
    case cf::OptionId::ClientPortOptions: port(Use::ClientKey, Use::ClientModifier, value, told); break;
    case cf::OptionId::PrivacyOptions: told.words(Use::PrivacyWord, std::string(value)); break;
    case cf::OptionId::AuthOptions: told.letters(Use::AuthLetter, value); break;
    case cf::OptionId::DontBlameSendmail: told.words(Use::BlameWord, std::string(value)); break;
    default: break;
  }
}

std::string what(const UseInfo& info) {
  switch (info.use) {
    case Use::MailerFlag: return fmt::format("F={} of a mailer", info.name);
    case Use::MailerEquate: return fmt::format("{}{} of a mailer", info.name, info.name.size() > 1 ? "" : "=");
    case Use::QueueKey: return fmt::format("{}= of a queue group", info.name);
    case Use::DaemonKey: return fmt::format("{}{} of a daemon", info.name, info.name.size() > 1 ? "" : "=");
    case Use::ClientKey: return fmt::format("{}= of ClientPortOptions", info.name);
    case Use::DaemonModifier: return fmt::format("Modifiers={} of a daemon", info.name);
    case Use::ClientModifier: return fmt::format("Modifiers={} of ClientPortOptions", info.name);
    case Use::AuthLetter: return fmt::format("AuthOptions={}", info.name);
    default: return std::string(info.name);
  }
}

}  // namespace

const UseInfo* use_info(Use use, std::string_view name) {
  for (const UseInfo& info : kUses) {
    if (info.use == use && (name.size() == 1 ? info.name == name : iequals(info.name, name))) return &info;
  }
  return nullptr;
}

const UseInfo* tag_not_obeyed(std::string_view key) {
  const size_t colon = key.find(':');
  const UseInfo* tag = colon == std::string_view::npos ? nullptr : use_info(Use::AccessTag, key.substr(0, colon));
  return to_tell(tag) ? tag : nullptr;
}

const UseInfo* ruleset_not_obeyed(std::string_view name) {
  const UseInfo* ruleset = use_info(Use::SiteRuleset, name);
  return to_tell(ruleset) ? ruleset : nullptr;
}

std::vector<const UseInfo*> uses_to_tell(char kind, std::string_view rest) {
  Told told;
  switch (kind) {
    case 'M': mailer(rest, told); break;
    case 'Q':
      for (const Setting& s : settings_of(rest)) told.add(Use::QueueKey, s.key.substr(0, 1));
      break;
    case 'O': option(rest, told); break;
    default: break;
  }
  return told.take();
}

std::string told(const UseInfo& info) { return fmt::format("{}: {}", what(info), info.why); }

const OptionInfo* option_difference(std::string_view name) {
  for (const OptionInfo& info : kOptions) {
    if (iequals(info.name, name)) return &info;
  }
  return nullptr;
}

std::string option_of_line(std::string_view rest, std::string_view& value) {
  if (!rest.empty() && rest[0] != ' ') {
    const cf::OptionInfo* old = cf::option_by_code(static_cast<unsigned char>(rest[0]));
    value = trim(rest.substr(1));
    return old == nullptr ? std::string() : old->name;
  }
  const size_t at = rest.find('=');
  value = at == std::string_view::npos ? std::string_view() : trim(rest.substr(at + 1));
  const std::string_view name = trim(rest.substr(0, at));
  return std::string(name.substr(0, name.find('.')));
}

}  // namespace hky::admin
