// Reader: the state of one read_config, shared by the files of the line types (reader_rules.cc, reader_mailers.cc, ...).
// Nothing outside cf/reader*.cc includes this.
#pragma once

#include <bitset>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cf/reader.h"

namespace hky::cf {

inline constexpr int kMaxRulesets = 200;      // sendmail: MAXRWSETS; numbers below half of it are free to choose
inline constexpr int kMaxMailers = 25;        // sendmail: MAXMAILERS
inline constexpr int kMaxPriorities = 25;     // sendmail: MAXPRIORITIES
inline constexpr int kMaxWildcards = 9;       // $1..$9
inline constexpr int kMaxMapArgs = 10;        // sendmail: MAX_MAP_ARGS
inline constexpr int kMaxDaemons = 64;        // sendmail: MAXDAEMONS of Debian's build
inline constexpr int kConfigLevel = 10;
inline constexpr size_t kMaxClassFile = 64u << 20;  // ours: a class file larger than this is refused

class Reader {
 public:
  Reader(const ReadRequest& request, Config& config) : req_(request), c_(config), scope_(config) {}

  void defaults();                       // defaults.cc: built-in macros, classes, mailers
  void overrides();                      // -O, -o, -M before the file
  void text(std::string_view bytes);     // the whole file
  void finish();                         // what sendmail checks and fills in after the last line
  int errors() const { return errors_; }
  bool drop_privileges() const { return drop_privileges_; }

  // For -bt's additions.
  bool macro_line(std::string_view after_d);
  bool class_line(std::string_view after_c);

 private:
  struct SetOption { std::string_view name; unsigned char letter = 0; Text value; bool sticky = false; };

  void line(std::string text_of_line, int first_line);
  void rule_line(std::string_view line);
  void check_lhs(const Text& lhs, int& wildcards);
  void check_rhs(const Text& rhs, int wildcards);
  void ruleset_line(std::string_view rest);
  int ruleset_number(std::string_view text, size_t* length);   // sendmail: strtorwset(ST_ENTER); -1 after a complaint
  int named_ruleset(std::string_view name, int wanted);
  size_t ruleset_slot(int number, std::string_view name);
  void mailer_line(std::string_view rest);
  void mailer_field(Mailer& m, char field, const std::string& raw);
  void mailer_rulesets(const std::string& value, int& envelope, int& header);
  void mailer_types(Mailer& m, const std::string& value);
  void mailer_user(Mailer& m, const std::string& value);
  void mailer_done(Mailer m);
  void header_line(std::string_view rest);
  bool header_condition(std::string_view condition, HeaderRule& rule);
  void class_file_line(std::string_view rest);
  void class_from_file(NameId cls, const std::string& file, const std::string& format, bool optional);
  std::string ldap_class_spec(const std::string& name);
  void class_from_map(NameId cls, const std::string& spec, bool optional);
  void class_words(NameId cls, std::string_view text_of_words);
  void map_line(std::string_view rest);
  void version_line(std::string_view rest);
  void environment_line(std::string_view rest);
  void milter_line(std::string_view rest);
  void queue_line(std::string_view rest);
  bool queue_equate(QueueGroup& q, char letter, const std::string& value);   // false: there is no such one
  void finish_queues();
  void priority_line(std::string_view rest);
  void option_line(std::string_view rest, bool sticky);
  void option(const SetOption& request);
  void option_value_of(const OptionInfo& info, std::string_view sub, const Text& value);
  void option_special(const OptionInfo& info, std::string_view sub, const std::string& value);
  void option_timeout(std::string_view sub, std::string_view value);
  void option_user(const OptionInfo& info, UserId& out, const std::string& value);
  void option_ports(const OptionInfo& info, std::vector<PortOptions>& out, const std::string& value);
  void option_privacy(const std::string& value);
  void option_blame(const std::string& value);
  void option_resolver(const std::string& value);
  std::chrono::seconds time_value(std::string_view value, char unit);
  ParsedName name_of(std::string_view in);    // parse_name with complaints reported
  Text translate(std::string_view in);
  std::string expanded(std::string_view in);  // translated, then expanded to bytes

  void error(std::string text_of_error) { report(true, std::move(text_of_error)); }
  void warning(std::string text_of_warning) { report(false, std::move(text_of_warning)); }
  void report(bool fatal, std::string text_of_report, bool with_place = true);
  // The same, with EX_USAGE. sendmail: usrerr() for what it can do without, finis() for what it cannot.
  void usage(bool fatal, std::string text_of_report);

  const ReadRequest& req_;
  Config& c_;
  MacroScope scope_;               // over c_: what D lines said so far
  int line_ = 0;                   // the line being read; 0 outside the file
  bool in_file_ = false;
  int ruleset_ = 0;                // index into c_.rulesets + 1; 0: the R lines stand under no valid S line
  int next_named_ = kMaxRulesets;
  int errors_ = 0;
  bool drop_privileges_ = false;
  bool rules_seen_ = false;
  bool operator_chars_set_ = false;
  std::set<std::string> sticky_;   // option names (folded, with sub) that the command line fixed
};

// sendmail: munchstring(): blanks in front stay, quotes are taken off, backslashes read (\n \r ...); stops at an unquoted
// `delimiter` ('\0': at the end). `length` is what was consumed, the delimiter not included.
std::string munch(std::string_view in, char delimiter, size_t* length = nullptr);
Text munch(const Text& in, char delimiter);
// Takes away " # comment" (V3 and later); "\#" and "$#" stay. sendmail: translate_dollars().
std::string strip_comment(std::string_view line);
long number(std::string_view in);   // the one it begins with, else 0. sendmail: atoi()
// Why a door failed, in the system's words where it was the system.
std::string reason_of(const Error& error);

}  // namespace hky::cf
