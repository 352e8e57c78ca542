// Address: one parsed address (sendmail: ADDRESS, parseaddr.c parseaddr()/buildaddr()), and how it comes about:
// rulesets 3 and 0, the triple, then 2/mailer ruleset/4 for the envelope form.
// What sendmail would say while parsing ("553 Unbalanced '<'") goes to ctx.trace->error() in its order with the trace, and
// into Address::messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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

  bool unparsable = false;       // sendmail: parseaddr() returned NULL; there is no triple at all
  bool is_error = false;         // $#error: host and user hold what the ruleset gave, mailer is null
  bool temp_fail = false;        // $#error with a 4yz code, or a map that could not answer: try again later
  bool queue_up = false;         // "Transient parse error": rulesets met a temporary failure (status 4.4.3)
  std::string deferral;          // which map's it was: "host map: lookup (x.example): deferred"; empty: it shall not be asked yet
  bool no_rule5 = false;         // local user written @user: neither aliases nor ruleset 5 (sendmail: QNOTREMOTE)
  std::string queue_group;       // of an envelope recipient: as ruleset queuegroup chose, else its mailer's Q=; empty: none of its own
  std::string status;            // D.S.N: what $#error gave, or 4.4.3
  std::vector<std::string> messages;  // everything said while parsing, with codes

  // "esmtp", "*error*" for $#error, as -bt and -bv print them.
  std::string_view mailer_name() const;
};

// Which side the address is on: chooses rulesets 1/2 and the mailer's S= or R= (sendmail: RF_SENDERADDR, RF_HEADERADDR).
enum class Role { kEnvelopeSender, kEnvelopeRcpt, kHeaderSender, kHeaderRcpt };
constexpr bool is_sender(Role role) { return role == Role::kEnvelopeSender || role == Role::kHeaderSender; }
constexpr bool is_header(Role role) { return role == Role::kHeaderSender || role == Role::kHeaderRcpt; }

// sendmail: parseaddr(). Runs 3 then 0, builds the triple, rewrites the user part (2, R=, 4). Never blocks.
net::Task<Address> parse_address(rewrite::Context& ctx, std::string address, Role role);

// What was said of an address. sendmail: message() and usrerr().
struct Said {
  bool verbose = false;            // a remark, shown with -v alone; else a failure, whose code is 4xx or 5xx
  std::string text;                // "joe... aliased to eric", codes taken off
  std::string coded;               // the same with its codes: what SMTP answers ("550 5.1.1 joe... User unknown")
};

// sendmail: setsender(): the address that -f or MAIL names.
struct NamedSender {
  Address address;
  bool nobody = false;   // such a one sends nothing, as its messages say: whoever runs the command does, MAIL is refused
};
net::Task<NamedSender> named_sender(rewrite::Context& ctx, std::string address);
// What a command says against it, line by line.
std::vector<Said> complaints(const rewrite::Context& ctx, const NamedSender& sender, std::string_view address);

// sendmail: buildaddr(). `tokens` is what ruleset 0 (or 5) returned: "$# mailer $@ host $: user"; fills in all but paddr.
net::Task<> build_address(rewrite::Context& ctx, Address& a, rewrite::Tokens tokens);

// sendmail: remotename(). The address as it leaves by `mailer` ("3, 1|2, S=|R=, 4" with the $g macro and host comments
// kept). `from_domain`: "@ host" of a sender whose mailer has the flag C, added to what has none.
struct RemoteName { std::string address; bool temp_fail = false; std::vector<std::string> messages; };
net::Task<RemoteName> remote_name_of(rewrite::Context& ctx, std::string address, const cf::Mailer& mailer, Role role,
                                     rewrite::Tokens from_domain, bool canonical = false);
net::Task<std::string> remote_name(rewrite::Context& ctx, std::string address, const cf::Mailer& mailer, Role role,
                                   rewrite::Tokens from_domain, bool canonical = false);

// sendmail: crackaddr(). "Joe <joe@x> (comment)" -> "Joe <$g> (comment)". must_quote: option MustQuoteChars;
// colon_ok: option ColonOkInAddr.
cf::Text crack_address(std::string_view header_value, std::string_view must_quote, bool colon_ok);
cf::Text crack_address(std::string_view header_value);  // sendmail's defaults

// sendmail: invalidaddr(): 8-bit controls, or longer than an address may be. What it says, with codes; empty when fine.
std::string invalid_address(std::string_view address, bool is_rcpt);
// sendmail: hasctrlchar(): the complaint, and the address with what may not be printed replaced by '?'.
std::string control_characters(std::string& address, bool is_rcpt);

// sendmail: dsntoexitstat(): "5.1.1" -> EX_NOUSER.
int exit_of_dsn(std::string_view dsn);
// sendmail: fmtmsg() without codes: "joe... User unknown" for "550 5.1.1 User unknown" and `to` joe.
// A text without a code is said as it stands. to may be empty.
std::string user_line(std::string_view message, std::string_view to);
// The same with its codes: "550 5.1.1 joe... User unknown". `place`, where it was read ("/etc/list: line 2: "), stands behind them.
std::string coded_line(std::string_view message, std::string_view to, std::string_view place = {});
// Whether a line with this code names the address that it is about. sendmail: fmtmsg() (measured over all codes).
bool names_address(std::string_view coded);
// sendmail: shortenstring(): the middle of a long one becomes "...".
std::string shorten(std::string_view text, size_t limit);

inline constexpr size_t kMaxAddress = 255;   // sendmail: MAXNAME - 1
inline constexpr size_t kMaxShort = 203;     // sendmail: MAXSHORTSTR

}  // namespace hky::route
