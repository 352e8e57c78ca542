// Address: one parsed address (sendmail: ADDRESS, parseaddr.c parseaddr()/buildaddr()), and how it comes about:
// rulesets 3 and 0, the triple, then 2/mailer ruleset/4 for the envelope form.
#pragma once

#include <string>

#include "rewrite/evaluate.h"

namespace hky::route {

struct Address {
  std::string paddr;             // printable form, as given (without comments where sendmail drops them)
  const cf::Mailer* mailer = nullptr;
  std::string host, user;        // triple, host may be empty
  std::string home, full_name;   // local users, once looked up
  unsigned uid = 0, gid = 0;
  // error mailer: host is the D.S.N or sysexits word, text the message
  int error_exit = 0;            // sysexits code, 0 when deliverable
  std::string error_text;        // "553 5.1.3 User address required" as sendmail would say it, or empty
  bool quarantined = false;
};

// Which side the address is on: chooses rulesets 1/2 and the mailer's S= or R= (sendmail: RF_SENDERADDR, RF_HEADERADDR).
enum class Role { kEnvelopeSender, kEnvelopeRcpt, kHeaderSender, kHeaderRcpt };

// sendmail: parseaddr(). Runs 3 then 0, builds the triple, rewrites the user part (2, R=, 4). Never blocks.
net::Task<Address> parse_address(rewrite::Context& ctx, std::string address, Role role);
// sendmail: remotename(). The address as it leaves by `mailer` ("3, 1|2, S=|R=, 4" with the $g macro and host comments kept).
net::Task<std::string> remote_name(rewrite::Context& ctx, std::string address, const cf::Mailer& mailer, Role role, bool add_domain);
// sendmail: crackaddr(). "Joe <joe@x> (comment)" -> "Joe <$g> (comment)".
cf::Text crack_address(std::string_view header_value);

}  // namespace hky::route
