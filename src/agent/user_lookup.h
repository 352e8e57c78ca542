// Who is a local user: the passwd database, and names of people where MatchGECOS is set. Blocking: for workers.
#pragma once

#include "ipc/agent.h"

namespace hky::agent {

ipc::User lookup_user(const ipc::LookupUser& request);
// The account with this number; not found: uid alone.
ipc::User account_of(unsigned uid);
// sendmail's buildfname: the GECOS field up to the first , ; or %, its & replaced by the capitalized login.
std::string full_name_of(std::string_view gecos, std::string_view login);

}  // namespace hky::agent
