// The message's MIME fields as they may leave: not longer than MaxMimeHeaderLength says. sendmail: headers.c putheader().
// Who calls it: whoever has opened the message, before its header is written anywhere.
#pragma once

#include <string>
#include <vector>

#include "deliver/work.h"

namespace hky::deliver {

// Changes w.header; returns what the log shall say.
std::vector<std::string> limit_mime_fields(Work& w);

}  // namespace hky::deliver
