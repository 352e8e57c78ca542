// The program of a mailer (P=/path): its words, as whom and where it runs, and how it is told of a message. sendmail: deliver.c deliver().
#pragma once

#include <string>
#include <vector>

#include "deliver/work.h"

namespace hky::deliver {

bool is_smtp_mailer(const cf::Mailer& m);      // [IPC], [TCP], [lmtp]: it goes to a host
// P=/program that is spoken to, in LMTP (F=z), or where no $u is among its words in SMTP.
bool speaks_on_pipes(const cf::Mailer& m);
inline bool speaks(const cf::Mailer& m) { return is_smtp_mailer(m) || speaks_on_pipes(m); }

// Below --root; "" stays.
std::string rooted(const Work& w, std::string path);
// Word i of A= for one recipient: $u $h $z.
std::string argument(Work& w, const Target& t, size_t i, std::string fallback);
// Finds the sender as a local user, where program `m` runs as him.
net::Task<> find_sender_owner(Services& s, Work& w, const cf::Mailer& m);
// As whom it runs, or writes a file; after find_sender_owner().
ipc::Who run_as(const Work& w, const Target& t);
// For these recipients of one mailer and host; after find_sender_owner().
ipc::RunProgram program_for(Work& w, const std::vector<Target>& targets);

}  // namespace hky::deliver
