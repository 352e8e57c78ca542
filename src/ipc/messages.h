// What the frames between engine and agent carry: see doc/ipc.md. Inside ipc and its tests only.
#pragma once

#include "ipc/agent.h"
#include "ipc/codec.h"

namespace hky::ipc {

enum class Kind : uint8_t {
  kDeliverMbox = 1, kDeliverMaildir, kAppendFile, kRunProgram, kReadForward, kReadInclude, kLookupUser, kSpeakTo,
  kAnswer = 0x80
};

void put(Encoder& e, const std::vector<DeliverMbox>& batch);
void put(Encoder& e, const DeliverMaildir& r);
void put(Encoder& e, const AppendFile& r);
void put(Encoder& e, const RunProgram& r);
void put(Encoder& e, const ReadForward& r);
void put(Encoder& e, const ReadInclude& r);
void put(Encoder& e, const LookupUser& r);
void put(Encoder& e, const std::vector<Outcome>& outcomes);
void put(Encoder& e, const Outcome& o);
void put(Encoder& e, const FileText& t);
void put(Encoder& e, const User& u);

void get(Decoder& d, std::vector<DeliverMbox>& batch);
void get(Decoder& d, DeliverMaildir& r);
void get(Decoder& d, AppendFile& r);
void get(Decoder& d, RunProgram& r);
void get(Decoder& d, ReadForward& r);
void get(Decoder& d, ReadInclude& r);
void get(Decoder& d, LookupUser& r);
void get(Decoder& d, std::vector<Outcome>& outcomes);
void get(Decoder& d, Outcome& o);
void get(Decoder& d, FileText& t);
void get(Decoder& d, User& u);

}  // namespace hky::ipc
