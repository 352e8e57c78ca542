// The queue's side of `hikyaku adopt`: sendmail's waiting messages go to the engine, and back. Who calls it: verb_adopt.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/adopt/keeper.h"
#include "admin/adopt/queue_file.h"
#include "cmd/verbs.h"

namespace hky::cmd {

inline constexpr std::string_view kAdoptedDirectory = "/var/spool/hikyaku/adopted";

// Each message without a problem: queued and held, its files kept and removed, then released. A power cut between the first
// two leaves a held copy in the queue besides the file, never a lost message and never one that is sent twice by itself.
Result<> take_over_queue(const Invocation& call, admin::adopt::Keeper& keeper, const std::vector<admin::adopt::Waiting>& waiting);
// Keeper::undo() with our queue behind its doors.
Result<std::vector<std::string>> give_back_all(const Invocation& call, admin::adopt::Keeper& keeper);

}  // namespace hky::cmd
