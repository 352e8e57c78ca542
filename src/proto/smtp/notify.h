// NOTIFY= of RFC 3461 4.1 as bits; 0: not given, which asks for failure and delay. Who uses it: RCPT's parameters, alias expansion, envelopes.
#pragma once

#include <cstdint>

namespace hky::smtp {

enum Notify : uint8_t { kNotifyNever = 1, kNotifySuccess = 2, kNotifyFailure = 4, kNotifyDelay = 8 };

}  // namespace hky::smtp
