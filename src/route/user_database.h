// What UserDatabaseSpec's databases say of local users: "joe:maildrop", "joe:mailsender", "joe:mailname". sendmail: udb.c udbexpand(),
// udbsender(); its Operations Guide.
#pragma once

#include <string>

#include "route/aliases.h"

namespace hky::route {

// The addresses in whose place `user` stands, several with commas; and the owner that its mail is sent on as. Nothing where no database
// is named.
net::Task<AliasAnswer> mail_drop_of(rewrite::Context& ctx, std::string user);
net::Task<AliasAnswer> mail_sender_of(rewrite::Context& ctx, std::string user);

// The name by which a local user (of a mailer with F=w) sends: its mailname, or, where it has a maildrop, user@ the mailname of ":default".
// "": its own.
net::Task<std::string> mail_name_of(rewrite::Context& ctx, const Address& sender);

}  // namespace hky::route
