// Expansion: the work of one RecipientList::add, over its list. Nothing outside recipients*.cc and forward.cc includes this.
#pragma once

#include <string>
#include <string_view>

#include "base/sysexits.h"
#include "route/recipients.h"

namespace hky::route {

class Expansion {
 public:
  explicit Expansion(RecipientList& list) : l_(list), ctx_(list.ctx_) {}

  // sendmail: sendtolist(). parent: whose members these are, or -1.
  net::Task<int> send_list(std::string list, int parent, int level, RecipientList::Dsn dsn);
  net::Task<> send_one(std::string address, RecipientList::Dsn dsn);
  // A pseudo parent that only carries a controlling user; it is never delivered to.
  int controller(std::string user, unsigned uid, unsigned gid, std::string home);

 private:
  // rest: the list from this address on; sendmail names it where quotes or brackets do not balance
  net::Task<int> take_address(std::string text, std::string rest, int parent, RecipientList::Dsn dsn);
  net::Task<int> recipient(int i, int level);           // the number of the one that stays
  net::Task<> resolve(int i, int level);                // aliases, ruleset 5, users, .forward
  net::Task<> alias(int i, int level);
  net::Task<> user_database(int i, int level);
  net::Task<> stand_for(int i, int level, std::string value);   // these addresses in its place
  void belongs_to(int i, std::string owner);                    // a list, of which reports tell
  void wait_for(int i, const char* database);                   // which cannot be asked now
  net::Task<> rule5(int i, int level);
  net::Task<> local_user(int i, int level);
  net::Task<> include_list(int i, int level);
  void controlled_by_owner(int i, const ipc::FileText& list);   // an :include: file
  net::Task<> forward(int i, int level);
  std::vector<std::string> forward_paths(int i);
  net::Task<int> read_lines(int i, std::string file, std::string text, bool forwarding, int level);
  net::Task<int> self_reference(int i);                 // -1: no loop, or none that can be broken
  void inherit_primary(int named);                      // after one address of the sender
  std::string host_name() const;                        // $j
  bool restricted(int i);                               // programs, files, :include: that may not be named here
  int enqueue(int i);                                   // number of an earlier same one, or i
  void inherit(int i, int parent);
  int controlled_by(int i) const;                       // nearest with a user of its own, or -1
  int user_above(int i) const;                          // ... where somebody answers for that

  bool same(const Recipient& a, const Recipient& b) const;
  bool dead(RcptState state) const { return state >= RcptState::kExpanded; }
  bool before(int a, int b) const;                      // order of delivery
  bool same_place(int a, int b) const { return !before(a, b) && !before(b, a); }
  Recipient& at(int i) { return l_.all_[static_cast<size_t>(i)]; }
  const Recipient& at(int i) const { return l_.all_[static_cast<size_t>(i)]; }

  void message(std::string_view to, std::string text);  // verbose
  void refuse(int i, std::string status, std::string text, bool with_name = true);  // "550 5.7.1 text"
  void complain(std::string_view to, std::string coded);
  void hard_exit(int code) {
    if (l_.hard_exit_ == EX_OK || l_.hard_exit_ == EX_TEMPFAIL) l_.hard_exit_ = code;   // sendmail: setstat()
  }
  std::string place() const;   // sendmail: FileName, LineNumber: "/etc/list: line 2: "; "" outside of files

  RecipientList& l_;
  rewrite::Context& ctx_;
  std::string file_;          // the :include: or .forward being read, and its line
  int line_ = 0;
  int fuzzy_ = 0;             // users found by their full name so far
};

}  // namespace hky::route
