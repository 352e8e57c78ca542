// TestMode: sendmail's address test mode (-bt): one line in, what sendmail would print out.
// It runs the same rewriting, parsing and maps as the daemon; only the configuration is its own copy, because .D and .C
// change it. Who calls it: cmd/mode_bt.cc with standard input, tests with lines.
// sendmail: main.c testmodeline(); Operation Guide 4.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file_system.h"
#include "cf/config.h"
#include "cf/expand.h"
#include "dns/names.h"
#include "maps/map_set.h"
#include "net/loop.h"
#include "receive/help.h"
#include "route/address.h"

namespace hky::admin {

// What the mode works on. References outlive the TestMode.
struct TestWorld {
  net::Loop& loop;
  std::shared_ptr<cf::Config> config;                       // changed by .D and .C
  maps::MapSet& maps;
  const dns::NameEnvironment& names;
  receive::HelpReader read_help;
  std::function<void(std::string_view)> print;
  std::string user;                                         // who runs it: /sender without an address
  std::vector<std::pair<std::string, std::string>> macros;  // what an envelope of its own has set ($_, $b ...)
};

class TestMode {
 public:
  explicit TestMode(TestWorld world);
  ~TestMode();
  // The two lines a session begins with.
  void banner();
  // The prompt that stands before every line is read.
  void prompt();
  // One line without its newline. False: /quit. Lines are at most kMaxLine long, longer ones are cut.
  net::Task<bool> line(std::string text);
  // -d of the command line ("21.12,60.5").
  void debug(std::string_view words);

  static constexpr size_t kMaxLine = 2047;  // sendmail: MAXLINE - 1

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hky::admin
