// What a site's own tables and rules may ask for that nothing here does yet, in its words: `hikyaku check` and `hikyaku adopt` tell
// of it before a switch, so that no mail goes out in clear that was to be encrypted. (Options have differences.def.)
// sendmail: cf/README, "STARTTLS", "SMTP AUTHENTICATION".
#pragma once

#include <string_view>

namespace hky::admin {

struct NotObeyed {
  std::string_view name;   // an access tag without its colon, or a ruleset
  bool harm;               // mail goes out, or stays out, that should not; else something is merely absent
  std::string_view why;
  std::string_view cure;
};

// Of an access entry's key ("TLS_Srv:partner.example"); nullptr: its tag is obeyed, or it has none.
const NotObeyed* tag_not_obeyed(std::string_view key);
// Of a ruleset that a site fills ("Local_tls_rcpt"); nullptr: it is called.
const NotObeyed* ruleset_not_obeyed(std::string_view name);

}  // namespace hky::admin
