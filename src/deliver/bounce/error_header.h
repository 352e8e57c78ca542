// ErrorHeader: what a site says in front of what failed or is late. sendmail: savemail.c errbody().
// Who calls it: conclude.cc reads it for each report anew; bounce.cc puts it there.
#pragma once

#include <string>
#include <vector>

#include "base/file_system.h"
#include "deliver/work.h"

namespace hky::deliver {

// Its lines with their macros, not expanded yet: those of a file where it begins with '/', else its own. A file that cannot be read: none.
std::vector<cf::Text> error_header_lines(const Work& w, FileSystem* files);

// The macros of a report, which comes from the MAILER-DAEMON here, laid over the message's own.
void set_report_macros(cf::MacroScope& scope, const Work& w, const std::string& report_id, int64_t now);
// The lines as they stand in the report that has those.
std::string error_header(const std::vector<cf::Text>& lines, const cf::MacroScope& scope);

}  // namespace hky::deliver
