// What of a session's macros goes with a message.
#include "receive/envelope_macros.h"

#include <gtest/gtest.h>

#include "cf/reader.h"

namespace hky::receive {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

TEST(EnvelopeMacros, OfTheSessionWhatHLinesName) {
  const auto read = cf::read_config_text("V10/Berkeley\nDmus.test\nHX-Rate: $?{client_rate}${client_rate}$. of $m\nH?${daemon_name}?X-Daemon: yes\n", cf::ReadRequest());
  cf::MacroScope scope(*read.config);
  scope.set(cf::kN_client_rate, std::string_view("7"));
  scope.set(cf::kN_daemon_name, std::string_view("MTA"));
  scope.set(cf::kN_total_rate, std::string_view("8"));
  EXPECT_EQ(values_of(scope, session_macros_of_headers(*read.config)), (Values{{"client_rate", "7"}, {"daemon_name", "MTA"}}));
  EXPECT_EQ(macros_to_keep(scope), Values());
}

}  // namespace
}  // namespace hky::receive
