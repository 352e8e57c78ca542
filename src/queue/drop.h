// The drop folder (doc/queue.md): messages that an ordinary user's `sendmail` leaves while no engine runs.
// write_drop runs as that user (or in hikyaku-drop, set-gid); take_in in the engine at start and from time to time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/random.h"
#include "net/loop.h"
#include "queue/queue.h"

namespace hky::queue {

struct Dropped {
  Envelope envelope;        // no id, no body reference
  std::string message;      // header block, blank line, body; LF
  uint32_t uid = 0;         // who wrote the file: the submitter, whatever the envelope says
  std::string name;         // of the file
};

// Durable when it returns. The name of the file is the answer (said to the user in place of a queue id).
Result<std::string> write_drop(FileSystem& files, Random& random, const std::string& folder, const Envelope& envelope,
                               std::string_view message);
// The format alone: for tests and the fuzz target.
std::string encode_drop(const Envelope& envelope, std::string_view message);
Result<Dropped> decode_drop(std::string_view bytes);

// What lies there and is finished, in the order of names; nothing is changed. For mailq -Ac.
Result<std::vector<Dropped>> read_drops(FileSystem& files, const std::string& folder);

struct TakenIn { size_t taken = 0, again = 0, bad = 0, failed = 0; };
// `submit` makes a queue message of it as for any submission by that user (rewriting, policy) and answers when it is
// durable; Envelope::drop must go through to Queue::submit: it is what makes a second take-in after a crash only unlink.
// A failure leaves the file for later.
using SubmitDropped = std::function<net::Task<Result<>>(Dropped)>;
net::Task<TakenIn> take_in(Queue& queue, FileSystem& files, std::string folder, int64_t now, SubmitDropped submit);

}  // namespace hky::queue
