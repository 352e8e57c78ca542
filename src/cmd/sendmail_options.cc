#include "cmd/sendmail_options.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include <fmt/format.h>

#include "base/strings.h"

namespace hky::cmd {
namespace {

constexpr int kExUsage = 64;
constexpr std::string_view kOptionString = "A:B:b:C:cD:d:e:F:f:Gh:IiL:M:mN:nO:o:p:Q:q:R:r:sTtUV:vX:";
constexpr std::string_view kModesWithoutQueue = "ahHistv";
constexpr std::string_view kOfMessages = "BFfGhNnpRrtV";
constexpr std::string_view kModesOfMessages("\0amstv", 6);
constexpr std::string_view kModes = "adDhHimpPstvC";  // C: Hikyaku's own check (-bC of 8.17 means the same)

// sendmail: cleanstrcpy(): what -p names is letters, digits and the marks of an atom.
std::string plain_name(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-./^_`{|}~";
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [kMarks](char c) { return is_alpha(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos; });
  return out;
}

class Parser {
 public:
  // first: what the first look found, for the second; null: this is the first.
  Parser(std::string_view program, const std::vector<std::string>& args, bool ordinary_user, const SendmailOptions* first)
      : program_(program), args_(args), mode_(first == nullptr ? '\0' : first->mode), ordinary_user_(first != nullptr && ordinary_user),
        runs_queue_(first != nullptr && (first->queue_run || first->quarantine)) {}

  SendmailOptions run() {
    size_t at = 0;
    while (at < args_.size() && !stopped_) {
      const std::string& word = args_[at];
      if (word == "--") {
        ++at;
        break;
      }
      if (word.size() < 2 || word[0] != '-') break;
      ++at;
      letters(word, at);
    }
    o_.rcpts.assign(args_.begin() + static_cast<std::ptrdiff_t>(at), args_.end());
    if (o_.mode == 'm' && o_.queue_run) o_.mode = '\0';   // sendmail: main(): MD_QUEUERUN
    return std::move(o_);
  }

 private:
  // The letters of one word; `at` is the next word, taken where an option wants its argument from there.
  void letters(const std::string& word, size_t& at) {
    for (size_t i = 1; i < word.size() && !stopped_; ++i) {
      const char c = word[i];
      const size_t known = c == ':' ? std::string_view::npos : kOptionString.find(c);
      if (known == std::string_view::npos) {
        stop(fmt::format("{}: illegal option -- {}", program_, c));
        return;
      }
      const bool wants = known + 1 < kOptionString.size() && kOptionString[known + 1] == ':';
      if (!wants) {
        flag(c);
        continue;
      }
      std::string value = word.substr(i + 1);
      // sendmail: obsolete(): a bare -C, -q, -Q and -d have arguments of their own.
      if (value.empty() && !is_whole(c, at)) {
        if (at >= args_.size() && !default_of(c, value)) {
          stop(fmt::format("{}: option requires an argument -- {}", program_, c));
          return;
        }
        if (at >= args_.size()) {
          valued(c, std::move(value));
          return;
        }
        value = args_[at++];
        obsolete_ = obsolete_ && value.starts_with('-');
      }
      last_ = value;
      valued(c, std::move(value));
      return;
    }
  }

  // Where the last word has no argument. sendmail goes on with these.
  bool default_of(char c, std::string& value) const {
    if (c == 'C') value = "sendmail.cf";
    if (c == 'b') value = last_;   // sendmail: optarg is what it was
    return c == 'C' || c == 'b' || is_bare(c);
  }

  static bool is_bare(char c) { return c == 'q' || c == 'Q' || c == 'd'; }
  // sendmail: obsolete(): -Q and -d until a word that is no option, were it an option's argument; from there on, and -q always, it takes the next
  // one that is none
  bool is_whole(char c, size_t next) const { return is_bare(c) && ((obsolete_ && c != 'q') || (next < args_.size() && args_[next].starts_with('-'))); }

  // sendmail: main() looks at its words twice: for -b and what it does not know, and then for the rest, until one ends it.
  void fail(std::string text) {
    if (!over_) o_.faults.push_back({std::move(text), kExUsage, o_.options.size()});
  }
  void end() {
    fail("");
    over_ = true;
  }
  void stop(std::string usage) {
    end();
    o_.usage = std::move(usage);
    stopped_ = true;
  }
  void refuse_mode(std::string text) {
    o_.bad_mode = std::move(text);
    stopped_ = true;
  }

  // sendmail: usrerr(): said, and left with, but it goes on.
  void warn(std::string text) { o_.warnings.push_back(std::move(text)); }

  void option(OptionWord word) {
    if (over_) return;
    const cf::OptionInfo* known = known_option(word);   // ambiguous: the reader complains
    const std::string_view name = known == nullptr ? std::string_view() : known->name;
    if (name == "IgnoreDots") o_.ignore_dots = says_yes(word.value);
    if (name == "Verbose") o_.verbose = says_yes(word.value);
    o_.options.push_back(std::move(word));
  }
  static bool says_yes(const std::string& value) { return value.empty() || std::string_view("tTyY1").find(value[0]) != std::string_view::npos; }
  void letter_option(char name, std::string value) { option({true, std::string(1, name), std::move(value)}); }

  // sendmail: main(): what goes with a message alone is not even looked at where an ordinary user sends none.
  bool ignored(char c) {
    if (!ordinary_user_ || over_ || kOfMessages.find(c) == std::string_view::npos) return false;
    const bool sends = !o_.queue_run && kModesOfMessages.find(mode_) != std::string_view::npos;
    if (sends && !runs_queue_) return false;
    const char* why = sends ? "with -q" : "(not in submission mode)";
    o_.faults.push_back({fmt::format("WARNING: Ignoring submission mode -{} option {}", c, why), 0, o_.options.size(), ""});
    return true;
  }

  void flag(char c) {
    if (ignored(c)) return;
    switch (c) {
      case 'G': o_.gateway = true; break;
      case 'I':
      case 'U': end(); break;   // sendmail 8.17 takes them no more, and says nothing
      case 'n': o_.no_alias = true; break;
      case 't': o_.read_rcpts = true; break;
      case 'v':
      case 'i':
      case 'm':
      case 's':
      case 'c': letter_option(c, ""); break;
      default: break;  // -T: accepted, means nothing
    }
  }

  void valued(char c, std::string value) {
    if (ignored(c)) return;
    switch (c) {
      case 'A': o_.config_kind = value.empty() ? '\0' : value[0]; break;
      case 'B': body_type(std::move(value)); break;
      case 'b': mode(value); break;
      case 'C': o_.config_file = std::move(value); o_.config_given = true; break;
      case 'D': o_.debug_file = std::move(value); break;
      case 'd': debug(value); break;
      case 'e': letter_option('e', std::move(value)); break;
      case 'F': o_.full_name = std::move(value); break;
      case 'f':
      case 'r': from(std::move(value), c); break;
      case 'h': hops(value); break;
      case 'L': o_.log_tag = std::move(value); break;
      case 'M': macro(value); break;
      case 'N': notify(std::move(value)); break;
      case 'O': long_option(value); break;
      case 'o': letter_option(value.empty() ? '\0' : value[0], value.empty() ? "" : value.substr(1)); break;
      case 'p': protocol(value); break;
      case 'Q': o_.quarantine = true; o_.quarantine_reason = std::move(value); break;
      case 'q': queue(value); break;
      case 'R': ret(std::move(value)); break;
      case 'V': envid(std::move(value)); break;
      case 'X': traffic(std::move(value)); break;
      default: break;
    }
  }

  void mode(const std::string& value) {
    const char m = value.empty() ? '\0' : value[0];
    if (m == 'z') refuse_mode("Frozen configurations unsupported");
    else if (m == '\0' || kModes.find(m) == std::string_view::npos) refuse_mode(fmt::format("Invalid operation mode {}", m == '\0' ? ' ' : m));
    else o_.mode = m;
  }

  void traffic(std::string name) {
    if (!over_) o_.traffic_files.push_back({std::move(name), o_.options.size(), o_.faults.size()});
  }

  void debug(const std::string& value) {
    o_.debug_given = true;
    if (!o_.debug.empty()) o_.debug += ',';
    o_.debug += value.empty() ? "0-99.1" : value;
  }

  void from(std::string value, char letter) {
    // sendmail: the first one counts, others are said to be too many, also the same once more.
    if (o_.from_given != 0) {
      fail("More than one \"from\" person");
      return;
    }
    o_.from = std::move(value);
    o_.from_given = letter;
  }

  void body_type(std::string value) {
    if (!iequals(value, "7bit") && !iequals(value, "8bitmime")) {
      warn(fmt::format("Illegal body type {}", value));
      return;
    }
    o_.body_type = iequals(value, "7bit") ? "7BIT" : "8BITMIME";
  }

  void notify(std::string value) {
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::string_view word = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      const bool known = iequals(word, "success") || iequals(word, "failure") || iequals(word, "delay");
      if (!known && !iequals(value, "never")) {
        fail("Invalid -N argument");
        return;
      }
    }
    o_.notify = std::move(value);
  }

  void ret(std::string value) {
    if (!o_.ret.empty()) fail("Duplicate -R flag");
    else if (!iequals(value, "full") && !iequals(value, "hdrs")) fail("Invalid -R value");
    else o_.ret = std::move(value);
  }

  // sendmail: xtextok(); RFC 3461 4.
  void envid(std::string value) {
    for (size_t i = 0; i < value.size(); ++i) {
      const char c = value[i];
      const auto hex = [&](size_t k) { return k < value.size() && std::string_view("0123456789ABCDEF").find(value[k]) != std::string_view::npos; };
      if (c < '!' || c > '~' || c == '=' || (c == '+' && !(hex(i + 1) && hex(i + 2)))) {
        fail("Invalid syntax in -V flag");
        return;
      }
    }
    o_.envid = std::move(value);
  }

  void hops(const std::string& value) {
    char* end = nullptr;
    const long n = std::strtol(value.c_str(), &end, 10);
    if (*end != '\0') {
      fail(fmt::format("Bad hop count ({})", value));
      return;
    }
    o_.hop_count = static_cast<int>(n);
  }

  void macro(const std::string& value) {
    if (value.empty()) return;
    if (value[0] == '{') {
      const size_t close = value.find('}');
      if (close == std::string::npos) return;
      o_.macros.emplace_back(value.substr(1, close - 1), value.substr(close + 1));
      return;
    }
    o_.macros.emplace_back(value.substr(0, 1), value.substr(1));
  }

  void long_option(const std::string& value) {
    size_t start = 0;
    while (start < value.size() && value[start] == ' ') ++start;
    const size_t eq = value.find('=', start);
    std::string name = value.substr(start, eq == std::string::npos ? eq : eq - start);
    while (!name.empty() && name.back() == ' ') name.pop_back();
    std::string rest = eq == std::string::npos ? "" : value.substr(eq + 1);
    rest.erase(0, rest.find_first_not_of(' '));
    option({false, std::move(name), std::move(rest)});
  }

  void protocol(const std::string& value) {
    const size_t colon = value.find(':');
    o_.protocol = plain_name(std::string_view(value).substr(0, colon));
    if (colon != std::string::npos) o_.protocol_host = plain_name(std::string_view(value).substr(colon + 1));
  }

  void queue(const std::string& value) {
    if (kModesWithoutQueue.find(mode_) != std::string_view::npos) {
      fail(fmt::format("Can not use -q with -b{}", mode_));
      return;
    }
    o_.queue_run = true;
    size_t i = 0;
    const bool negate = value.find('!') == 0;
    if (negate) i = 1;
    const char c = i < value.size() ? value[i] : '\0';
    std::string rest = value.substr(std::min(value.size(), i + 1));
    switch (c) {
      case 'G':
        if (negate) fail("Can not use -q!G");
        else o_.queue_group = std::move(rest);
        break;
      case 'I':
      case 'R':
      case 'S': o_.queue_select.push_back({c, negate, std::move(rest)}); break;
      case 'Q':
        o_.queue_kind = 'Q';
        if (!rest.empty()) o_.queue_select.push_back({c, negate, std::move(rest)});
        break;
      case 'L': o_.queue_kind = 'L'; break;
      case 'f': o_.queue_foreground = true; break;
      case 'p':
        o_.queue_persistent = true;
        interval(rest);
        break;
      case '\0':
      case '0': break;
      default: interval(value); break;
    }
  }

  // sendmail: convtime(): each unit that is none is complained of.
  void interval(const std::string& value) {
    std::string bad;
    for (const char c : value) {
      if ((c >= '0' && c <= '9') || std::string_view("wdhms").find(c) != std::string_view::npos) continue;
      bad += fmt::format("{}Invalid time unit `{}'", bad.empty() ? "" : "\n", c);
    }
    if (!bad.empty()) fail(std::move(bad));
    o_.queue_interval = value;
  }

  std::string_view program_;
  const std::vector<std::string>& args_;
  char mode_;
  bool ordinary_user_, runs_queue_;
  SendmailOptions o_;
  std::string last_;       // argument of the option before
  bool obsolete_ = true;   // a bare -q is whole
  bool over_ = false;      // the second look has ended
  bool stopped_ = false;   // both have
};

}  // namespace

const cf::OptionInfo* known_option(const OptionWord& word) {
  if (word.by_letter) return word.name.empty() ? nullptr : cf::option_by_code(static_cast<unsigned char>(word.name[0]));
  const cf::OptionMatch match = cf::find_option(word.name);
  return match.other != nullptr ? nullptr : match.option;
}

SendmailOptions parse_sendmail_options(std::string_view program, const std::vector<std::string>& args, bool ordinary_user) {
  const SendmailOptions first = Parser(program, args, ordinary_user, nullptr).run();
  return Parser(program, args, ordinary_user, &first).run();
}

}  // namespace hky::cmd
