// :include: files and .forward files: fetched through the agent, which reads them as their owner and checks that they are
// safe; their lines are lists of addresses. sendmail: recipient.c include(), alias.c forward().
#include <fmt/format.h>

#include "base/strings.h"
#include "route/file_trust.h"
#include "route/recipients_impl.h"

namespace hky::route {

namespace {

// sendmail: " #@# " introduces a comment anywhere; lines that begin with # are comments.
std::string_view without_comment(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (!line.empty() && line[0] == '#') return {};
  for (size_t p = line.find("#@#", 1); p != std::string_view::npos; p = line.find("#@#", p + 1)) {
    const bool ends = p + 3 == line.size() || is_space(line[p + 3]);
    if (is_space(line[p - 1]) && ends) return trim_right(line.substr(0, p));
  }
  return line;
}

}  // namespace

net::Task<int> Expansion::read_lines(int i, std::string file, std::string text, bool forwarding, int level) {
  const std::string outer_file = file_;
  const int outer_line = line_;
  file_ = file;
  line_ = 0;
  at(i).self_reference = false;
  int members = 0;
  size_t begin = 0;
  while (begin < text.size()) {
    size_t end = text.find('\n', begin);
    if (end == std::string::npos) end = text.size();
    std::string one(without_comment(std::string_view(text).substr(begin, end - begin)));
    begin = end + 1;
    ++line_;
    if (one.empty()) continue;
    message("", fmt::format("{} to {}", forwarding ? "forwarding" : "sending", one));
    const int here = line_;
    RecipientList::Dsn dsn;
    int n = co_await send_list(std::move(one), i, level + 1, std::move(dsn));
    members += n;
    line_ = here;
  }
  file_ = outer_file;
  line_ = outer_line;
  co_return members;
}

net::Task<> Expansion::include_list(int i, int level) {
  at(i).state = RcptState::kIncluded;
  std::string file = at(i).address.user;
  message(at(i).address.paddr, "including file " + file);
  ipc::ReadInclude request;
  const int owner = user_above(at(i).parent);
  if (owner >= 0) {
    request.as.user = at(owner).controlling_user;
    request.as.uid = at(owner).uid;
    request.as.gid = at(owner).gid;
    request.as.home = at(owner).home;
  } else {
    request.as.user = ctx_.config.options.default_user.name;
    request.as.uid = ctx_.config.options.default_user.uid;
    request.as.gid = ctx_.config.options.default_user.gid;
  }
  request.path = file;
  request.trust = include_trust(ctx_.config.options);
  ipc::FileText got = co_await l_.agent_.read_include(ctx_.loop, std::move(request));
  if (!got.found) {
    const std::string why = fmt::format("Cannot open {}: {}", shorten(file, kMaxShort), got.problem);
    if (got.passes) {
      at(i).state = RcptState::kQueueUp;
      at(i).status = "4.2.4";
      complain(at(i).address.paddr, "451 4.2.4 " + why);
      at(i).error = l_.said_.back().coded;
    } else {
      refuse(i, "5.2.4", why);
    }
    co_return;
  }
  if (ctx_.reasons != nullptr) {
    AliasExpanded reason{at(i).address.paddr, ":include:", file};
    ctx_.reasons->add(std::move(reason));
  }
  controlled_by_owner(i, got);
  std::string text = std::move(got.text);
  co_await read_lines(i, std::move(file), std::move(text), false, level);
}

// Option ForwardPath for this user.
std::vector<std::string> Expansion::forward_paths(int i) {
  const cf::Text& path = ctx_.config.options.forward_path;
  std::vector<std::string> out;
  if (path.empty()) return out;
  ctx_.scope.set('z', at(i).home);
  ctx_.scope.set('u', at(i).address.user);
  ctx_.scope.set('h', at(i).address.host);
  // sendmail splits at ':' before it expands, so a home with a colon stays whole
  size_t begin = 0;
  while (begin <= path.size()) {
    size_t end = path.find(u':', begin);
    if (end == cf::Text::npos) end = path.size();
    std::string one = cf::expand_to_string(path.substr(begin, end - begin), ctx_.scope);
    if (!one.empty()) out.push_back(std::move(one));
    begin = end + 1;
  }
  return out;
}

net::Task<> Expansion::forward(int i, int level) {
  ipc::ReadForward request;
  for (std::string& path : forward_paths(i)) {
    // sendmail: safefile(): one that does not begin at the root ("$z" of a command line is no macro)
    if (path.starts_with('/')) request.paths.push_back(std::move(path));
    else message(at(i).address.paddr, fmt::format("forward: {}: Permission denied", path));
  }
  if (request.paths.empty()) co_return;
  request.as.user = at(i).controlling_user;
  request.as.uid = at(i).uid;
  request.as.gid = at(i).gid;
  request.as.home = at(i).home;
  request.trust = forward_trust(ctx_.config.options);
  ipc::FileText got = co_await l_.agent_.read_forward(ctx_.loop, std::move(request));
  for (const ipc::NotBelieved& other : got.others) message(at(i).address.paddr, fmt::format("forward: {}: {}", other.path, other.why));
  if (got.passes) {
    message(at(i).address.paddr, fmt::format("{}: {}: message queued", got.path, got.problem));
    at(i).state = RcptState::kQueueUp;
    co_return;
  }
  if (!got.found) co_return;  // the mailbox gets it
  if (got.unsafe) at(i).unsafe = true;
  std::string file = got.path, text = std::move(got.text);
  int members = co_await read_lines(i, std::move(file), std::move(text), true, level);
  if (members == 0 || at(i).self_reference) co_return;
  if (ctx_.reasons != nullptr) {
    AliasExpanded reason{at(i).address.paddr, ".forward", got.path};
    ctx_.reasons->add(std::move(reason));
  }
  if (at(i).state != RcptState::kBad) at(i).state = RcptState::kExpanded;   // what it names was too deep
}

}  // namespace hky::route
