// Writes header fields as sendmail does (headers.c putheader(), put_vanilla_header(), commaize()): long address lists folded at
// commas, other fields kept as they were folded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/mail/message.h"

namespace hky::mail {

// "Name: value\n"; the value's own folds stay. Leading blanks of the value are dropped.
void put_field(std::string& out, std::string_view name, std::string_view value);
// "To: a@x, b@y,\n        c@z\n": sendmail's commaize: a new line with eight blanks where the line would pass 78 columns.
// `lead`: what stands between the colon and the first address.
void put_address_field(std::string& out, std::string_view name, const std::vector<std::string>& addresses, std::string_view lead = " ");
// Of fields without the newline that ends each; those inside a fold count. sendmail: readqf()
uint64_t size_without_field_ends(std::string_view fields);
// sendmail: commaize(): as many blanks as stand between the colon and the first address, of whatever kind.
std::string lead_of(const Field& field);
// Of what was cut within a fold nothing may begin a line of its own, nor stand in one of blanks alone (RFC 5322 3.2.2): such an end of line
// becomes a blank.
void mend_folds(std::string& value);

}  // namespace hky::mail
