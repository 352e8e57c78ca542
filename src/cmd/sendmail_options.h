// SendmailOptions: the command line of sendmail(8), parsed and not yet acted upon.
// Option string of 8.17 on Debian: A:B:b:C:cD:d:e:F:f:Gh:IiL:M:mN:nO:o:p:Q:q:R:r:sTtUV:vX:  (requirement C2)
// Who calls it: verb_sendmail.cc. Pure: no environment, no files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cf/options.h"

namespace hky::cmd {

// One -qI, -qR, -qS, -qQ selection: sub-string match, reversed by '!'.
struct QueueSelect {
  char field = 0;                  // 'I' id, 'R' recipient, 'S' sender, 'Q' quarantine reason
  bool negate = false;
  std::string value;
};

// -o and -O words in their order: `name` is one letter for -o (by_letter), the long name for -O.
struct OptionWord {
  bool by_letter = false;
  std::string name, value;
};

struct SendmailOptions {
  char mode = 0;                   // -b letter; 0: none was given (a message is sent: 'm')
  std::string config_file;         // -C
  bool config_given = false;
  char config_kind = 0;            // -A c or m: submit.cf or sendmail.cf whatever the mode
  std::string debug;               // -d words, joined by commas ("0-99.1" for a bare -d)
  bool debug_given = false;
  std::string debug_file;          // -D
  std::vector<OptionWord> options;                          // -o -O, and the letters that are short for them
  std::vector<std::pair<std::string, std::string>> macros;  // -M name (no braces), value
  std::string from;                // -f, -r
  char from_given = 0;             // by which letter; 0: it was not
  std::string full_name;           // -F
  std::string body_type;           // -B
  std::string notify;              // -N
  std::string ret;                 // -R
  std::string envid;               // -V
  std::string protocol, protocol_host;  // -p proto[:host]
  std::string log_tag;             // -L
  struct TrafficWord { std::string name; size_t options_before = 0, faults_before = 0; };
  std::vector<TrafficWord> traffic_files;  // -X, each; the last one is written to
  int traffic_fd = -1;             // that file, once tell_faults() has opened it
  int hop_count = -1;              // -h
  bool no_alias = false;           // -n
  bool read_rcpts = false;         // -t
  bool verbose = false;            // -v
  bool ignore_dots = false;        // -i
  bool gateway = false;            // -G: relay submission, rmail uses it
  bool queue_run = false;          // any -q that asks for a run
  std::string queue_interval;      // -q30m; empty: once
  bool queue_foreground = false;   // -qf
  bool queue_persistent = false;   // -qp
  std::optional<std::string> queue_group;   // -qG
  char queue_kind = 0;             // 'Q' quarantined messages, 'L' lost ones
  std::vector<QueueSelect> queue_select;
  bool quarantine = false;         // -Q[reason]: of messages in the queue; reason empty releases
  std::string quarantine_reason;
  std::vector<std::string> rcpts;  // what follows the options

  std::vector<std::string> warnings;  // said where nothing is wrong; EX_USAGE where nothing worse comes
  std::string bad_mode;            // a complaint about -b: nothing else is said, and it leaves with EX_USAGE
  std::string usage;               // getopt's complaint, for standard error
  // What is wrong with words, in their order; it leaves with the last one's code that is one.
  struct Fault {
    std::string text;              // lines without the last newline; "": nothing is said
    int exit = 0;                  // sysexits; EX_OK: it is only said
    size_t options_before = 0;     // how many of `options` came before
    std::string_view code = "550 ";  // where the mode speaks SMTP
  };
  std::vector<Fault> faults;
};

// Which option a word sets; null: none, or one of several.
const cf::OptionInfo* known_option(const OptionWord& word);

// `program` is the name for getopt's words. ordinary_user: he is told of options that belong to messages where he sends none.
SendmailOptions parse_sendmail_options(std::string_view program, const std::vector<std::string>& args, bool ordinary_user = false);

}  // namespace hky::cmd
