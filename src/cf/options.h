// Options: what the O lines (and -o / -O) set, typed, one member for each line of options.def.
// Who sets: cf/option_setter.h while a file is read. Who reads: everybody, through the immutable Config.
// sendmail: readcf.c setoption(); Operation Guide 5.6. Times are seconds; sizes bytes; a Template keeps its macros.
#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cf/text.h"

namespace hky::cf {

enum class OptionKind { Flag, Number, Octal, Letter, String, Template, Time, List, Privacy, Blame, Letters, User, Special };

enum class OptionId : int {
#define HKY_OPTION(field, Name, code, Kind, def, safe, arg) Name,
#include "cf/options.def"
  kCount
};

struct UserId {
  std::string name;          // as written, empty where numbers stood
  unsigned uid = 0, gid = 0;
  bool set = false;
};

// DeliveryMode: interactive, background, queue, deferred.
inline constexpr std::string_view kDeliveryModes = "ibqd";
enum class NoRcptAction { kNone, kAddTo, kAddApparentlyTo, kAddBcc, kAddToUndisclosed };
enum class ProbeInterfaces { kAll, kNone, kNotLoopback };  // DontProbeInterfaces = false, true, loopback

// MaxMimeHeaderLength, in bytes; 0: any. sendmail: what the option says is counted without the byte that ends a string, the built-in limits with it.
struct MimeHeaderLimits {
  long header = 2048, field = 1024;
  bool given = false;
  size_t room(long limit) const { return limit > 0 ? static_cast<size_t>(limit) + (given ? 1 : 0) : 0; }
};

// PrivacyOptions, as bits. sendmail: conf.c PrivacyValues.
enum Privacy : uint32_t {
  kPrivNeedMailHelo = 1, kPrivNeedExpnHelo = 2, kPrivNeedVrfyHelo = 4, kPrivNoExpn = 8, kPrivNoVrfy = 16,
  kPrivAuthWarnings = 32, kPrivNoVerb = 64, kPrivNoReceipts = 128, kPrivNoEtrn = 256, kPrivNoBodyReturn = 512,
  kPrivNoActualRecipient = 1024, kPrivRestrictMailq = 2048, kPrivRestrictQrun = 4096, kPrivRestrictExpand = 8192,
};

// The names DontBlameSendmail takes, in the order of their bits (blame.cc).
enum class Blame : int {
#define HKY_BLAME(name) name,
#include "cf/blame.def"
#undef HKY_BLAME
  kCount
};
using BlameSet = std::bitset<64>;

// One DaemonPortOptions / ClientPortOptions line, split at its commas: "Name=MTA" -> {"Name", "MTA"}. Keys as written.
using PortOptions = std::vector<std::pair<std::string, std::string>>;

struct Timeouts {
#define HKY_TIMEOUT(field, name, value, unit) std::chrono::seconds field{value};
#include "cf/options.def"
};

namespace detail {
template <OptionKind K, OptionId I> struct TypeOf;
#define HKY_KIND_TYPE(Kind, T) template <OptionId I> struct TypeOf<OptionKind::Kind, I> { using type = T; }
HKY_KIND_TYPE(Flag, bool);
HKY_KIND_TYPE(Number, long);
HKY_KIND_TYPE(Octal, unsigned);
HKY_KIND_TYPE(Letter, char);
HKY_KIND_TYPE(String, std::string);
HKY_KIND_TYPE(Template, Text);
HKY_KIND_TYPE(List, std::vector<PortOptions>);
HKY_KIND_TYPE(Privacy, uint32_t);
HKY_KIND_TYPE(Blame, BlameSet);
HKY_KIND_TYPE(Letters, std::string);
HKY_KIND_TYPE(User, UserId);
#undef HKY_KIND_TYPE
// Wraps seconds so that a plain number in options.def initialises it.
struct Seconds : std::chrono::seconds {
  Seconds(long n) : std::chrono::seconds(n) {}  // NOLINT: implicit on purpose
};
template <OptionId I> struct TypeOf<OptionKind::Time, I> { using type = Seconds; };
#define HKY_SPECIAL_TYPE(Name, T) template <> struct TypeOf<OptionKind::Special, OptionId::Name> { using type = T; }
HKY_SPECIAL_TYPE(EightBitMode, char);           // m p s
HKY_SPECIAL_TYPE(AliasFile, std::vector<std::string>);  // "class:file" each, in order
HKY_SPECIAL_TYPE(MinFreeBlocks, long);
HKY_SPECIAL_TYPE(DeliveryMode, char);           // i b q d
HKY_SPECIAL_TYPE(ResolverOptions, std::vector<std::string>);  // "+aaonly", "-dnsrch", "HasWildcardMX", folded
HKY_SPECIAL_TYPE(Timeout, Timeouts);
HKY_SPECIAL_TYPE(SuperSafe, char);              // y p i n (true, PostMilter, interactive, false)
HKY_SPECIAL_TYPE(QueueTimeout, std::string);    // old name of queuereturn/queuewarn: sets those
HKY_SPECIAL_TYPE(TimeZoneSpec, std::optional<std::string>);  // unset: TZ is cleared; empty: the user's; else its value
HKY_SPECIAL_TYPE(QueueSortOrder, char);         // p h t f m r s n
HKY_SPECIAL_TYPE(NoRecipientAction, NoRcptAction);
HKY_SPECIAL_TYPE(MustQuoteChars, std::string);
HKY_SPECIAL_TYPE(OperatorChars, std::string);
HKY_SPECIAL_TYPE(DontProbeInterfaces, ProbeInterfaces);
HKY_SPECIAL_TYPE(ConnectOnlyTo, std::string);   // an address
HKY_SPECIAL_TYPE(MaxMimeHeaderLength, MimeHeaderLimits);
HKY_SPECIAL_TYPE(MaxHeadersLength, long);
using StringMap = std::map<std::string, std::string>;
HKY_SPECIAL_TYPE(Milter, StringMap);            // sub-option (folded) -> value
HKY_SPECIAL_TYPE(SmtpUTF8, bool);
#undef HKY_SPECIAL_TYPE
}  // namespace detail

struct Options {
#define HKY_OPTION(field, Name, code, Kind, def, safe, arg) \
  detail::TypeOf<OptionKind::Kind, OptionId::Name>::type field = def;
#include "cf/options.def"

  bool privacy(uint32_t bits) const { return (privacy_options & bits) != 0; }
  bool blames(Blame what) const { return dont_blame_sendmail.test(static_cast<size_t>(what)); }
};

// What options.def says of one option.
struct OptionInfo {
  OptionId id;
  const char* name;
  unsigned char code;     // the old letter, or sendmail's byte
  OptionKind kind;
  bool safe;
  char unit;              // Time: unit of a bare number
  const char* letters;    // Letters: those that mean something
};

const std::vector<OptionInfo>& option_table();
const OptionInfo& option_info(OptionId id);
const OptionInfo* option_by_code(unsigned char code);

// sendmail: setoption() by name: without case; a whole name wins, else an unambiguous beginning is taken.
struct OptionMatch {
  const OptionInfo* option = nullptr;
  bool abbreviated = false;
  const OptionInfo* other = nullptr;  // a second candidate: the name is ambiguous and `option` must not be used
};
OptionMatch find_option(std::string_view name);

// The present value as an O line would give it; macros as typed. For listings, `hikyaku check`, tests.
std::string option_value(const Options& options, OptionId id);
std::string timeout_value(const Options& options, std::string_view name);
// "5d", "30s", "1w2d": sendmail's convtime(). False: `bad_units` are the letters nobody knows.
bool parse_time(std::string_view text, char default_unit, std::chrono::seconds& out, std::string& bad_units);
// sendmail: atobool().
bool parse_flag(std::string_view text);
const char* blame_name(Blame what);
const std::vector<std::pair<const char*, uint32_t>>& privacy_names();

}  // namespace hky::cf
