// Fuzz target: any bytes as a sendmail.cf. Nothing but an answer may come of it.
#include "cf/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hky::cf;
  ReadRequest request;
  request.path = "fuzz.cf";
  request.identity.hostname = "mail.example.com";
  request.doors.read_file = [](const std::string&) -> hky::Result<std::string> { return std::string("a b\nc:d\n"); };
  ReadOutcome out = read_config_text(std::string_view(reinterpret_cast<const char*>(data), size), request);
  MacroScope scope(*out.config);
  for (const auto& [id, value] : out.config->macros) expand_to_string(value, scope);
  for (const Diagnostic& d : out.config->diagnostics) to_line(d);
  for (const OptionInfo& o : option_table()) option_value(out.config->options, o.id);
  return 0;
}
