// As whom the programs and files of an address run, and whether they may: the user who answers for it, his shell, the owner of a list.
// sendmail: recipient.c recipient(), include(); deliver.c getctladdr().
#include <algorithm>

#include <fmt/format.h>

#include "route/recipients_impl.h"

namespace hky::route {

ipc::Who RecipientList::controller_of(int i) const {
  for (int c = i; c >= 0; c = all_[static_cast<size_t>(c)].parent) {
    const Recipient& r = all_[static_cast<size_t>(c)];
    if (!r.controlling_user.empty() || r.uid != 0) return ipc::Who{r.controlling_user, r.uid, r.gid, r.home};
  }
  return {};
}

bool RecipientList::shell_allows(const ipc::User& user) const { return user.shell_listed || ctx_.config.in_class('t', user.name); }

int Expansion::controller(std::string user, unsigned uid, unsigned gid, std::string home) {
  Recipient r;
  r.state = RcptState::kExpanded;
  r.complete = true;
  r.controlling_user = std::move(user);
  r.answered_for = true;
  r.uid = uid;
  r.gid = gid;
  r.home = std::move(home);
  l_.all_.push_back(std::move(r));
  return static_cast<int>(l_.all_.size()) - 1;
}

int Expansion::controlled_by(int i) const {
  while (i >= 0 && at(i).controlling_user.empty() && at(i).uid == 0) i = at(i).parent;
  return i;
}

int Expansion::user_above(int i) const {
  const int above = controlled_by(i);
  return above >= 0 && at(above).answered_for ? above : -1;
}

// As whom the programs and files of a list run: whoever owned what names it, else the list's own owner, who is believed to be that where
// nobody may give files away. sendmail: recipient.c include(), chownsafe().
void Expansion::controlled_by_owner(int i, const ipc::FileText& list) {
  Recipient& r = at(i);
  const int above = user_above(r.parent);
  const bool sure = list.safe_folders || ctx_.config.options.blames(cf::Blame::AssumeSafeChown);
  if (list.unsafe) r.unsafe = true;
  if (above >= 0 && at(above).uid == list.owner.uid) {
    r.bogus_shell = at(above).bogus_shell;
    r.shell_user = at(above).shell_user;
    return;
  }
  if (above < 0 && sure) {
    const cf::UserId& standard = ctx_.config.options.default_user;   // in root's place
    const bool root = list.owner.uid == 0;
    r.controlling_user = root ? standard.name : list.owner.name;
    r.uid = root ? standard.uid : list.owner.uid;
    r.gid = root ? standard.gid : list.owner.gid;
    r.home = root ? std::string() : list.owner.home;
    r.answered_for = true;
  }
  r.shell_user = list.owner.name;
  r.shell_uid = list.owner.uid;
  if (!list.owner.found) {
    r.bogus_shell = true;
  } else if (!sure) {
    r.unsafe = r.unsafe || !(list.owner.any_shell || ctx_.config.in_class('t', list.owner.name));
  } else {
    r.bogus_shell = !l_.shell_allows(list.owner);
  }
}

std::string Expansion::host_name() const { return cf::macro_value(ctx_.scope, u'j'); }

bool Expansion::restricted(int i) {
  const cf::Mailer* m = at(i).address.mailer;
  if (m == nullptr || at(i).state != RcptState::kOk) return false;
  const char* what = m->name == "prog" ? "programs" : m->name == "*file*" ? "files" : m->name == "*include*" ? ":include:s" : nullptr;
  if (what == nullptr) return false;
  const int parent = at(i).parent;
  if (parent < 0 || l_.options_.from_untrusted_list) {
    refuse(i, "5.7.1", fmt::format("Cannot mail directly to {}", what));
    return true;
  }
  if (m->name == "*include*") return false;
  if (at(parent).bogus_shell) {
    const std::string& user = at(parent).shell_user;
    if (user.empty()) refuse(i, "5.7.1", fmt::format("UID {} is an unknown user: cannot mail to {}", at(parent).shell_uid, what));
    else refuse(i, "5.7.1", fmt::format("User {}@{} doesn't have a valid shell for mailing to {}", user, host_name(), what));
    return true;
  }
  if (at(parent).unsafe) {
    refuse(i, "5.7.1", fmt::format("Address {} is unsafe for mailing to {}", at(parent).address.paddr, what));
    return true;
  }
  return false;
}

}  // namespace hky::route
