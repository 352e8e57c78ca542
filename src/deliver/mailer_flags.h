// The letters of F= in M lines, by the names of what they do. Mailer::flag(kX) asks for one.
// (sendmail: M_... of sendmail.h; operations guide 5.4.) Letters without a name here are only header conditions (H?x?).
#pragma once

namespace hky::deliver {

enum MailerFlag : char {
  kEsmtp = 'a',            // EHLO first
  kAliases = 'A',          // users are looked up in the aliases
  kBlankEnd = 'b',         // a blank line ends the message (mbox)
  kStripBackslash = 'B',   // leading backslashes off
  kNoComments = 'c',       // no comments in addresses
  kAddDomain = 'C',        // "@domain" of the sender to addresses without one
  kNoAngles = 'd',         // no <> around addresses of the envelope
  kExpensive = 'e',        // HoldExpensive
  kEscapeFrom = 'E',       // "From " at a line's start becomes ">From "
  kDashF = 'f',            // program gets "-f sender"
  kGuest = 'g',            // reports leave with $g instead of <>
  kHostUpper = 'h',        // the host's case is kept
  kUserDatabaseSender = 'i',  // of the sender's mailer: MAIL names him as the user database does
  kUserDatabaseRcpts = 'j',   // of the sender's mailer: local recipients in the header are called so, too
  kInternal = 'I',         // a sister host
  kNoLoopCheck = 'k',      // our own name in the other's greeting is no loop
  kLocalMailer = 'l',      // final delivery
  kLineLimits = 'L',       // lines of RFC 821's length
  kManyRcpts = 'm',        // several recipients in one transaction
  kNoFromLine = 'n',       // no From_ line
  kRunAsOwner = 'o',       // runs as the mailbox's owner
  kReturnPathForm = 'p',   // route-addr return path
  kVrfy250 = 'q',          // local VRFY answers 250
  kDashR = 'r',            // program gets "-r sender"
  kStripQuotes = 's',      // quotes off the user before the mailer is called
  kSpecificUid = 'S',      // does not give up its user before the mailer is called
  kUserUpper = 'u',        // the user's case is kept
  kUglyFrom = 'U',         // "From a date remote from host"
  kNeedsUser = 'w',        // the user must be in passwd
  kDots = 'X',             // hidden dots
  kLmtp = 'z',             // speaks LMTP
  kNoMx = '0',             // no MX look-up
  kNoEsmtp = '2',          // never ESMTP
  kStripHeaders7 = '6',    // headers are cut to 7 bit
  kSevenBit = '7',         // all is cut to 7 bit
  kEightBit = '8',         // 8 bit goes out unasked
  kEbcdic = '3',           // quoted-printable of what EBCDIC has not
  kNoHostStatus = 'W',     // what is kept of a host's failures is not looked at
  kDialDelay = 'Z',        // DialDelay
  kMakeEightBit = '9',     // quoted-printable and base64 text becomes 8 bit
  kRuleset5 = '5',         // unknown users go through ruleset 5
  kUserDatabase = '@',     // its users are looked up in the user database
  kIncludes = ':',         // ":include:file" is taken
  kPrograms = '|',         // "|program" is taken
  kFiles = '/',            // "/file" is taken
  kHold = '%',             // waits for ETRN, -qI, -qR or -qS
};

}  // namespace hky::deliver
