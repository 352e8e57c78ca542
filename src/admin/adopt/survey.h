// Survey: which file of a mail host is what, and the account of each. Nothing is changed.
#pragma once

#include <vector>

#include "admin/adopt/account.h"
#include "admin/adopt/site.h"

namespace hky::admin::adopt {

// Every file below the mail directory (two folders deep: m4, tls, sasl, peers, certs), then what stands elsewhere:
// the alias file, mailer.conf, rc.conf, default/sendmail. Sorted by path within each.
std::vector<FileAccount> survey(const Site& site);
// The StatusFiles that the configurations name, as they lie here (--from), and that the engine is to be given.
std::vector<std::string> status_files_to_give(const Site& site);

}  // namespace hky::admin::adopt
