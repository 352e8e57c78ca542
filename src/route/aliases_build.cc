// newaliases: alias text to database. sendmail: alias.c readaliases(), rebuildaliases().
#include <fmt/format.h>

#include <map>
#include <system_error>

#include "base/strings.h"
#include "base/sysexits.h"
#include "maps/makemap.h"
#include "route/aliases.h"
#include "route/file_trust.h"

namespace hky::route {

namespace {

// The state of one file's reading.
struct Build {
  AliasBuild out;
  std::string file;
  std::map<std::string, size_t> seen;

  void say(int line, std::string text) { out.messages.push_back(fmt::format("{}: line {}: {}", file, line, text)); }
  void fail(int line, std::string text) {
    say(line, std::move(text));
    exit_with(EX_SOFTWARE);  // sendmail: syserr() while nothing else was said
  }
  void exit_with(int code) {
    if (out.exit_code == 0) out.exit_code = code;
  }
  void store(int line, std::string name, const std::string& value) {
    ++out.count;
    out.bytes += static_cast<long>(name.size() + value.size());
    out.longest = std::max(out.longest, static_cast<long>(value.size()));
    auto [it, fresh] = seen.emplace(name, out.aliases.size());
    if (fresh) {
      out.aliases.push_back(Alias{std::move(name), value});
      return;
    }
    say(line, fmt::format("{}... Warning: duplicate alias name {}", name, name));
    out.aliases[it->second].value = value;
  }
};

std::string head(const AliasLine& entry) { return entry.text.substr(0, 40); }   // sendmail: "%.40s"

// What parsing an address said, as the complaints of `line`. `rest`: the text from this address on, which sendmail names where quotes or
// brackets do not balance.
void relay(Build& b, int line, const Address& a, const std::string& rest) {
  for (const std::string& said : a.messages)
    if (!said.starts_with("050")) b.say(line, user_line(said, said.find(" Unbalanced '") != std::string::npos ? rest : a.paddr));
  if (a.error_exit != 0 && !a.unparsable) b.exit_with(a.error_exit);
}

net::Task<> check_members(rewrite::Context& ctx, Build& b, int line, std::string value) {
  size_t at = 0;
  while (true) {
    while (at < value.size() && (is_space(value[at]) || value[at] == ',')) ++at;
    if (at >= value.size()) break;
    std::string_view rest = std::string_view(value).substr(at);
    size_t length = rewrite::prescan(rest, ',', ctx.config, rewrite::TokenTable::kExternal).consumed;
    if (length == 0 || length > rest.size()) length = rest.size();
    std::string one(rest.substr(0, length));
    at += length;
    Address a = co_await parse_address(ctx, one, Role::kEnvelopeRcpt);
    relay(b, line, a, std::string(rest));
    if (a.unparsable) b.say(line, fmt::format("{}... bad address", one));
  }
}

net::Task<> take(rewrite::Context& ctx, Build& b, AliasLine entry) {
  if (!entry.problem.empty()) {
    b.fail(entry.line, entry.problem);
    co_return;
  }
  // sendmail: parseaddr() up to the colon; brackets or quotes that do not close go on to the end of the line
  std::string name = entry.text.substr(0, rewrite::prescan(entry.text, ':', ctx.config, rewrite::TokenTable::kExternal).consumed);
  Address a = co_await parse_address(ctx, std::move(name), Role::kEnvelopeRcpt);
  relay(b, entry.line, a, entry.text);
  if (a.unparsable) {
    b.fail(entry.line, head(entry) + "... illegal alias name");
    co_return;
  }
  if (ctx.config.options.check_aliases) {
    std::string value = entry.value;
    co_await check_members(ctx, b, entry.line, std::move(value));
  }
  if (a.mailer == nullptr || !a.mailer->flag('A')) {
    b.fail(entry.line, fmt::format("{}... cannot alias non-local names", a.paddr));
    co_return;
  }
  if (trim(entry.value).empty()) {
    b.fail(entry.line, head(entry) + "... missing value for alias");
    co_return;
  }
  std::string key = iequals(a.user, "postmaster") ? "postmaster" : a.user;
  b.store(entry.line, std::move(key), entry.value);
}

Result<> write_database(const std::string& path, bool btree, const AliasBuild& build) {
  maps::DbWriteOptions options;
  options.btree = btree;
  options.replace = true;
  options.trailing_nul = true;
  Result<maps::DbWriter> writer = maps::DbWriter::create(path, options);
  if (!writer.ok()) return writer.error();
  for (const Alias& alias : build.aliases) {
    auto put = writer->put(alias.name, alias.value);
    if (!put.ok()) return put.error();
  }
  // sendmail: "@" tells that the file is complete (AliasWait)
  auto mark = writer->put("@", "@");
  if (!mark.ok()) return mark.error();
  return writer->commit();
}

}  // namespace

net::Task<AliasBuild> build_aliases(rewrite::Context& ctx, std::string text, std::string file) {
  Build b;
  b.file = std::move(file);
  std::vector<AliasLine> lines = parse_alias_text(text);
  for (AliasLine& line : lines) {
    AliasLine one = std::move(line);
    co_await take(ctx, b, std::move(one));
  }
  if (b.seen.find("postmaster") == b.seen.end())
    b.out.warnings.push_back(fmt::format("{}: no alias for postmaster (RFC 5321 4.5.1): its mail needs a mailbox of that name", b.file));
  b.out.messages.push_back(fmt::format("{}: {} aliases, longest {} bytes, {} bytes total", b.file, b.out.count, b.out.longest, b.out.bytes));
  co_return std::move(b.out);
}

namespace {

// What is said of a file that others may change, though it is excused. sendmail: safedirpath(), Verbose > 1
void warn_of_folders(const rewrite::Context& ctx, FileSystem& files, const std::string& root, const std::string& path, RebuildResult& out) {
  for (const WritableFolder& folder : folders_of(files, ctx.config.options, root, path))
    out.messages.push_back(fmt::format("WARNING: {} {}", folder.fault(), folder.path.substr(root.size())));
}

// The text is read; false: the database cannot be made where it is to stand.
bool may_write(const rewrite::Context& ctx, FileSystem& files, const std::string& root, const std::string& path, RebuildResult& out) {
  if (why_not_believed(files, ctx.config.options, SystemFile::kMap, root, path + ".db").empty()) {
    warn_of_folders(ctx, files, root, path + ".db", out);
    return true;
  }
  out.messages.push_back(fmt::format("WARNING: cannot open alias database {}", path));
  out.messages.push_back(fmt::format("Cannot create database for alias file {}", path));
  if (out.exit_code == 0) out.exit_code = EX_SOFTWARE;
  return false;
}

}  // namespace

net::Task<RebuildResult> rebuild_aliases(rewrite::Context& ctx, FileSystem& files, std::string root, std::string by) {
  RebuildResult out;
  for (const std::string& entry : ctx.config.options.alias_file) {
    AliasFileSpec spec = parse_alias_file(entry);
    const bool btree = spec.map_class == "btree";
    const bool has_text = btree || spec.map_class == "hash" || spec.map_class == "implicit";
    if (!has_text || spec.path.empty()) continue;
    warn_of_folders(ctx, files, root, spec.path, out);
    Result<std::string> text = read_believed(files, ctx.config.options, SystemFile::kAliasText, root, spec.path);
    if (!text.ok()) {
      const int sys = text.error().sys;
      out.messages.push_back(fmt::format("newaliases: cannot open {}: {}", spec.path,
                                         sys != 0 ? std::generic_category().message(sys) : text.error().text));
      continue;
    }
    if (!may_write(ctx, files, root, spec.path, out)) continue;
    std::string bytes = std::move(*text);
    AliasBuild build = co_await build_aliases(ctx, std::move(bytes), spec.path);
    Result<> written = write_database(root + spec.path + ".db", btree, build);
    std::string counted = build.messages.back();
    for (std::string& m : build.messages) out.messages.push_back(std::move(m));
    for (std::string& w : build.warnings) out.warnings.push_back(std::move(w));
    if (out.exit_code == 0) out.exit_code = build.exit_code;
    if (written.ok()) {
      out.rebuilt.push_back(fmt::format("alias database {} rebuilt by {}", spec.path, by));
      out.rebuilt.push_back(std::move(counted));
      continue;
    }
    out.messages.push_back(fmt::format("{}.db: cannot be written: {}", spec.path, written.error().text));
    if (out.exit_code == 0) out.exit_code = EX_CANTCREAT;
  }
  co_return out;
}

}  // namespace hky::route
