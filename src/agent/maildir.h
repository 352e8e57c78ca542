// Delivery into a Maildir: written and synced in tmp/, renamed into new/, that directory synced. Blocking: for workers.
#pragma once

#include "agent/world.h"

namespace hky::agent {

// `path` is made with its cur, new and tmp (0700) when missing.
Result<> deliver_maildir(const World& world, const ipc::DeliverMaildir& request);

}  // namespace hky::agent
