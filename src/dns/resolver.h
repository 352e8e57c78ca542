// Resolver: the only door to DNS and to the hosts file. Production: libunbound on the system's resolv.conf, /etc/hosts;
// tests: ScriptedResolver from zone text (format of test/golden/zone.txt).
// Names are compared without case and written without the trailing dot.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/loop.h"

namespace hky::dns {

enum class Type : uint16_t { kA = 1, kNs = 2, kCname = 5, kSoa = 6, kPtr = 12, kMx = 15, kTxt = 16, kAaaa = 28, kSrv = 33, kAfsdb = 18, kTlsa = 52 };

const char* type_name(Type t);
bool type_from_name(std::string_view name, Type& out);  // without case
bool is_name(std::string_view name);                    // RFC 1035 2.3.4: labels of 1 to 63 octets, 253 in all

enum class Status {
  kOk,        // records may still be empty only for kNoData
  kNxDomain,  // the name does not exist
  kNoData,    // the name exists, not this type
  kTempFail,  // SERVFAIL, time-out, no server: try later
  kDeferred,  // look-ups are forbidden now (deferred delivery mode): nothing was asked
};

struct Record {
  std::string owner;        // the name after CNAMEs
  Type type{};
  uint16_t preference = 0;  // MX, or SRV priority
  std::string data;         // A/AAAA as text, MX/CNAME/PTR/NS host, TXT text, TLSA as hex "3 1 1 ab.."
};

struct Answer {
  Status status = Status::kTempFail;
  std::vector<Record> records;
  std::string canonical;    // owner after CNAMEs were followed (RFC 1034 3.6.2)
  bool secure = false;      // DNSSEC validated
  uint32_t ttl = 0;
  bool had_cname = false;   // the name is an alias (the answer held a CNAME record)
  std::string cname_loop;   // non-empty: aliases point at each other; the name where that was seen. status is kNoData
};

class Resolver {
 public:
  virtual ~Resolver() = default;
  // One name, exactly (no search list), CNAMEs followed.
  virtual net::Task<Answer> query(net::Loop& loop, std::string name, Type type) = 0;
  // resolv.conf's domain / search list and ndots (RFC 1535).
  virtual std::vector<std::string> search_list() const = 0;
  virtual int ndots() const = 0;
};

}  // namespace hky::dns
