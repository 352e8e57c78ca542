// The / commands of the address test mode. sendmail: main.c testmodeline(), mailer lines: deliver.c/util.c printmailer().
#include <fmt/format.h>

#include "admin/test_mode_impl.h"
#include "base/strings.h"
#include "receive/help.h"
#include "rewrite/scan.h"

namespace hky::admin {
namespace {

std::string ruleset_name(const cf::Config& config, int number) {
  const cf::Ruleset* set = config.find_ruleset(std::to_string(number));
  return set == nullptr || set->name.empty() ? std::to_string(number) : set->name;
}

std::string or_undefined(const std::string& s) { return s.empty() ? "<undefined>" : s; }

std::string escaped(std::string_view s) {
  std::string out;
  for (const char c : s) {
    switch (c) {
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out += c;
    }
  }
  return out;
}

}  // namespace

std::string mailer_line(const cf::Config& config, const cf::Mailer& m) {
  std::string flags;
  for (int c = 0; c < 128; ++c) {
    if (m.flags.test(static_cast<size_t>(c))) flags += static_cast<char>(c);
  }
  std::string argv;
  for (const cf::Text& word : m.argv) {
    if (!argv.empty()) argv += ' ';
    argv += cf::to_display(word, config.names);
  }
  std::string out = fmt::format("mailer {} ({}): P={} S={}/{} R={}/{} M={} U={}:{} F={} L={} E={}", m.index, m.name, m.path,
                                ruleset_name(config, m.sender_envelope_rwset), ruleset_name(config, m.sender_header_rwset),
                                ruleset_name(config, m.rcpt_envelope_rwset), ruleset_name(config, m.rcpt_header_rwset), m.max_size,
                                m.uid, m.gid, flags, m.line_limit, escaped(m.eol));
  if (!m.charset.empty()) out += fmt::format(" C={}", m.charset);
  out += fmt::format(" T={}/{}/{} r={}", or_undefined(m.mta_type), or_undefined(m.addr_type), or_undefined(m.diag_type), m.max_rcpts);
  if (!m.argv.empty()) out += " A=" + argv;
  return out;
}

net::Task<> TestMode::Impl::slash_command(std::string word, std::string argument) {
  if (word == "/") {
    line("Usage: /[canon|map|mx|parse|try|tryflags]");
    co_return;
  }
  const std::string name = lower(std::string_view(word).substr(1));
  if (name == "mx") {
    co_await mx(std::move(argument));
  } else if (name == "canon") {
    co_await canon(std::move(argument));
  } else if (name == "map") {
    co_await map(std::move(argument));
  } else if (name == "parse") {
    co_await parse(std::move(argument));
  } else if (name == "try") {
    co_await try_mailer(std::move(argument));
  } else if (name == "sender") {
    co_await sender(std::move(argument));
  } else if (name == "tryflags") {
    try_flags(argument);
  } else if (name == "expand") {
    // sendmail expands what is typed, and typed dollars are no macros: they are printed, without an end of line.
    if (argument.empty()) {
      line("Usage: /expand string");
    } else {
      world.print(argument);
    }
  } else if (name == "header") {
    header(argument);
  } else if (name != "gethostbyname") {  // sendmail looks the name up and prints nothing
    line(fmt::format("Unknown \"/\" command {}", word));
  }
}

net::Task<> TestMode::Impl::mx(std::string argument) {
  if (argument.empty()) {
    line("Usage: /mx address");
    co_return;
  }
  const dns::MxList list = co_await dns::mx_of(world.loop, world.names, argument, nullptr);
  if (list.null_mx) {
    line(fmt::format("getmxrr({}) returns null MX (See RFC7505)", argument));
    co_return;
  }
  const bool failed = list.status == dns::Status::kTempFail;
  line(fmt::format("getmxrr({}) returns {} value(s):", argument, failed ? -1 : static_cast<int>(list.hosts.size())));
  for (const dns::MxHost& host : list.hosts) line(fmt::format("\t{}{}", host.host, host.host.ends_with(']') ? "" : "."));
}

net::Task<> TestMode::Impl::canon(std::string argument) {
  if (argument.empty()) {
    line("Usage: /canon address");
    co_return;
  }
  if (argument.size() > 255) {
    line("Name too long");
    co_return;
  }
  const bool try_mx = !world.names.has_wildcard_mx;
  const dns::CanonicalName name = co_await dns::canonical_name(world.loop, world.names, argument, try_mx);
  if (!name.message.empty()) line(name.message);
  line(fmt::format("getcanonname({}) returns {}", argument, name.name));
}

// sendmail: macro_map_lookup(): sets the macro named by the key; without a value it becomes undefined. Answers "".
bool TestMode::Impl::macro_map(const maps::MapSpec& spec, std::string_view key, maps::MapAnswer& answer) {
  if (spec.map_class != "macro") return false;
  cf::NameId id = 0;
  if (macro_name(key, id)) scope.unset(id);
  answer.status = maps::Status::kOk;
  answer.exit_code = 0;
  return true;
}

net::Task<> TestMode::Impl::map(std::string argument) {
  if (argument.empty()) {
    line("Usage: /map mapname key");
    co_return;
  }
  size_t blank = 0;
  while (blank < argument.size() && !is_space(argument[blank])) ++blank;
  if (blank >= argument.size()) {
    line("No key specified");
    co_return;
  }
  const std::string name = argument.substr(0, blank);
  const std::string key = argument.substr(blank + 1);
  const maps::MapSpec* spec = world.maps.find(lower(name));
  if (spec == nullptr) {
    line(fmt::format("Map named \"{}\" not found", name));
    co_return;
  }
  std::string why;
  if (spec->map_class != "macro" && !world.maps.open(spec->name, why)) {
    // sendmail: an optional map that is missing cannot be asked; another one answers with a temporary failure.
    if (spec->optional) {
      line(fmt::format("Map named \"{}\" not open", name));
      co_return;
    }
  }
  maps::MapAnswer answer;
  const bool done = macro_map(*spec, key, answer);
  if (!done) {
    std::vector<std::string> args;
    std::string map_name = spec->name;
    answer = co_await world.maps.lookup(world.loop, std::move(map_name), key, std::move(args));
  }
  const bool broken = !why.empty() && !answer.message.empty();
  if (broken) line(answer.message);
  world.print(fmt::format("map_lookup: {} ({}) ", name, key));
  if (!broken && !answer.message.empty()) line(answer.message);
  if (answer.status == maps::Status::kOk) {
    line(fmt::format("returns {} ({})", answer.value, answer.exit_code));
  } else {
    line(fmt::format("no match ({})", answer.exit_code));
  }
}

void TestMode::Impl::try_flags(std::string_view flags) {
  if (flags.empty()) return line("Usage: /tryflags [Hh|Ee][Ss|Rr]");
  bool header_side = route::is_header(role), sender_side = route::is_sender(role);
  for (const char c : flags) {
    switch (lower(c)) {
      case 'h': header_side = true; break;
      case 'e': header_side = false; break;
      case 's': sender_side = true; break;
      case 'r': sender_side = false; break;
      default: break;
    }
  }
  using route::Role;
  role = header_side ? (sender_side ? Role::kHeaderSender : Role::kHeaderRcpt)
                     : (sender_side ? Role::kEnvelopeSender : Role::kEnvelopeRcpt);
  set_address_type();
}

net::Task<> TestMode::Impl::parse(std::string argument) {
  if (argument.empty()) {
    line("Usage: /parse address");
    co_return;
  }
  const cf::Options& options = world.config->options;
  const cf::Text cracked = route::crack_address(argument, options.must_quote_chars, options.colon_ok_in_addr);
  std::string shown = "Cracked address = ";
  rewrite::append_display(shown, cracked, world.config->names);
  line(std::move(shown));
  line(fmt::format("Parsing {} {} address", route::is_header(role) ? "header" : "envelope", route::is_sender(role) ? "sender" : "recipient"));
  about = argument;
  const route::Address a = co_await route::parse_address(ctx, argument, role);
  if (a.unparsable) {
    line("Cannot parse");
  } else if (!a.host.empty()) {
    line(fmt::format("mailer {}, host {}, user {}", a.mailer_name(), a.host, a.user));
  } else {
    line(fmt::format("mailer {}, user {}", a.mailer_name(), a.user));
  }
  about.clear();
}

net::Task<> TestMode::Impl::try_mailer(std::string argument) {
  size_t blank = 0;
  while (blank < argument.size() && !is_space(argument[blank])) ++blank;
  const std::string name = argument.substr(0, blank);
  std::string address(trim_left(std::string_view(argument).substr(blank)));
  if (name.empty() || address.empty()) {
    line("Usage: /try mailer address");
    co_return;
  }
  const cf::Mailer* mailer = world.config->find_mailer(name);
  if (mailer == nullptr) {
    line(fmt::format("Unknown mailer {}", name));
    co_return;
  }
  line(fmt::format("Trying {} {} address {} for mailer {}", route::is_header(role) ? "header" : "envelope",
                   route::is_sender(role) ? "sender" : "recipient", address, name));
  about = address;
  trying = true;
  rewrite::Tokens no_domain;
  const route::RemoteName out = co_await route::remote_name_of(ctx, address, *mailer, role, std::move(no_domain));
  about.clear();
  trying = false;
  line(fmt::format("Rcode = {}, addr = {}", out.temp_fail ? 75 : 0, out.address));
}

// sendmail: setsender(): parses the sender, and rewrites it for $f.
net::Task<> TestMode::Impl::sender(std::string argument) {
  if (argument.empty()) argument = world.user;
  about = argument;
  const route::Address a = co_await route::parse_address(ctx, argument, route::Role::kEnvelopeSender);
  std::string shown = a.user;
  if (a.mailer != nullptr) {
    rewrite::PrescanResult scanned = rewrite::prescan(argument, '\0', *world.config, rewrite::TokenTable::kExternal);
    rewrite::Tokens tokens = std::move(scanned.tokens);
    for (const char* step : {"3", "1", "4"}) {
      std::string ruleset(step);
      rewrite::Outcome out = co_await rewrite::evaluate(ctx, std::move(ruleset), std::move(tokens));
      tokens = std::move(out.tokens);
    }
    shown = rewrite::cataddr(tokens, *world.config);
  }
  about.clear();
  line(fmt::format("addr={}", shown));
}

// sendmail prints chompheader()'s flags; a known header's are those of its table, an unknown one has none.
void TestMode::Impl::header(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0) {
    line(fmt::format("header syntax error, line \"{}\"", text));
    return line("ul = 00000000");
  }
  line(fmt::format("ul = {:#010x}", 0x00008000u));
}

void TestMode::Impl::help(std::string_view topic) {
  const smtp::Reply reply = receive::help_reply(world.read_help, scope, topic);
  for (size_t i = 0; i < reply.lines.size(); ++i)
    error(fmt::format("{}{}{} {}", reply.code, i + 1 < reply.lines.size() ? '-' : ' ', reply.enhanced, reply.lines[i]));
}

void TestMode::Impl::set_debug(std::string_view words) {
  for (const std::string_view word : split(words, ',')) {
    int first = 0, last = 99, level = 1;
    size_t i = 0;
    const auto number = [&](int fallback) {
      if (i >= word.size() || !is_digit(word[i])) return fallback;
      int n = 0;
      while (i < word.size() && is_digit(word[i]) && n < 1000) n = n * 10 + (word[i++] - '0');
      return n;
    };
    first = number(0);
    last = i < word.size() && word[i] == '-' ? (++i, number(99)) : (word.empty() ? 99 : first);
    if (i < word.size() && word[i] == '.') level = (++i, number(1));
    for (int category = first; category <= last && category < 100; ++category) debug_levels[category] = level;
  }
}

}  // namespace hky::admin
