// The text of alias files, and look-ups. See aliases.h; the database is made in aliases_build.cc.
#include "route/aliases.h"

#include "base/strings.h"

namespace hky::route {

namespace {

constexpr size_t kMaxLine = 1 << 20;    // ours: one alias with its continuations

// Physical lines, with "\" at an end glueing the next one on.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  bool done() const { return at_ >= text_.size(); }
  int number() const { return number_; }
  char peek() const { return done() ? '\0' : text_[at_]; }
  std::string next() {
    std::string out = one();
    while (!out.empty() && out.back() == '\\' && !done()) {
      out.pop_back();
      out += one();
    }
    return out;
  }

 private:
  std::string one() {
    size_t end = text_.find('\n', at_);
    if (end == std::string_view::npos) end = text_.size();
    std::string out(text_.substr(at_, end - at_));
    at_ = end + 1;
    ++number_;
    return out;
  }
  std::string_view text_;
  size_t at_ = 0;
  int number_ = 0;
};

}  // namespace

std::vector<AliasLine> parse_alias_text(std::string_view text) {
  std::vector<AliasLine> out;
  Lines lines(text);
  while (!lines.done()) {
    std::string line = lines.next();
    if (line.empty() || line[0] == '#') {
      // sendmail: a comment's continuation lines belong to it
      while (!line.empty() && (lines.peek() == ' ' || lines.peek() == '\t')) lines.next();
      continue;
    }
    AliasLine entry;
    if (line[0] == ' ' || line[0] == '\t') {
      while (lines.peek() == ' ' || lines.peek() == '\t') lines.next();
      entry.problem = "Non-continuation line starts with space";
      entry.line = lines.number();
      out.push_back(std::move(entry));
      continue;
    }
    while ((lines.peek() == ' ' || lines.peek() == '\t') && line.size() < kMaxLine) line += lines.next();
    entry.line = lines.number();
    entry.text = line;
    size_t colon = line.find(':');
    if (colon == std::string::npos) {
      entry.problem = "missing colon";
    } else {
      entry.name = line.substr(0, colon);
      entry.value = std::string(trim_left(std::string_view(line).substr(colon + 1)));
    }
    out.push_back(std::move(entry));
  }
  return out;
}

AliasFileSpec parse_alias_file(std::string_view entry) {
  AliasFileSpec spec;
  entry = trim(entry);
  size_t colon = entry.find(':');
  if (colon != std::string_view::npos && (entry.empty() || entry[0] != '/')) {
    spec.map_class = lower(trim(entry.substr(0, colon)));
    entry = trim(entry.substr(colon + 1));
  }
  if (starts_with_i(entry, "-o")) {
    spec.optional = true;
    entry = trim(entry.substr(2));
  }
  spec.path = std::string(entry);
  return spec;
}

net::Task<AliasAnswer> look_up_list(rewrite::Context& ctx, std::string map, std::string name) {
  AliasAnswer out;
  if (ctx.maps.find(map) == nullptr) co_return out;
  maps::MapAnswer answer = co_await ctx.maps.lookup_verbatim(ctx.loop, std::move(map), std::move(name));
  if (answer.status == maps::Status::kOk) {
    out.found = true;
    out.value = std::move(answer.value);
  } else {
    out.temp_fail = answer.status == maps::Status::kTempFail || answer.status == maps::Status::kUnavailable;
  }
  co_return out;
}

net::Task<AliasAnswer> lookup_alias(rewrite::Context& ctx, std::string name) {
  if (iequals(name, "postmaster")) name = "postmaster";
  std::string map = "aliases";
  AliasAnswer out = co_await look_up_list(ctx, std::move(map), std::move(name));
  co_return out;
}

}  // namespace hky::route
