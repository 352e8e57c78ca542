// `hikyaku check`: every subject looks at the World and says what it finds. One function a subject, one file each; to add
// a subject: its file, a line here, a line in run_checks(). Nothing is changed on the disk.
// Requirements B4, B6, B7. Who calls it: cmd/verb_check.cc.
#pragma once

#include "admin/check/finding.h"
#include "admin/check/world.h"

namespace hky::admin::check {

// All of them, in the order below.
net::Task<> run_checks(const World& world, Findings& out);

void check_cf(const World& world, Findings& out);            // diagnostics, age against the .mc, $j
void check_uses(const World& world, Findings& out);          // flags, keys, words, options that nothing here obeys
net::Task<> check_relay(const World& world, Findings& out);  // is it an open relay? the rulesets answer
void check_maps(const World& world, Findings& out);          // K lines: missing, stale, malformed
void check_tables(const World& world, Findings& out);        // what access, mailertable, virtusertable say
net::Task<> check_aliases(const World& world, Findings& out);// loops, dead ends, postmaster, :include:
void check_permissions(const World& world, Findings& out);   // who else may write what we read
void check_forward(const World& world, Findings& out);       // users' .forward files
void check_programs(const World& world, Findings& out);      // P=, F|, mailer.conf
void check_secrets(const World& world, Findings& out);       // sasldb, auth-info, keys
void check_users(const World& world, Findings& out);         // accounts that are named and missing
void check_written(const World& world, Findings& out);       // what options have the engine write: may it?
net::Task<> check_domains(const World& world, Findings& out);// DNS of class w, MX to here, PTR

}  // namespace hky::admin::check
