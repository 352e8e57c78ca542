// Recipients: from the addresses one envelope was given to the deliveries it needs: aliases, :include: files, .forward,
// ruleset 5, duplicates, loops, owners. One object an envelope; what it says while working is what sendmail prints.
// Who calls it: receive (RCPT, the sendmail command), queue's runs before delivery, cmd (-bv, VRFY, EXPN, explain).
// sendmail: recipient.c sendtolist() recipient() include() self_reference() sorthost(); alias.c alias() forward() maplocaluser().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/agent.h"
#include "route/address.h"

namespace hky::route {

enum class RcptState {
  kOk,          // to be delivered
  kQueueUp,     // temporary trouble (alias map, ruleset, user look-up, :include:): try the same address again later
  kBad,         // refused: error_text says why
  kVerified,    // verify_only: an alias of that name exists
  kExpanded,    // replaced by what it stands for
  kIncluded,    // an :include: that was read
  kDuplicate,   // somebody like it is on the list already
};

struct Recipient {
  Address address;
  int parent = -1;                 // index of the address it came out of (sendmail: q_alias), or -1
  RcptState state = RcptState::kOk;
  bool primary = false;            // given by the sender, or all that one given by the sender came to
  bool complete = false;           // fully worked on (sendmail: QRCPTOK)
  bool this_pass = false;          // met since the last address of the sender (sendmail: QTHISPASS)
  bool self_reference = false;     // names itself: delivered although it has an alias
  bool several = false;            // named by the sender, it has become more than one (sendmail: QEXPANDED)
  std::string error;               // kBad, kQueueUp: with codes ("550 5.1.1 joe... User unknown")
  std::string status;              // "5.1.1"
  // As whom programs and files of this address run: the owner of the .forward, or the default user (uid 0: that one).
  std::string controlling_user;
  unsigned uid = 0, gid = 0;
  bool answered_for = false;       // ... by a user, or by who owns the :include: file (sendmail: QGOODUID); an alias is by nobody
  std::string home;
  std::string owner;               // owner-LIST exists: the envelope sender of copies for this list's members
  // Neither programs nor files for its addresses: bogus_shell: of the user, or the owner of the :include: file, the shell is none of
  // /etc/shells (shell_user; "": no account has shell_uid); unsafe: others may write the .forward or :include: file.
  bool bogus_shell = false, unsafe = false;
  std::string shell_user;
  unsigned shell_uid = 0;
  std::string orcpt;               // RFC 3461 ORCPT, inherited
  uint8_t notify = 0;              // RFC 3461 NOTIFY, inherited; 0: not given
};

// Whom a report names as the one the sender wrote to: the address itself where it has a domain, else what the rules made of it. sendmail: q_finalrcpt.
std::string final_recipient(std::string_view address, std::string_view user);

// kBad: what it leaves with (sysexits), never one with which a delivery is tried again.
int refusal_exit(const Recipient& recipient);

struct ExpandOptions {
  bool verify_only = false;        // sendmail: EF_VRFYONLY: an alias is found, not followed (RCPT in background mode)
  bool from_untrusted_list = false;// programs, files and :include: may not be named directly anyway; kept for UseMSP
  bool no_forward = false;
  bool no_alias = false;           // sendmail: option n (-n)
  bool old_style = false;          // blanks separate addresses too (option OldStyleHeaders), until a comma, < or ( is met
};

// RFC 3461 parameters of RCPT.
struct DsnRequest {
  std::string orcpt;
  uint8_t notify = 0;
};

class RecipientList {
 public:
  RecipientList(rewrite::Context& ctx, ipc::Agent& agent, ExpandOptions options = {});

  // sendmail: sendtolist() at level 0. What -bv's arguments and To: fields hold. Returns how many addresses it saw.
  // Dsn parameters go to every address of the list.
  using Dsn = DsnRequest;
  net::Task<int> add(std::string list, DsnRequest dsn = DsnRequest());
  // One address, whatever is in it. sendmail: parseaddr(), recipient(). What RCPT names.
  net::Task<> add_one(std::string address, DsnRequest dsn = DsnRequest());
  // An address whose owner is known already (a queue entry of an alias: controlling user, home).
  net::Task<int> add_controlled(std::string list, std::string controlling_user, unsigned uid, unsigned gid, std::string home);

  // Blanks part addresses still (ExpandOptions::old_style).
  bool old_style() const { return options_.old_style; }
  void end_old_style() { options_.old_style = false; }

  // MeToo=False: who wrote gets no copy through an alias, unless he named himself. sendmail: sendall(): QS_SENDER.
  void leave_out(const Address& sender);

  // Who was named, asked for reports of success, and has become several or is a list with an owner: success is reported of it once, and not of
  // its members, who lose that wish here. RFC 3461 5.2.7.
  struct Multiple { int number = -1; bool owned = false; /* its members' trouble is its owner's */ };
  std::vector<Multiple> take_success();

  // Every address ever met, by number.
  const std::vector<Recipient>& all() const { return all_; }
  // The send queue: numbers in the order of delivery (by host, expensive mailers last with HoldExpensive).
  const std::vector<int>& order() const { return order_; }
  const std::vector<Said>& said() const { return said_; }
  // What a report's transcript begins with: the failures with their codes, what maps said, the lists that have an owner.
  const std::vector<std::string>& transcript() const { return transcript_; }
  bool any_refused() const;        // somebody is kBad
  // sysexits as -bv and sendmail's -t end with.
  int exit_code() const;
  // The same without EX_USAGE for refusals that have no code of their own.
  int hard_exit() const;
  // As whom programs and files of recipient `i` run: the nearest address above it that a user answers for (sendmail:
  // getctladdr()); user "" and uid 0: nobody does.
  ipc::Who controller_of(int i) const;
  // The list whose owner-LIST makes the envelope's sender for recipient `i`: its owner, or "" (sendmail: q_owner); and its own name.
  std::string owner_of(int i) const;
  std::string list_of(int i) const;
  // The address that recipient `i` came out of, as that was written, and whom the sender wrote to then: "" where he named it himself.
  std::string alias_of(int i) const;
  std::string final_of(int i) const;
  // One envelope for each owner, in the order sendmail sends them (deliver.c sendall(), "Handle alias owners"): first the
  // one that keeps the sender (owner empty) or, where all have owners, that of the first. Only numbers that are not
  // replaced or duplicates; refused ones too. An owner that is the sender itself is none.
  struct Group { std::string owner; std::vector<int> members; };
  Group together() const;   // all of them, whoever owns their list
  std::vector<Group> groups(std::string_view sender = {}) const;

 private:
  const Recipient* owned_above(int i) const;
  int named_above(int i) const;   // whom the sender wrote to: itself, where that was it
  bool shell_allows(const ipc::User& user) const;          // programs and files. sendmail: usershellok()
  friend class Expansion;
  rewrite::Context& ctx_;
  ipc::Agent& agent_;
  ExpandOptions options_;
  std::vector<Recipient> all_;
  std::vector<int> order_;
  std::vector<Said> said_;
  std::vector<std::string> transcript_;
  int hard_exit_ = 0;              // of $#error and unknown users: the first one stays, unless it may pass
  bool errors_ = false;            // any other refusal: EX_USAGE where nothing else was said
};

// sendmail -bv: what it prints for an expansion, line by line.
std::vector<std::string> verify_lines(const RecipientList& list, bool verbose);
struct VerifyResult { std::vector<std::string> lines; int exit_code = 0; };
// All of -bv: every argument is a list of addresses; `sender` is whom -f names, or who asks.
net::Task<VerifyResult> verify(rewrite::Context& ctx, ipc::Agent& agent, const Address& sender, std::vector<std::string> arguments, bool verbose);

}  // namespace hky::route
