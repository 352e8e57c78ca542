// The options that have a form of their own. sendmail: readcf.c setoption().
#include <fmt/core.h>

#include <algorithm>

#include "base/strings.h"
#include "cf/reader_impl.h"

namespace hky::cf {

namespace {

char first(const std::string& value) { return value.empty() ? '\0' : value[0]; }

bool looks_like_address(std::string_view host) {
  if (host.empty()) return false;
  if (host.find(':') != std::string_view::npos) return true;  // IPv6
  return host.find_first_not_of("0123456789.") == std::string_view::npos && std::count(host.begin(), host.end(), '.') == 3;
}

bool is_milter_option(const std::string& name) {
  constexpr std::string_view kKnown[] = {"macros.connect", "macros.helo", "macros.envfrom", "macros.envrcpt", "macros.data", "macros.eom", "macros.eoh", "loglevel"};
  return std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown);
}

}  // namespace

void Reader::option_resolver(const std::string& value) {
  constexpr std::string_view kKnown[] = {"debug", "aaonly", "usevc", "primary", "igntc", "recurse", "defnames",
                                         "stayopen", "dnsrch", "use_edns0", "use_dnssec", "trustad", "true", "false"};
  for (std::string_view word : split_words(value)) {
    char sign = word[0] == '-' ? '-' : '+';
    std::string_view name = word[0] == '-' || word[0] == '+' ? word.substr(1) : word;
    if (iequals(name, "HasWildcardMX") || iequals(name, "WorkAroundBrokenAAAA")) {  // no flags of the resolver, and yet signed
      if (sign == '+') c_.options.resolver_options.push_back(lower(name));
      else std::erase(c_.options.resolver_options, lower(name));
      continue;
    }
    bool known = false;
    for (std::string_view k : kKnown) known = known || iequals(k, name);
    if (!known) error(fmt::format("readcf: I option value {} unrecognized", name));
    else c_.options.resolver_options.push_back(sign + lower(name));
  }
}

void Reader::option_special(const OptionInfo& info, std::string_view sub, const std::string& value) {
  Options& o = c_.options;
  char c = first(value);
  switch (info.id) {
    case OptionId::EightBitMode:
      if (std::string_view("mps").find(c) == std::string_view::npos || c == '\0') usage(true, fmt::format("Unknown 8-bit mode {}", c));
      else o.eight_bit_mode = c;
      break;
    case OptionId::AliasFile:
      for (std::string_view one : split(value, ',')) {
        one = trim(one);
        if (!one.empty()) o.alias_file.emplace_back(one);
      }
      break;
    case OptionId::MinFreeBlocks: {
      o.min_free_blocks = number(value);
      if (size_t slash = value.find('/'); slash != std::string::npos) o.max_message_size = number(value.substr(slash + 1));
      break;
    }
    case OptionId::DeliveryMode: {
      char mode = c == '\0' ? 'b' : c;
      if (kDeliveryModes.find(mode) == std::string_view::npos) usage(true, fmt::format("Unknown delivery mode {}", c));
      else o.delivery_mode = mode;
      break;
    }
    case OptionId::ResolverOptions: option_resolver(value); break;
    case OptionId::SuperSafe:
      o.super_safe = lower(c) == 'p' ? 'p' : lower(c) == 'i' ? 'i' : parse_flag(value) ? 'y' : 'n';
      break;
    case OptionId::QueueTimeout: {  // "5d/4h": return and warn
      size_t slash = value.find('/');
      option_timeout("queuereturn", std::string_view(value).substr(0, slash));
      if (slash != std::string::npos) option_timeout("queuewarn", std::string_view(value).substr(slash + 1));
      break;
    }
    case OptionId::TimeZoneSpec: o.time_zone_spec = value; break;
    case OptionId::QueueSortOrder:
      if (std::string_view("hptfmrsn").find(lower(c)) == std::string_view::npos || c == '\0')
        error(fmt::format("Invalid queue sort order \"{}\"", value));
      else o.queue_sort_order = lower(c);
      break;
    case OptionId::NoRecipientAction: {
      constexpr std::string_view kNames[] = {"none", "add-to", "add-apparently-to", "add-bcc", "add-to-undisclosed"};
      auto* hit = std::find_if(std::begin(kNames), std::end(kNames), [&](std::string_view n) { return iequals(n, value); });
      if (hit == std::end(kNames)) error(fmt::format("Invalid NoRecipientAction: {}", value));
      else o.no_recipient_action = static_cast<NoRcptAction>(hit - std::begin(kNames));
      break;
    }
    case OptionId::MustQuoteChars:
      // sendmail: the first eight are always there
      if (value.size() > 60) report(false, "Warning: MustQuoteChars too long, ignored.", false);
      else o.must_quote_chars = "@,;:\\()[]" + value;
      break;
    case OptionId::OperatorChars:
      if (operator_chars_set_)
        report(false, "Warning: OperatorChars is being redefined.\n         It should only be set before ruleset definitions.", false);
      else if (rules_seen_)
        report(false, "Warning: OperatorChars is being redefined.\n         It should only be set before ruleset definitions.", false);
      operator_chars_set_ = true;
      o.operator_chars = value;
      break;
    case OptionId::DontProbeInterfaces:
      o.dont_probe_interfaces = iequals(value, "loopback") ? ProbeInterfaces::kNotLoopback
                                : parse_flag(value)        ? ProbeInterfaces::kNone
                                                           : ProbeInterfaces::kAll;
      break;
    case OptionId::ConnectOnlyTo: {
      const std::string_view host = std::string_view(value).substr(starts_with_i(value, "IPv6:") ? 5 : 0);
      if (!looks_like_address(host)) error(fmt::format("readcf: option ConnectOnlyTo: invalid IP address {}", host));
      else o.connect_only_to = value;
      break;
    }
    case OptionId::MaxMimeHeaderLength: {
      MimeHeaderLimits limits;
      limits.header = number(value);
      size_t slash = value.find('/');
      const bool halved = slash == std::string::npos || slash + 1 == value.size();
      limits.field = halved ? limits.header / 2 : number(value.substr(slash + 1));
      if (limits.header <= 0) limits.header = 0;
      else if (limits.header < 128) report(false, "Warning: MaxMimeHeaderLength: header length limit set lower than 128", false);
      if (limits.field <= 0) limits.field = 0;
      else if (limits.field < 40) report(false, "Warning: MaxMimeHeaderLength: field length limit set lower than 40", false);
      limits.given = true;
      o.max_mime_header_length = limits;
      break;
    }
    case OptionId::MaxHeadersLength:
      o.max_headers_length = number(value);
      if (o.max_headers_length > 0 && o.max_headers_length < 16384)
        report(false, "Warning: MaxHeadersLength: headers length limit set lower than 16384", false);
      break;
    case OptionId::Milter:
      if (sub.empty()) error("milter_set_option: invalid Milter option, must specify suboption");
      else if (!is_milter_option(lower(sub))) error(fmt::format("milter_set_option: invalid Milter option {}", sub));
      else o.milter[lower(sub)] = value;
      break;
    case OptionId::SmtpUTF8:
      o.smtp_utf8 = parse_flag(value);
      break;
    default: break;
  }
}

}  // namespace hky::cf
