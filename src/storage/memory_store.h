// memory_store: the Store without a disk, for tests and simulation, strict about the whole contract (HKY_CHECK on what a
// caller must not do: an epoch of nobody, a broken `written_once` promise).
// Answers come on one store thread of its own, or before the call returns (`inline_answers`: deterministic tests).
#pragma once

#include <memory>

#include "storage/store.h"

namespace hky::storage {

struct MemoryOptions {
  bool inline_answers = false;
};

std::unique_ptr<Store> open_memory_store(MemoryOptions options = {});

}  // namespace hky::storage
