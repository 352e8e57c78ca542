// Local deliveries: mailboxes, files and programs, through the agent as the right user.
//   P=[mbox] A=mbox PATH      P=[maildir] A=maildir PATH      (PATH with $u $h $z; default /var/mail/$u and $z/Maildir)
//   P=[FILE]                  a file named in an alias         P=/program A=words: run as written; with F=z it speaks LMTP, without $u in A= SMTP
// sendmail: deliver.c deliver(), mailfile(); mail.local's part for the mailbox.
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "deliver/work.h"

namespace hky::deliver {

class LocalDelivery {
 public:
  explicit LocalDelivery(Services& services) : s_(services) {}
  // All targets have the same mailer and host. Their fates are set. `head` is the rewritten header.
  net::Task<> deliver(Work& w, std::vector<Target> targets, std::string head, std::string from_line);

 private:
  struct Waiting {
    explicit Waiting(net::Loop& loop) : done(loop) {}
    ipc::DeliverMbox request;
    net::Completion<ipc::Outcome> done;
  };
  struct Mailbox { std::vector<std::shared_ptr<Waiting>> waiting; bool busy = false; };

  net::Task<Fate> to_mailbox(Work& w, const Target& t, const std::string& head, const std::string& from_line);
  net::Task<Fate> to_file(Work& w, const Target& t, const std::string& head, const std::string& from_line);
  // The sender, where he is a local user.
  net::Task<> find_sender_owner(Work& w);
  net::Task<> run(Work& w, const std::vector<Target>& targets, const std::string& head, const std::string& from_line);
  net::Task<> converse(Work& w, std::vector<Target> targets, const std::string& head);
  TrafficLog* log_of(const Work& w) const;   // -X; null: none
  void log_traffic(const Work& w, const std::string& message);
  net::Task<ipc::Outcome> run_logged(Work& w, ipc::RunProgram request);
  net::Task<ipc::Outcome> append(ipc::DeliverMbox request);
  net::Task<> serve_mailbox(std::string path, std::shared_ptr<Mailbox> box);

  Services& s_;
  std::map<std::string, std::shared_ptr<Mailbox>> mailboxes_;
};

// The text as a mailer without SMTP gets it: From_ line, header, body; line ends, ">From ", line limit as the M line says.
std::string local_text(const Work& w, const cf::Mailer& m, const std::string& from_line, const std::string& head, bool escape_from);
bool is_smtp_mailer(const cf::Mailer& m);   // [IPC], [TCP], [lmtp]

}  // namespace hky::deliver
