// The server core from bytes: fed whole and cut must give the same replies; nothing is kept once it has been used.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "proto/smtp/params.h"
#include "proto/smtp/server.h"

using namespace hky::smtp;

namespace {

Reply answer_to(const Event& e) {
  if (std::get_if<event::Data>(&e)) return Reply(354, "", "go");
  if (std::get_if<event::Quit>(&e)) return Reply(221, "2.0.0", "bye");
  if (std::get_if<event::TooMany>(&e)) return Reply(421, "4.7.0", "Too many bad commands");
  if (auto* m = std::get_if<event::Mail>(&e)) {
    MailParams p;
    if (auto bad = parse_mail_params(m->params, {}, p)) return *bad;
  }
  if (auto* r = std::get_if<event::Rcpt>(&e)) {
    RcptParams p;
    if (auto bad = parse_rcpt_params(r->params, {}, p)) return *bad;
  }
  return Reply(250, "2.0.0", "ok");
}

std::string run(std::string_view input, size_t cut) {
  ServerLimits limits;
  limits.refuse_early_talk = false;  // depends on the cut by nature
  limits.max_message_size = 100'000;
  ServerCore core(limits);
  std::string out, body;
  for (size_t i = 0; i < input.size(); i += cut) {
    core.feed(input.substr(i, cut));
    while (auto e = core.next()) {
      auto* b = std::get_if<event::Body>(&*e);
      if (b != nullptr) body += b->text;
      if ((b != nullptr && !b->end) || std::get_if<event::Aborted>(&*e)) continue;
      core.answer(answer_to(*e));
    }
    out += core.take_output();
  }
  return core.closed() ? out : out + body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (run(input, size) != run(input, 1)) std::abort();
  return 0;
}
