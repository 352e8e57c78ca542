// HELP: what the site's help file (option HelpFile) says of a topic. Who calls it: sessions; -bt. sendmail: srvrsmtp.c help().
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cf/expand.h"
#include "proto/smtp/server.h"

namespace hky::receive {

// The text of HelpFile, as far as the options let it be believed.
using HelpReader = std::function<Result<std::string>(const cf::Options& options, const std::string& path)>;

// Lines of the file: a topic, a tab, text with macros; those count whose topic begins so. "": "smtp". 502 where there is no file, or no
// `read_help`; 504: no such topic.
smtp::Reply help_reply(const HelpReader& read_help, const cf::MacroScope& scope, std::string_view topic);

}  // namespace hky::receive
