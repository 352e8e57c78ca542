// What a configuration uses by name or letter, and whether it is obeyed here (uses.def), so that `hikyaku check` and `hikyaku adopt` tell of
// it before a switch, and no mail goes out in clear that was to be encrypted. Options have differences.def.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/check/finding.h"

namespace hky::admin {

enum class Use {
  MailerFlag, MailerEquate, QueueKey, DaemonKey, DaemonModifier, ClientKey, ClientModifier, PrivacyWord, AuthLetter, BlameWord,
  Ruleset,       // that sendmail calls by name
  SiteRuleset,   // that one of those calls, for a site to fill: Local_check_mail
  AccessTag,     // "Connect" of "Connect:192.0.2"
};
enum class Obeyed { kYes, kMoot, kDifferently, kNo };

struct UseInfo {
  Use use;
  std::string_view name;
  Obeyed obeyed;
  check::Severity severity;    // of kNo
  std::string_view why, cure;
};

// Letters are told by their case, words are not; nullptr: sendmail has none of that name.
const UseInfo* use_info(Use use, std::string_view name);
// Of an access entry's key ("TLS_Srv:partner.example"); nullptr: its tag is obeyed, or it has none.
const UseInfo* tag_not_obeyed(std::string_view key);
// Of a ruleset that a site fills, by its name ("Local_tls_rcpt") or the .mc file's word for it ("LOCAL_TLS_RCPT"); nullptr: it is called.
const UseInfo* ruleset_not_obeyed(std::string_view name);
// What a line of sendmail.cf uses that is obeyed differently or not: `kind` is its first letter (M, Q, O), `rest` what follows it.
std::vector<const UseInfo*> uses_to_tell(char kind, std::string_view rest);
// "F=R of a mailer: connections are made from any port ..."
std::string told(const UseInfo& info);

// An option that does something else here, or nothing (differences.def).
struct OptionInfo {
  std::string_view name;
  bool without_effect;   // else: it does something else
  bool missing;          // without effect, and what it asks for is not there
  std::string_view why;
};
// nullptr: it does what it does in sendmail. Case is folded.
const OptionInfo* option_difference(std::string_view name);
// The option's name of "O Name=value", "O Name.sub=value"; of the old "Ox value" as well. `value` is what follows.
std::string option_of_line(std::string_view rest, std::string_view& value);

}  // namespace hky::admin
