// The way through a sendmail.cf: lines, continuations, comments, and the short line types. See reader.h.
#include "cf/reader.h"

#include <fmt/core.h>

#include <cerrno>
#include <charconv>
#include <system_error>

#include "base/strings.h"
#include "base/sysexits.h"
#include "cf/reader_impl.h"

namespace hky::cf {

std::string strip_comment(std::string_view in) {
  std::string out;
  out.reserve(in.size());
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i] != '#' || i == 0 || in[i - 1] == '$') {
      out.push_back(in[i]);
      continue;
    }
    if (in[i - 1] == '\\') {
      out.back() = '#';
      continue;
    }
    while (!out.empty() && is_space(out.back()) && out.back() != '\n') out.pop_back();
    size_t end = in.find('\n', i);
    if (end == std::string_view::npos) break;
    i = end - 1;  // a continuation line goes on
  }
  return out;
}

Text translate_line(std::string_view line, NameTable& names) {
  std::string kept = strip_comment(line);
  while (!kept.empty() && is_space(kept.back())) kept.pop_back();
  return translate_dollars(kept, names);
}

namespace {

char unescape(char c) {
  switch (c) {
    case 'n': return '\n';
    case 'r': return '\r';
    case 'f': return '\f';
    case 'b': return '\b';
    default: return c;
  }
}

template <class String>
String munch_units(const String& in, char delimiter, size_t* length) {
  String out;
  bool backslash = false, quoted = false;
  size_t i = 0;
  for (; i < in.size(); ++i) {
    auto c = in[i];
    if (backslash) {
      out.push_back(static_cast<unsigned>(c) < 0x80 ? static_cast<decltype(c)>(unescape(static_cast<char>(c))) : c);
      backslash = false;
    } else if (c == '\\') {
      backslash = true;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && delimiter != '\0' && c == static_cast<decltype(c)>(delimiter)) {
      break;
    } else {
      out.push_back(c);
    }
  }
  if (length != nullptr) *length = i;
  return out;
}

}  // namespace

std::string munch(std::string_view in, char delimiter, size_t* length) {
  return munch_units(std::string(in), delimiter, length);
}

std::string reason_of(const Error& error) {
  return error.sys != 0 ? std::generic_category().message(error.sys) : error.text;
}

Text munch(const Text& in, char delimiter) { return munch_units(in, delimiter, nullptr); }

void Reader::report(bool fatal, std::string text_of_report, bool with_place) {
  Place place;
  if (in_file_ && with_place) place = Place{req_.path, line_};
  else if (!in_file_) place.line = line_;
  if (fatal) ++errors_;
  c_.diagnostics.push_back(Diagnostic{fatal, std::move(place), std::move(text_of_report), 0, !fatal && !with_place});
}

void Reader::usage(bool fatal, std::string text_of_report) {
  report(fatal, std::move(text_of_report));
  c_.diagnostics.back().exit = EX_USAGE;
}

ParsedName Reader::name_of(std::string_view in) {
  ParsedName name = parse_name(in, c_.names);
  if (!name.error.empty()) error(name.error);
  if (c_.names.full()) error(fmt::format("Macro/class {}: too many long names", in.substr(0, name.length)));
  return name;
}

Text Reader::translate(std::string_view in) {
  std::vector<std::string> complaints;
  Text out = translate_dollars(in, c_.names, &complaints);
  for (std::string& complaint : complaints) error(std::move(complaint));
  return out;
}

std::string Reader::expanded(std::string_view in) { return expand_to_string(translate(in), scope_); }

void Reader::text(std::string_view bytes) {
  in_file_ = true;
  std::string folded;
  int first = 0, number = 0;
  bool open = false;
  size_t at = 0;
  while (at < bytes.size()) {
    size_t end = bytes.find('\n', at);
    if (end == std::string_view::npos) end = bytes.size();
    std::string_view one = bytes.substr(at, end - at);
    at = end + 1;
    ++number;
    if (open && !one.empty() && (one[0] == ' ' || one[0] == '\t')) {
      folded.push_back('\n');
      folded += one;
      continue;
    }
    if (open) line(std::move(folded), first);
    folded = std::string(one);
    first = number;
    open = true;
  }
  if (open) line(std::move(folded), first);
  in_file_ = false;
}

void Reader::line(std::string text_of_line, int first_line) {
  line_ = first_line;
  if (text_of_line.empty() || text_of_line[0] == '#') return;
  if (size_t nul = text_of_line.find('\0'); nul != std::string::npos) text_of_line.resize(nul);
  std::string cleaned = c_.version_level >= 3 ? strip_comment(text_of_line) : std::move(text_of_line);
  if (cleaned.empty()) return;
  std::string_view rest = std::string_view(cleaned).substr(1);
  switch (cleaned[0]) {
    case 'C': class_line(rest); break;
    case 'D': macro_line(rest); break;
    case 'E': environment_line(rest); break;
    case 'F': class_file_line(rest); break;
    case 'H': header_line(rest); break;
    case 'K': map_line(rest); break;
    case 'M': mailer_line(rest); break;
    case 'O': option_line(rest, false); break;
    case 'P':
      if (cleaned.find('=') == std::string::npos) error(fmt::format("unknown configuration line \"{}\"", cleaned));
      else priority_line(rest);
      break;
    case 'Q': queue_line(rest); break;
    case 'R': rule_line(cleaned); break;
    case 'S': ruleset_line(rest); break;
    case 'T':
      for (std::string_view user : split_words(rest)) {
        c_.trusted_users.emplace(user);
        add_class_word(c_, 't', user);
      }
      break;
    case 'V': version_line(rest); break;
    case 'X': milter_line(rest); break;
    default: error(fmt::format("unknown configuration line \"{}\"", cleaned)); break;
  }
}

bool Reader::macro_line(std::string_view after_d) {
  ParsedName name = name_of(after_d);
  if (name.id == 0) return false;
  // a sticky -M wins over the file
  if (in_file_ && sticky_.count("macro " + c_.names.display(name.id)) > 0) return true;
  c_.macros[name.id] = munch(translate(after_d.substr(name.length)), '\0');
  return true;
}

void Reader::version_line(std::string_view rest) {
  int level = 0;
  auto [end, bad] = std::from_chars(rest.data(), rest.data() + rest.size(), level);
  if (bad != std::errc()) {
    error(fmt::format("invalid argument to V line: \"{:.20}\"", rest));
    return;
  }
  c_.version_level = level;
  // sendmail: since level 6 colons in addresses are not plain, whatever -O said
  if (level >= 6) c_.options.colon_ok_in_addr = false;
  std::string_view tail(end, static_cast<size_t>(rest.data() + rest.size() - end));
  tail = trim(tail);
  if (!tail.empty() && tail[0] == '/') {
    c_.vendor = std::string(trim(tail.substr(1)));
    if (!iequals(c_.vendor, "Berkeley") && !iequals(c_.vendor, "Sendmail"))
      error(fmt::format("invalid V line vendor code: \"{}\"", c_.vendor));
  }
  if (level > kConfigLevel)
    warning(fmt::format("Warning: .cf version level ({}) exceeds sendmail version {} functionality ({})", level,
                        HKY_VERSION, kConfigLevel));
}

void Reader::environment_line(std::string_view rest) {
  size_t eq = rest.find('=');
  if (eq == std::string_view::npos) c_.environment.erase(std::string(rest));  // "EFOO": it is taken from the environment
  c_.environment[std::string(rest.substr(0, eq))] = eq == std::string_view::npos ? "" : std::string(rest.substr(eq + 1));
}

void Reader::priority_line(std::string_view rest) {
  size_t eq = rest.find('=');
  if (c_.priorities.size() >= static_cast<size_t>(kMaxPriorities)) {
    error(fmt::format("too many P lines, {} max", kMaxPriorities));
    return;
  }
  Priority p;
  p.name = std::string(trim(rest.substr(0, eq)));
  std::string_view number = trim(rest.substr(eq + 1));
  std::from_chars(number.data(), number.data() + number.size(), p.value);
  c_.priorities.push_back(std::move(p));
}

std::vector<Diagnostic> check_overrides(const ReadRequest& request) {
  Config config;
  Reader reader(request, config);
  reader.defaults();
  reader.overrides();
  return std::move(config.diagnostics);
}

bool is_of_override(const Diagnostic& d) { return d.place.file.empty() && d.place.line > 0; }

std::string to_line(const Diagnostic& d) {
  if (d.place.file.empty()) return d.text;
  return fmt::format("{}: line {}: {}", d.place.file, d.place.line, d.text);
}

ReadOutcome read_config_text(std::string_view text, const ReadRequest& request) {
  ReadOutcome out;
  out.config = std::make_shared<Config>();
  out.config->file = request.path;
  Reader reader(request, *out.config);
  reader.defaults();
  reader.overrides();
  reader.text(text);
  reader.finish();
  out.errors = reader.errors();
  out.drop_privileges = reader.drop_privileges();
  return out;
}

ReadOutcome read_config(const ReadRequest& request) {
  Result<std::string> text = errno_error(ENOENT, "open");
  if (request.doors.read_file) text = request.doors.read_file(request.path);
  if (text.ok()) return read_config_text(*text, request);
  ReadOutcome out = read_config_text("", request);
  out.config->diagnostics.clear();
  out.errors = 1;
  // sendmail: "FILE: line 0: cannot open: reason"
  out.config->diagnostics.push_back(
      Diagnostic{true, Place{request.path, 0}, fmt::format("cannot open: {}", reason_of(text.error()))});
  return out;
}

bool add_macro_line(Config& config, std::string_view after_d) {
  ReadRequest request;
  Reader reader(request, config);
  std::string cleaned = strip_comment(after_d);
  return reader.macro_line(cleaned);
}

bool add_class_line(Config& config, std::string_view after_c) {
  ReadRequest request;
  Reader reader(request, config);
  std::string cleaned = strip_comment(after_c);
  return reader.class_line(cleaned);
}

}  // namespace hky::cf
