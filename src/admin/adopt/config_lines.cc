// sendmail.mc and sendmail.cf, line by line. What the macro library and the reader complain of decides, not a list of names
// kept here; of what is read and obeyed differently or not there are tables (../differences.def, ../uses.def).
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "admin/adopt/readers.h"
#include "admin/uses.h"
#include "base/strings.h"
#include "cf/options.h"

namespace hky::admin::adopt {
namespace {

struct Said { Verdict verdict; std::string text; };

// "PATH:12: error: TEXT" of messages that concern `path`.
std::map<int, Said> complaints(const std::vector<std::string>& messages, const std::string& path) {
  std::map<int, Said> out;
  for (const std::string& message : messages) {
    if (!message.starts_with(path + ":")) continue;
    std::string_view rest = std::string_view(message).substr(path.size() + 1);
    int line = 0;
    const auto [end, failed] = std::from_chars(rest.data(), rest.data() + rest.size(), line);
    if (failed != std::errc()) continue;
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    rest = trim(rest.substr(rest.starts_with(":") ? 1 : 0));
    const bool error = starts_with_i(rest, "error");
    out.emplace(line, Said{error ? Verdict::kNotHonoured : Verdict::kDifferent, std::string(rest)});
  }
  return out;
}

// The confNAME of "define(`confNAME', ...": the option it sets is the .cf's business, but its reader wants to know here.
std::string conf_of(std::string_view text) {
  const size_t at = text.find("define(`conf");
  if (at == std::string_view::npos) return {};
  std::string_view name = text.substr(at + 8);
  return std::string(name.substr(0, name.find('\'')));
}

// confMAX_DAEMON_CHILDREN and MaxDaemonChildren: the same letters. Few have names of their own.
std::string option_of(std::string_view conf) {
  static const std::map<std::string_view, std::string_view> kOwn{
      {"confMCI_CACHE_SIZE", "ConnectionCacheSize"}, {"confCON_EXPENSIVE", "HoldExpensive"},          {"confSAVE_FROM_LINES", "SaveFromLine"},
      {"confWORK_RECIPIENT_FACTOR", "RecipientFactor"}, {"confWORK_CLASS_FACTOR", "ClassFactor"},     {"confWORK_TIME_FACTOR", "RetryFactor"},
      {"confSAFE_QUEUE", "SuperSafe"},               {"confSEPARATE_PROC", "ForkEachJob"},            {"confSAFE_FILE_ENV", "SafeFileEnvironment"},
      {"confCACERT", "CACertFile"},                  {"confCACERT_PATH", "CACertPath"},               {"confSERVER_CERT", "ServerCertFile"},
      {"confSERVER_KEY", "ServerKeyFile"},           {"confCLIENT_CERT", "ClientCertFile"},           {"confCLIENT_KEY", "ClientKeyFile"},
      {"confCRL", "CRLFile"},                        {"confDEF_AUTH_INFO", "DefaultAuthInfo"},        {"confTIME_ZONE", "TimeZoneSpec"},
      {"confERROR_MESSAGE", "ErrorHeader"},          {"confUSERDB_SPEC", "UserDatabaseSpec"},
  };
  if (const auto at = kOwn.find(conf); at != kOwn.end()) return std::string(at->second);
  std::string letters;
  for (const char c : conf.substr(conf.starts_with("conf") ? 4 : 0)) {
    if (c != '_') letters += lower(c);
  }
  for (const cf::OptionInfo& info : cf::option_table()) {
    if (iequals(info.name, letters)) return std::string(info.name);
  }
  return {};
}

// The worst that there is to say of what the line uses.
void use_line(Line& line, char kind, std::string_view rest) {
  for (const UseInfo* info : uses_to_tell(kind, rest)) {
    const Verdict verdict = info->obeyed == Obeyed::kNo ? Verdict::kNotHonoured : Verdict::kDifferent;
    if (line.verdict != Verdict::kNotHonoured) set(line, verdict, told(*info));
  }
}

// What stands between the quotes of WORD(`...', `...'), from the n-th on.
std::string_view quoted(std::string_view text, size_t n) {
  for (;; --n) {
    const size_t open = text.find('`');
    if (open == std::string_view::npos) return {};
    text.remove_prefix(open + 1);
    if (n == 0) return text.substr(0, text.find('\''));
  }
}

// Words of the macro library that become one line of sendmail.cf.
void uses_of_mc(Line& line, std::string_view text) {
  if (text.starts_with("DAEMON_OPTIONS(")) use_line(line, 'O', fmt::format(" DaemonPortOptions={}", quoted(text, 0)));
  if (text.starts_with("CLIENT_OPTIONS(")) use_line(line, 'O', fmt::format(" ClientPortOptions={}", quoted(text, 0)));
  if (text.starts_with("QUEUE_GROUP(")) use_line(line, 'Q', fmt::format("{}, {}", quoted(text, 0), quoted(text, 1)));
  if (const std::string conf = conf_of(text); !conf.empty()) use_line(line, 'O', fmt::format(" {}={}", option_of(conf), quoted(text, 1)));
}

// Keeps the ruleset that the R lines which follow belong to, and judges them. They stand below an S line, or LOCAL_TLS_RCPT.
class Uncalled {
 public:
  void see(Line& line) {
    const std::string_view text = trim(line.text);
    if (text.empty() || line.verdict == Verdict::kComment) return;
    if (text[0] == 'R') {
      if (ruleset_ != nullptr) set(line, Verdict::kNotHonoured, std::string(ruleset_->why));
    } else {
      ruleset_ = ruleset_not_obeyed(text[0] == 'S' ? trim(text.substr(1)) : text);
    }
  }

 private:
  const UseInfo* ruleset_ = nullptr;
};

void mc_line(Line& line, bool diverted) {
  const std::string_view text = trim(line.text);
  if (diverted || text.empty() || text[0] == '#' || text == "dnl" || text.starts_with("dnl ") || text.starts_with("dnl\t") || text.starts_with("divert(")) {
    line.verdict = Verdict::kComment;
    return;
  }
  if (text.find("m4/cf.m4") != std::string_view::npos) {
    set(line, Verdict::kDifferent, "Hikyaku's own macro library is read in its place, whatever the path");
    return;
  }
  uses_of_mc(line, text);
  const std::string conf = conf_of(text);
  if (conf.empty()) return;
  std::string why;
  const Verdict verdict = option_verdict(option_of(conf), why);
  if (verdict != Verdict::kHonoured) set(line, verdict, std::move(why));
}

void option_line(Line& line) {
  std::string_view value;
  std::string why;
  const Verdict verdict = option_verdict(option_of_line(std::string_view(line.text).substr(1), value), why);
  if (verdict != Verdict::kHonoured) set(line, verdict, std::move(why));
}

// With the lines that go on with it.
std::string whole_line(const std::vector<Line>& lines, size_t at) {
  std::string out = lines[at].text;
  while (++at < lines.size() && !lines[at].text.empty() && is_space(lines[at].text[0])) out += lines[at].text;
  return out;
}

void cf_line(Line& line, const std::string& whole) {
  use_line(line, whole[0], std::string_view(whole).substr(1));
  if (line.text[0] == 'O') option_line(line);
  if (line.text[0] == 'X') set(line, Verdict::kNotHonoured, "mail filters (milters) are not called");
}

}  // namespace

Verdict option_verdict(std::string_view name, std::string& why) {
  const OptionInfo* info = option_difference(name);
  if (info == nullptr) return Verdict::kHonoured;
  why = info->why;
  return info->without_effect ? Verdict::kNotHonoured : Verdict::kDifferent;
}

FileAccount read_mc(const Site& site, const std::string& path, std::string_view text) {
  FileAccount out{path, "macro configuration", lines_of(text), ""};
  const std::map<int, Said> said = complaints(site.make_cf ? site.make_cf(path) : std::vector<std::string>(), path);
  bool diverted = false;
  Uncalled uncalled;
  for (Line& line : out.lines) {
    const std::string_view bare = trim(line.text);
    if (bare.starts_with("divert(-1")) diverted = true;
    else if (bare.starts_with("divert(")) diverted = false;
    mc_line(line, diverted);
    uncalled.see(line);
    if (const auto at = said.find(line.number); at != said.end()) set(line, at->second.verdict, at->second.text);
  }
  return out;
}

FileAccount read_cf(const Site& site, const std::string& path, std::string_view text) {
  FileAccount out{path, "configuration", lines_of(text), ""};
  const std::shared_ptr<const cf::Config> config = site.read_cf ? site.read_cf(path) : nullptr;
  Line* before = nullptr;
  Uncalled uncalled;
  for (size_t i = 0; i < out.lines.size(); ++i) {
    Line& line = out.lines[i];
    if (line.text.empty() || line.text[0] == '#') {
      line.verdict = Verdict::kComment;
    } else if (is_space(line.text[0])) {
      if (before == nullptr || trim(line.text).empty()) line.verdict = Verdict::kComment;
      else set(line, before->verdict, before->why);   // a continuation
    } else {
      cf_line(line, whole_line(out.lines, i));
      uncalled.see(line);
      before = &line;
    }
  }
  if (config == nullptr) return out;
  for (const cf::Diagnostic& d : config->diagnostics) {
    if (d.place.file != path || d.place.line < 1 || d.place.line > static_cast<int>(out.lines.size())) continue;
    set(out.lines[static_cast<size_t>(d.place.line) - 1], d.fatal ? Verdict::kNotHonoured : Verdict::kDifferent, d.text);
  }
  return out;
}

}  // namespace hky::admin::adopt
