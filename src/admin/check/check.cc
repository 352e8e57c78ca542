#include "admin/check/check.h"

namespace hky::admin::check {

net::Task<> run_checks(const World& world, Findings& out) {
  check_cf(world, out);
  check_uses(world, out);
  if (!world.main.readable) co_return;   // everything below asks the configuration
  co_await check_relay(world, out);
  check_maps(world, out);
  check_tables(world, out);
  co_await check_aliases(world, out);
  check_permissions(world, out);
  check_forward(world, out);
  check_programs(world, out);
  check_secrets(world, out);
  check_users(world, out);
  check_written(world, out);
  if (world.ask_dns) co_await check_domains(world, out);
}

}  // namespace hky::admin::check
