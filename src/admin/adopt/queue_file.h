// A message that waits in sendmail's own queue: the qf file (envelope and header) and the df file (body) become one of ours.
// sendmail: Operation Guide, appendix B ("The queue file"), version 8; older versions have no other letters.
// Who calls it: spool.cc; cmd/verb_adopt.cc. Pure but for find_waiting().
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/adopt/site.h"
#include "queue/envelope.h"

namespace hky::admin::adopt {

struct QueueFile {
  queue::Envelope envelope;            // no id, no body
  std::string header;                  // with LF
  std::string data_directory;          // where its df file is; "": beside it
  std::vector<std::string> lost;       // lines that have no counterpart here
};
// Errors: no recipients, no end ("."), a line that is none.
Result<QueueFile> parse_queue_file(std::string_view text);

struct Waiting {
  std::string qf, df;                  // without root
  std::string problem;                 // not empty: it cannot be taken in, and stays
  QueueFile file;
  std::string message() const { return file.header + "\n" + body; }
  std::string body;
};
// Everything that waits in these queue directories ("/var/spool/mqueue/q*" is several of them), with qf, df, xf folders of
// their own or without; lost (Qf) and quarantined (hf) messages too. Files that belong to none are problems without qf.
std::vector<Waiting> find_waiting(const Site& site, const std::vector<std::string>& directories);

}  // namespace hky::admin::adopt
