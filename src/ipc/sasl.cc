// Field by field, in the order of doc/ipc.md.
#include "ipc/sasl.h"

namespace hky::ipc {

void put(Encoder& e, const SaslRequest& r) {
  e.text(r.host);
  e.text(r.realm);
  e.text(r.options);
  e.u32(r.external_ssf);
  e.text(r.external_id);
}
void get(Decoder& d, SaslRequest& r) {
  r.host = d.text();
  r.realm = d.text();
  r.options = d.text();
  r.external_ssf = d.u32();
  r.external_id = d.text();
}

void put(Encoder& e, const SaslMechanisms& m) {
  e.u8(m.ready);
  e.text(m.list);
}
void get(Decoder& d, SaslMechanisms& m) {
  m.ready = d.u8() != 0;
  m.list = d.text();
}

void put(Encoder& e, const SaslStart& s) {
  e.u32(s.exchange);
  put(e, s.request);
  e.text(s.mechanism);
  e.u8(s.has_initial);
  e.text(s.initial);
}
void get(Decoder& d, SaslStart& s) {
  s.exchange = d.u32();
  get(d, s.request);
  s.mechanism = d.text();
  s.has_initial = d.u8() != 0;
  s.initial = d.text();
}

void put(Encoder& e, const SaslResponse& r) {
  e.u32(r.exchange);
  e.text(r.response);
}
void get(Decoder& d, SaslResponse& r) {
  r.exchange = d.u32();
  r.response = d.text();
}

void put(Encoder& e, const SaslEnd& r) { e.u32(r.exchange); }
void get(Decoder& d, SaslEnd& r) { r.exchange = d.u32(); }

void put(Encoder& e, const SaslStep& s) {
  e.u8(uint8_t(s.kind));
  e.text(s.challenge);
  e.text(s.user);
  e.text(s.problem);
  e.u32(s.ssf);
}
void get(Decoder& d, SaslStep& s) {
  const uint8_t kind = d.u8();
  // What we do not know is no success.
  s.kind = kind <= uint8_t(SaslStep::Kind::kNoMechanism) ? SaslStep::Kind(kind) : SaslStep::Kind::kTempFail;
  s.challenge = d.text();
  s.user = d.text();
  s.problem = d.text();
  s.ssf = d.u32();
}

}  // namespace hky::ipc
