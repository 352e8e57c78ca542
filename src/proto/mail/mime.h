// 8bit -> 7bit: what a message must become before it goes to a host without 8BITMIME. sendmail: mime.c mime8to7(): text parts become
// quoted-printable, or base64 where more than an eighth of the bytes are 8 bit; multiparts are walked; a message without MIME header gets one,
// also where it is the header alone that has such bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hky::mail {

struct SevenBit { std::string head, body; };
struct EightBit { std::string head, body; };

// `head`: header block with its empty line. default_charset: DefaultCharSet option ("unknown-8bit"). where: "by HOST id ID", for the field
// X-MIME-Autoconverted. ebcdic: mailer flag 3: what is another character there is encoded too.
SevenBit to_seven_bit(std::string_view head, std::string_view body, std::string_view default_charset, std::string_view where,
                      bool ebcdic = false);

// A header block of a message without MIME that has bytes above 127, with fields that say so. sendmail: putheader(), EightBitMode=mimify.
std::string labelled_8bit(std::string_view head, std::string_view default_charset);

// 7bit -> 8bit (mailer flag 9): a text/plain message in quoted-printable or base64 is decoded, and has an empty line at its end. sendmail:
// mime.c mime7to8(). Nothing where it is no such message, or its base64 is faulty.
std::optional<EightBit> to_eight_bit(std::string_view head, std::string_view body, std::string_view where);

std::string base64_encode(std::string_view bytes, size_t line = 72);   // 0: one line, without an end
bool base64_decode(std::string_view text, std::string& out);
std::string quoted_printable_encode(std::string_view text, bool ebcdic = false);
std::string quoted_printable_decode(std::string_view text);   // what is no code stays

}  // namespace hky::mail
