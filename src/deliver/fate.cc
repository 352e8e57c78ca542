#include "deliver/fate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

namespace hky::deliver {
namespace {

// sendmail: sm_sysexmsg(); codes nobody knows get a number.
std::string words_of(int exit) {
  const auto meaning = exit_meaning(exit);
  return meaning.text.empty() ? fmt::format("unknown mailer error {}", exit) : std::string(meaning.text);
}

// Length of an enhanced status "5.1.1" at the start, followed by a blank or the end; 0: none.
size_t enhanced_length(std::string_view s) {
  size_t i = 0;
  for (int part = 0; part < 3; ++part) {
    const size_t from = i;
    while (i < s.size() && is_digit(s[i])) ++i;
    if (i == from || i - from > 3) return 0;
    if (part < 2) {
      if (i >= s.size() || s[i] != '.') return 0;
      ++i;
    }
  }
  return i == s.size() || s[i] == ' ' ? i : 0;
}

int exit_of_permanent(int code, Stage stage) {
  switch (stage) {
    case Stage::kMail:
      return code == 501 || code == 553 ? EX_DATAERR : EX_UNAVAILABLE;
    case Stage::kRcpt:
      return code == 550 || code == 551 || code == 553 ? EX_NOUSER : EX_UNAVAILABLE;
    case Stage::kFinal:
      return code / 10 == 50 ? EX_PROTOCOL : EX_UNAVAILABLE;
    default:
      return EX_UNAVAILABLE;
  }
}

// sendmail: smtptodsn(), and what smtpmailfrom(), smtprcptstat() make of it; smtpdata(): DATA has its own
const char* default_dsn(int code, Stage stage) {
  if (code / 100 == 2) return "2.0.0";
  if (stage == Stage::kData) return code / 100 == 4 ? "4.2.0" : "5.5.0";
  if (code / 100 == 4) return code == 450 ? "4.2.0" : code == 451 ? "4.3.0" : code == 452 ? "4.3.1" : "4.0.0";
  if (stage == Stage::kMail) return code == 501 ? "5.5.2" : code == 553 ? "5.1.3" : code == 552 ? "5.3.4" : "5.0.0";
  const bool rcpt = stage == Stage::kRcpt;
  switch (code) {
    case 501: return "5.5.4";
    case 550: return rcpt ? "5.1.1" : "5.2.0";
    case 551: return "5.1.6";
    case 552: return "5.2.2";
    case 553: return rcpt ? "5.1.3" : "5.1.0";
    default: return "5.0.0";
  }
}

}  // namespace

std::string_view without_codes(std::string_view line) {
  if (line.size() >= 3 && is_digit(line[0]) && is_digit(line[1]) && is_digit(line[2])) {
    line.remove_prefix(line.size() > 3 ? 4 : 3);
    if (const size_t n = enhanced_length(line); n > 0) line.remove_prefix(n < line.size() ? n + 1 : n);
  }
  return line;
}

std::string with_enhanced_code(std::string_view line) {
  const std::string_view words = without_codes(line);
  if (words.size() + 4 < line.size() || line.size() < 4) return std::string(line);
  if (!line.starts_with('5') && !(line.starts_with('4') && words.find("... ") != std::string_view::npos)) return std::string(line);
  return fmt::format("{} {}.0.0 {}", line.substr(0, 3), line[0], words);
}

Fate fate_of_reply(const smtp::RemoteReply& reply, Stage stage, std::string_view lost) {
  Fate f;
  f.reply = reply.got() ? reply.last_line() : std::string();
  f.heard = reply.got();
  if (!reply.got()) {
    f.exit = EX_TEMPFAIL;
    f.dsn = "4.4.2";
    f.text = lost.empty() ? "Deferred" : fmt::format("Deferred: {}", lost);
    return f;
  }
  const std::string enhanced = reply.enhanced();
  const int kind = reply.code / 100;
  if (kind == 2) {
    f.exit = EX_OK;
    f.dsn = enhanced.empty() ? "2.0.0" : enhanced;
    // sendmail: no words where the remote said none.
    const auto words = without_codes(f.reply);
    f.text = words.empty() ? "Sent" : fmt::format("Sent ({})", words.substr(0, 403));
    return f;
  }
  if (kind == 4) {
    f.exit = EX_TEMPFAIL;
    f.dsn = !enhanced.empty() ? enhanced : reply.code == 421 ? "4.4.2" : default_dsn(reply.code, stage);
    f.text = fmt::format("Deferred: {}", f.reply);
    return f;
  }
  if (kind == 5) {
    f.exit = exit_of_permanent(reply.code, stage);
    f.dsn = enhanced.empty() ? default_dsn(reply.code, stage) : enhanced;
  } else {
    f.exit = EX_PROTOCOL;
    f.dsn = "5.5.0";
  }
  f.text = words_of(f.exit);
  return f;
}

Fate fate_of(const smtp::TransactionResult& r, size_t i, const smtp::TransactionRcpt& rcpt, std::string_view sender, bool codes) {
  const smtp::RemoteReply& v = r.verdict(i);
  Stage stage = Stage::kFinal;
  std::string command;
  if (&v == &r.mail) {
    stage = Stage::kMail;
    command = fmt::format("MAIL From:<{}>", sender);
  } else if (i < r.rcpts.size() && &v == &r.rcpts[i]) {
    stage = Stage::kRcpt;
    command = fmt::format("RCPT To:<{}>", rcpt.address);
  } else if (&v == &r.data) {
    stage = Stage::kData;
    command = "DATA";
  } else {
    command = "DATA";
  }
  Fate f = fate_of_reply(v, stage, r.lost);
  const int kind = v.code / 100;
  if (!codes && (kind == 2 || kind == 5 || (kind == 4 && v.code != 421))) f.dsn = default_dsn(v.code, stage);
  f.of_rcpt = stage == Stage::kRcpt;
  f.of_mail = stage == Stage::kMail;
  f.of_message = stage == Stage::kFinal;
  if (f.sent() && i < r.rcpts.size()) f.rcpt_reply = r.rcpts[i].last_line();
  f.command = v.command.empty() ? std::move(command) : v.command;
  return f;
}

void answered_alone(Fate& f, bool codes) {
  const std::string_view words = codes ? without_codes(f.reply) : std::string_view(f.reply).substr(std::min<size_t>(4, f.reply.size()));
  if (f.sent()) f.text = "Sent";
  else if (f.exit != EX_TEMPFAIL) f.text = fmt::format("{} ({})", f.text, words.substr(0, 403));
}

Fate local_fate(int exit, std::string dsn, std::string words) {
  Fate f;
  f.exit = exit;
  f.dsn = std::move(dsn);
  f.text = f.temporary() ? (words.empty() ? "Deferred" : "Deferred: " + words) : std::move(words);
  return f;
}

Fate fate_of_exit(int exit, std::string_view dsn, std::string_view output) {
  if (exit == EX_OK) {
    Fate f;
    f.exit = EX_OK;
    f.dsn = dsn.empty() || dsn[0] != '2' ? "2.0.0" : std::string(dsn);
    f.text = "Sent";
    return f;
  }
  Fate f;
  // sendmail: EX_OSERR and EX_IOERR are tried again like EX_TEMPFAIL.
  f.exit = exit;
  f.dsn = dsn.empty() || dsn[0] == '2' ? std::string(exit_meaning(exit).dsn) : std::string(dsn);
  f.reply = std::string(output.substr(0, output.find('\n')));
  f.text = f.temporary() ? (f.reply.empty() ? "Deferred" : "Deferred: " + f.reply) : words_of(exit);
  return f;
}

// sendmail: deliver.c: "Deferred: prog mailer (/bin/sh) exited with EX_TEMPFAIL"
Fate fate_of_program(int exit, std::string_view dsn, std::string_view output, const cf::Mailer& m) {
  Fate f = fate_of_exit(exit, dsn, "");
  if (exit == EX_TEMPFAIL) f.text = fmt::format("Deferred: {} mailer ({}) exited with EX_TEMPFAIL", m.name, m.path);
  else if (f.temporary()) f.text = words_of(exit);
  f.output = std::string(output);
  return f;
}

}  // namespace hky::deliver
