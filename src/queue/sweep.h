// sweep: finds bodies of a group whose holders are all gone and frees them (doc/queue.md: a crash leaks at most).
// Runs page by page on store threads until the end or kStop; `judge` is called there, so it must not block.
#pragma once

#include <functional>
#include <string>

#include "storage/store.h"

namespace hky::queue {

enum class SweepVerdict { kKeep, kFree, kStop };

void sweep(storage::Store& store, const std::string& group, std::function<SweepVerdict(const std::string& holder)> judge);

}  // namespace hky::queue
