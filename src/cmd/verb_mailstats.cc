// mailstats [-C cffile] [-c] [-P] [-f stfile] [-o] [-p]: what the StatusFile counted, a line for each mailer that had mail.
// -p, -P: numbers for programs; -p begins the file anew. -o: no names of mailers. -c: submit.cf's file. sendmail: mailstats(8).
#include <cstdio>
#include <ctime>
#include <numeric>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/sysexits.h"
#include "cmd/paths.h"
#include "cmd/runtime.h"
#include "cmd/small_options.h"
#include "cmd/statistics_file.h"
#include "cmd/verbs.h"
#include "proto/mail/date.h"

namespace hky::cmd {
namespace {

struct Row { int64_t from, kbytes_from, to, kbytes_to, rejected, discarded, quarantined; };

Row row_of(const Statistics& s, size_t i) {
  return Row{s.from[i], s.kbytes_from[i], s.to[i], s.kbytes_to[i], s.rejected[i], s.discarded[i], s.quarantined[i]};
}

int64_t sum(const Statistics::Table& t) { return std::accumulate(t.begin(), t.end(), int64_t{0}); }

Row total_of(const Statistics& s) {
  return Row{sum(s.from), sum(s.kbytes_from), sum(s.to), sum(s.kbytes_to), sum(s.rejected), sum(s.discarded), sum(s.quarantined)};
}

bool nothing(const Row& r) {
  return r.from == 0 && r.to == 0 && r.rejected == 0 && r.discarded == 0 && r.quarantined == 0;
}

std::string line(const std::string& label, const Row& r, bool plain) {
  const char* unit = plain ? "" : "K";
  return fmt::format("{:>2} {:8} {:10}{} {:8} {:10}{}   {:6}  {:6}  {:6}", label, r.from, r.kbytes_from, unit, r.to, r.kbytes_to, unit, r.rejected,
                     r.discarded, r.quarantined);
}

void print_all(const Statistics& s, const cf::Config& config, bool plain, bool names, int64_t now) {
  if (plain) {
    fmt::print("{} {}\n", s.since, now);
  } else {
    char when[32] = "";
    const auto since = static_cast<std::time_t>(s.since);
    struct tm parts {};
    std::strftime(when, sizeof when, "%a %b %e %H:%M:%S %Y", ::localtime_r(&since, &parts));
    fmt::print("Statistics from {}\n M   msgsfr  bytes_from   msgsto    bytes_to  msgsrej msgsdis msgsqur{}\n", when, names ? "  Mailer" : "");
  }
  for (size_t i = 0; i < kStatisticsMailers; ++i) {
    const Row row = row_of(s, i);
    if (nothing(row)) continue;
    std::string name;
    for (const cf::Mailer& m : config.mailers)
      if (m.index == static_cast<int>(i)) name = "  " + m.name;
    fmt::print("{}{}\n", line(std::to_string(i), row, plain), names ? name : "");
  }
  if (!plain) fmt::print("{}\n", std::string(69, '='));
  fmt::print("{}\n", line("T", total_of(s), plain));
  if (plain) fmt::print(" C {:8} {:8} {:6}\n", s.taken, s.made, s.refused);
  else fmt::print(" C {:8}{:21}{:21}\n", s.taken, s.made, s.refused);
}

}  // namespace

int verb_mailstats(const Invocation& call) {
  const SmallOptions options = small_options(call.args, "C:cf:opP");
  if (!options.complaint.empty()) {
    fmt::print(stderr, "{}: {}\nusage: mailstats [-C cffile] [-c] [-P] [-f stfile] [-o] [-p]\n", call.program, options.complaint);
    return EX_USAGE;
  }
  RuntimeRequest request;
  request.root = call.root;
  request.config_file = options.has('C') ? options.value('C') : std::string(options.has('c') ? kSubmitCf : kSendmailCf);
  if (!kernel_file_system().stat(rooted(call, request.config_file)).ok()) {
    fmt::print(stderr, "mailstats: {}: No such file or directory\n", request.config_file);
    return EX_NOINPUT;
  }
  const auto runtime = open_runtime(request);
  const std::string file = options.has('f') ? options.value('f') : runtime->config->options.status_file;
  if (file.empty()) {
    fmt::print(stderr, "mailstats: no statistics file located\n");
    return EX_OSFILE;
  }
  auto text = kernel_file_system().read_file(rooted(call, file));
  if (!text.ok()) {
    fmt::print(stderr, "mailstats: {}: {}\n", file, "No such file or directory");
    return EX_NOINPUT;
  }
  const int64_t now = unix_seconds(system_clock().wall());
  const auto statistics = read_statistics(*text, now);
  if (!statistics.ok()) {
    fmt::print(stderr, "mailstats: {} in {}\n", statistics.error().text, file);
    return EX_OSERR;
  }
  const bool plain = options.has('p') || options.has('P');
  print_all(*statistics, *runtime->config, plain, !options.has('o'), now);
  if (!options.has('p')) return EX_OK;
  if (!kernel_file_system().open(rooted(call, file), open_to_write()).ok()) {
    fmt::print(stderr, "mailstats: {}: cannot be emptied\n", file);
    return EX_CANTCREAT;
  }
  return EX_OK;
}

}  // namespace hky::cmd
