// A queued message as one JSON object: what `hikyaku queue list|show --json` prints and the control socket carries.
// The field names are a public interface: scripts read them.
#pragma once

#include <string>

#include "queue/envelope.h"

namespace hky::admin {

// {"id","sender","size","created","next_try","tries","busy","held","quarantine","status","rcpts":[{"address",...}]}
std::string envelope_to_json(const queue::Envelope& envelope, bool busy);

}  // namespace hky::admin
