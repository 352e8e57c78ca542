// Frames' payloads from a peer that went mad: decoded or refused, never more read than there is.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "ipc/messages.h"
#include "ipc/sasl.h"

namespace {

template <class Message>
void round_trip(std::string_view bytes) {
  hky::ipc::Decoder d(bytes);
  Message message;
  hky::ipc::get(d, message);
  if (!d.finished()) return;
  std::string out;
  hky::ipc::Encoder e(out);
  hky::ipc::put(e, message);
  hky::ipc::Decoder again(out);
  Message same;
  hky::ipc::get(again, same);
  HKY_CHECK(again.finished());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace hky::ipc;
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  round_trip<std::vector<DeliverMbox>>(bytes);
  round_trip<RunProgram>(bytes);
  round_trip<ReadForward>(bytes);
  round_trip<LookupUser>(bytes);
  round_trip<std::vector<Outcome>>(bytes);
  round_trip<FileText>(bytes);
  round_trip<User>(bytes);
  round_trip<SaslRequest>(bytes);
  round_trip<SaslMechanisms>(bytes);
  round_trip<SaslStart>(bytes);
  round_trip<SaslResponse>(bytes);
  round_trip<SaslEnd>(bytes);
  round_trip<SaslStep>(bytes);
  return 0;
}
