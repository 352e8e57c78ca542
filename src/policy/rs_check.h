// rs_check: runs one check ruleset (check_relay, check_mail, check_rcpt, check_data, check_eoh, check_vrfy, check_expn, check_etrn, check_compat,
// header checks) and makes a Verdict of what it says. An absent ruleset accepts, at the price of one look-up.
// sendmail: srvrsmtp.c rscheck(), parseaddr.c buildaddr() for the error mailer.
// Who calls it: receive; deliver (check_compat). Threads: those of ctx.
#pragma once

#include <string>
#include <string_view>

#include "proto/smtp/server.h"
#include "rewrite/evaluate.h"

namespace hky::policy {

struct Verdict {
  bool accept = true;       // false: give `reply`
  bool discard = false;     // $#discard: take it and throw it away
  std::string quarantine;   // $#error $@ quarantine $: reason
  smtp::Reply reply;        // without the address before the text ("550 5.7.1 Access denied")
  std::string dsn;          // what $@ said, or the reply's enhanced code
  std::string said;         // $#'s word: error, discard, or what the ruleset is asked for (greet_pause: milliseconds)
  Verdict() = default;
};

enum class CheckArgument {
  kAddress,       // comments are stripped, quotes and brackets mended
  kUnstructured,  // kept as it is: $>+ header checks, check_eoh, check_data
};

net::Task<Verdict> rs_check(rewrite::Context& ctx, std::string ruleset, cf::Text argument, CheckArgument kind = CheckArgument::kAddress);

// "a $| b", as check_relay and check_eoh take it.
cf::Text two_arguments(std::string_view a, std::string_view b);
cf::Text one_argument(std::string_view a);
bool has_check(const rewrite::Context& ctx, std::string_view ruleset);

// $#error's text made a reply: "550 5.7.1 text", "550 text" with D.S.N from $@, or a bare text (553).
smtp::Reply error_reply(std::string_view host, std::string_view text);
// A line as route and rewrite say it ("553 5.1.3 User address required") made a reply. No code: 553.
smtp::Reply reply_of_line(std::string_view line);
// Puts "<joe@x>... " before the text, as sendmail does where an address is at hand and the code is 450, 550 or 553.
smtp::Reply with_address(smtp::Reply reply, std::string_view address);

}  // namespace hky::policy
