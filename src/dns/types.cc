#include <algorithm>
#include <array>

#include "base/strings.h"
#include "dns/resolver.h"

namespace hky::dns {
namespace {

struct TypeName { Type type; const char* name; };
constexpr std::array<TypeName, 11> kTypes{{{Type::kA, "A"}, {Type::kNs, "NS"}, {Type::kCname, "CNAME"}, {Type::kSoa, "SOA"},
                                           {Type::kPtr, "PTR"}, {Type::kMx, "MX"}, {Type::kTxt, "TXT"}, {Type::kAaaa, "AAAA"},
                                           {Type::kSrv, "SRV"}, {Type::kAfsdb, "AFSDB"}, {Type::kTlsa, "TLSA"}}};

}  // namespace

const char* type_name(Type t) {
  for (const auto& e : kTypes) {
    if (e.type == t) return e.name;
  }
  return "?";
}

bool type_from_name(std::string_view name, Type& out) {
  for (const auto& e : kTypes) {
    if (iequals(name, e.name)) {
      out = e.type;
      return true;
    }
  }
  return false;
}

bool is_name(std::string_view name) {
  const std::vector<std::string_view> labels = split(name, '.');
  return name.size() <= 253 && std::all_of(labels.begin(), labels.end(), [](std::string_view label) { return !label.empty() && label.size() <= 63; });
}

}  // namespace hky::dns
