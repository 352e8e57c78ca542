// The parameters of MAIL and RCPT (RFC 1870, 6152, 3461, 2852, 4954), read and refused in sendmail's words
// (srvrsmtp.c mail_esmtp_args(), rcpt_esmtp_args()). Who calls it: receive/session, once the address is known to be well formed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "proto/smtp/notify.h"
#include "proto/smtp/server.h"

namespace hky::smtp {

struct MailParams {
  std::optional<uint64_t> size;
  std::string body;          // "7BIT", "8BITMIME" or ""
  std::optional<std::string> envid;  // xtext, as given; "ENVID=" alone counts
  std::string ret;           // "FULL", "HDRS" or ""
  std::string auth;          // AUTH=: xtext, as given
  bool has_auth = false;
  int64_t deliver_by = 0;    // seconds, with its mode
  char deliver_by_mode = 0;  // 'N', 'R'
  bool deliver_by_trace = false;
};

struct RcptParams {
  uint8_t notify = 0;        // bits of Notify
  bool has_notify = false;
  std::string orcpt;         // as given (xtext)
};

struct ParamRules {
  bool dsn = true;           // not PrivacyOptions noreceipts
  bool deliver_by = true;    // DeliverByMin >= 0
  bool size = true;
};

// Nothing: accepted. Else the reply to give.
std::optional<Reply> parse_mail_params(const std::vector<Param>& params, const ParamRules& rules, MailParams& out);
std::optional<Reply> parse_rcpt_params(const std::vector<Param>& params, const ParamRules& rules, RcptParams& out);

}  // namespace hky::smtp
