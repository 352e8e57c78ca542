// Local users: see user_lookup.h.
#include "agent/user_lookup.h"

#include <pwd.h>

#include <cerrno>
#include <mutex>
#include <vector>

#include "agent/user_shells.h"
#include "base/strings.h"

namespace hky::agent {
namespace {

ipc::User to_user(const passwd& p) {
  ipc::User u;
  u.found = true;
  u.name = p.pw_name;
  u.home = p.pw_dir ? p.pw_dir : "";
  judge_shell(u, p.pw_shell ? p.pw_shell : "");
  u.full_name = full_name_of(p.pw_gecos ? p.pw_gecos : "", u.name);
  u.uid = p.pw_uid;
  u.gid = p.pw_gid;
  return u;
}

// sendmail: a person's name in an address has '_' or '.' where the passwd file has blanks.
std::string spaced(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (c == '_' || c == '.') c = ' ';
  }
  return out;
}

ipc::User search_names(const std::string& name) {
  static std::mutex one_at_a_time;  // getpwent has one position for the process
  std::lock_guard hold(one_at_a_time);
  const std::string wanted = spaced(name);
  ipc::User found;
  setpwent();
  while (const passwd* p = getpwent()) {
    if (!iequals(full_name_of(p->pw_gecos ? p->pw_gecos : "", p->pw_name), wanted)) continue;
    found = to_user(*p);
    break;
  }
  endpwent();
  return found;
}

}  // namespace

std::string full_name_of(std::string_view gecos, std::string_view login) {
  if (!gecos.empty() && gecos.front() == '*') gecos.remove_prefix(1);  // sendmail: an old mark for "not by finger"
  std::string out;
  for (char c : gecos.substr(0, gecos.find_first_of(",;%"))) {
    if (c != '&') {
      out += c;
      continue;
    }
    size_t at = out.size();
    out += login;
    if (at < out.size()) out[at] = upper(out[at]);
  }
  return out;
}

ipc::User lookup_user(const ipc::LookupUser& request) {
  ipc::User out;
  // sendmail: a name of digits only is never a user, since some libraries take it for a uid.
  bool digits = !request.name.empty();
  for (char c : request.name) digits = digits && is_digit(c);
  if (request.name.empty() || digits || request.name.find('\0') != std::string::npos) return out;
  std::vector<char> buf(4096);
  passwd entry{};
  passwd* hit = nullptr;
  int err;
  while ((err = getpwnam_r(request.name.c_str(), &entry, buf.data(), buf.size(), &hit)) == ERANGE) buf.resize(buf.size() * 2);
  if (hit) return to_user(entry);
  // glibc answers ENOENT, ESRCH, EBADF, EPERM for "not there".
  if (err != 0 && err != ENOENT && err != ESRCH && err != EBADF && err != EPERM) {
    out.temp_fail = true;
    return out;
  }
  return request.match_gecos ? search_names(request.name) : out;
}

ipc::User account_of(unsigned uid) {
  std::vector<char> buf(4096);
  passwd entry{};
  passwd* hit = nullptr;
  while (getpwuid_r(uid, &entry, buf.data(), buf.size(), &hit) == ERANGE) buf.resize(buf.size() * 2);
  if (hit) return to_user(entry);
  ipc::User out;
  out.uid = uid;
  return out;
}

}  // namespace hky::agent
