// What a header field is to a mail host (sendmail: conf.c HdrInfo[]): whose addresses it holds, who may write it. Pure.
// Who calls it: receive (blanks between addresses), deliver (rewriting).
#pragma once

#include <string_view>

#include "proto/mail/message.h"

namespace hky::mail {

// sendmail: H_FROM, H_RCPT, H_ACHECK, H_TRACE.
enum class FieldKind { kPlain, kSender, kRecipient, kConditional /* only by an H line's flags: Return-Path, Full-Name */, kTrace };

FieldKind kind_of_field(std::string_view name);
// sendmail: H_RESENT.
bool is_resent_field(std::string_view name);
// A field with addresses uses what OldStyleHeaders does not know: then commas alone part them. sendmail: chompheader().
bool has_new_style_addresses(const Header& header);

}  // namespace hky::mail
