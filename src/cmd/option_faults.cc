#include "cmd/option_faults.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/strings.h"
#include "base/sysexits.h"
#include "cmd/host_identity.h"
#include "cmd/modes.h"
#include "cmd/runtime.h"
#include "cmd/traffic_file.h"

namespace hky::cmd {
namespace {

using Fault = SendmailOptions::Fault;

// Those that cannot be opened become faults, each in its place.
void open_traffic_files(SendmailOptions& options) {
  size_t met = 0;
  for (const SendmailOptions::TrafficWord& word : options.traffic_files) {
    const auto opened = open_traffic_file(word.name);
    if (opened.ok()) {
      options.traffic_fd = *opened;
      continue;
    }
    const auto place = options.faults.begin() + static_cast<std::ptrdiff_t>(word.faults_before + met++);
    options.faults.insert(place, Fault{opened.error().text, EX_CANTCREAT, word.options_before, "451 4.0.0 "});
  }
}

std::vector<cf::Diagnostic> complaints_of_options(const Invocation& call, const SendmailOptions& options) {
  if (options.options.empty() && options.macros.empty()) return {};
  const RuntimeRequest request = runtime_request(call, options);
  cf::ReadRequest read;
  read.doors = system_read_doors(request.root);
  read.options = request.options;
  read.macros = request.macros;
  return cf::check_overrides(read);
}

}  // namespace

int tell_faults(const Invocation& call, SendmailOptions& options) {
  const bool replies = std::string_view("ads").find(options.mode) != std::string_view::npos;
  const auto say = [replies](std::string_view code, std::string_view text) {
    const bool reply = replies && !code.empty();
    for (const std::string_view line : split(text, '\n')) fmt::print("{}{}{}\n", reply ? code : "", line, reply ? "\r" : "");
  };
  if (!options.bad_mode.empty()) {
    say("550 ", options.bad_mode);
    return EX_USAGE;
  }
  fmt::print(stderr, "{}{}", options.usage, options.usage.empty() ? "" : "\n");
  open_traffic_files(options);
  const std::vector<cf::Diagnostic> complaints = complaints_of_options(call, options);
  int code = EX_OK;
  auto next = complaints.begin();
  const auto tell_options = [&](size_t before) {
    for (; next != complaints.end() && static_cast<size_t>(next->place.line) <= before; ++next) {
      say(next->plain ? "" : next->fatal ? "554 5.0.0 " : next->exit != EX_OK ? "550 " : "050 ", next->text);
      if (!next->fatal) continue;
      if (code == EX_OK) code = EX_SOFTWARE;   // sendmail: setstat()
      if (next->exit == EX_OK) continue;
      code = next->exit;   // it ends there
      return false;
    }
    return true;
  };
  for (const Fault& fault : options.faults) {
    if (!tell_options(fault.options_before)) return code;
    if (!fault.text.empty()) say(fault.code, fault.text);
    if (fault.exit != EX_OK) code = fault.exit;
  }
  tell_options(options.options.size() + 1);
  if (code == EX_OK && prints_complaints(options))
    for (const std::string& warning : options.warnings) say("550 ", warning);
  return code;
}

}  // namespace hky::cmd
