// Local deliveries: mailboxes, files and programs, through the agent as the right user.
//   P=[mbox] A=mbox PATH      P=[maildir] A=maildir PATH      (PATH with $u $h $z; default /var/mail/$u and $z/Maildir)
//   P=[FILE]                  a file named in an alias         P=/program A=words: run as written (one that is spoken to: smtp_pool.h)
// sendmail: deliver.c deliver(), mailfile(); mail.local's part for the mailbox.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "deliver/work.h"
#include "proto/mail/mime.h"

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
  net::Task<> run(Work& w, const std::vector<Target>& targets, const std::string& head, const std::string& from_line);
  TrafficLog* log_of(const Work& w) const;   // -X; null: none
  void log_traffic(const Work& w, const std::string& message);
  net::Task<ipc::Outcome> run_logged(Work& w, ipc::RunProgram request);
  net::Task<ipc::Outcome> append(ipc::DeliverMbox request);
  net::Task<> serve_mailbox(std::string path, std::shared_ptr<Mailbox> box);

  Services& s_;
  std::map<std::string, std::shared_ptr<Mailbox>> mailboxes_;
};

// Mailer flag 9: text that was encoded for seven bits, without that; nothing where it is none.
std::optional<mail::EightBit> decoded(const Work& w, const cf::Mailer& m, const std::string& head);
// The text as a mailer without SMTP gets it: From_ line, header, body; line ends, ">From ", line limit as the M line says.
std::string local_text(const Work& w, const cf::Mailer& m, const std::string& from_line, const std::string& head, bool escape_from);

}  // namespace hky::deliver
