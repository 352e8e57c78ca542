// What the engine asks of the auth process, which alone sees SASL secrets (design, decision 5), and how it travels: doc/ipc.md.
// The interfaces that use it stand in auth/ (sasl.h: asking; sasl_library.h: answering).
#pragma once

#include <cstdint>
#include <string>

#include "ipc/codec.h"

namespace hky::ipc {

enum class SaslKind : uint8_t { kMechanisms = 0x20, kStart, kRespond, kEnd };

// How a server looks to the library: what it offers depends on it.
struct SaslRequest {
  std::string host;          // $j
  std::string realm;         // AuthRealm: stands in for the host's name where it is not empty
  std::string mechanisms;    // AuthMechanisms; the engine's business, does not travel
  std::string options;       // AuthOptions letters (p: no plain text without protection, y: no anonymous, d: no dictionary ...)
  uint32_t external_ssf = 0; // bits of the TLS layer around the connection
  std::string external_id;   // who its certificate says the client is (EXTERNAL)
};
struct SaslMechanisms { bool ready = false; std::string list; };  // of the library, blank-separated; not ready: it is out of order

struct SaslStart { uint32_t exchange = 0; SaslRequest request; std::string mechanism; bool has_initial = false; std::string initial; };
struct SaslResponse { uint32_t exchange = 0; std::string response; };
struct SaslEnd { uint32_t exchange = 0; };   // no answer: the client gave up or went

// The answer to SaslStart and SaslResponse. All but kChallenge end the exchange.
struct SaslStep {
  enum class Kind : uint8_t { kChallenge, kDone, kFailed, kTempFail, kNoMechanism } kind = Kind::kFailed;
  std::string challenge;     // bytes, not base64
  std::string user;          // kDone: who it is
  std::string problem;       // the library's words, for the log
  uint32_t ssf = 0;          // kDone: bits of the mechanism's own security layer
  SaslStep() = default;
};

void put(Encoder& e, const SaslRequest& r);
void put(Encoder& e, const SaslMechanisms& m);
void put(Encoder& e, const SaslStart& s);
void put(Encoder& e, const SaslResponse& r);
void put(Encoder& e, const SaslEnd& r);
void put(Encoder& e, const SaslStep& s);

void get(Decoder& d, SaslRequest& r);
void get(Decoder& d, SaslMechanisms& m);
void get(Decoder& d, SaslStart& s);
void get(Decoder& d, SaslResponse& r);
void get(Decoder& d, SaslEnd& r);
void get(Decoder& d, SaslStep& s);

}  // namespace hky::ipc
