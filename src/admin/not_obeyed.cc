#include "admin/not_obeyed.h"

#include <span>

#include "base/strings.h"

namespace hky::admin {
namespace {

constexpr std::string_view kInClear = "mail goes out in clear whatever it asks for: STARTTLS as a client is not there yet";
constexpr std::string_view kKeepThere = "Let a host that has STARTTLS send such mail (mailertable, SMART_HOST) until then.";
constexpr std::string_view kNotOffered = "STARTTLS is not offered yet, so it never matches";
constexpr std::string_view kAnotherWay = "Give these clients AUTH, or an entry Connect: by their address.";
constexpr std::string_view kNoClient = "STARTTLS and AUTH as a client are not there yet";
constexpr std::string_view kRemove = "Nothing has to be done: mail goes without.";

constexpr NotObeyed kTags[] = {
    {"TLS_Srv", true, kInClear, kKeepThere},
    {"TLS_Rcpt", true, kInClear, kKeepThere},
    {"TLS_Clt", true, "STARTTLS is not offered yet, so whom it asks for encryption is refused", kAnotherWay},
    {"CERTIssuer", true, kNotOffered, kAnotherWay},
    {"CERTSubject", true, kNotOffered, kAnotherWay},
    {"AuthInfo", true, "AUTH as a client is not there yet: mail goes without, and a host that asks for it refuses", "Let that host take mail by this host's address until then."},
    {"Try_TLS", false, kNoClient, kRemove},
    {"Clt_Features", false, kNoClient, kRemove},
};

constexpr NotObeyed kRulesets[] = {
    {"Local_tls_server", true, kInClear, kKeepThere},    {"Local_tls_rcpt", true, kInClear, kKeepThere},
    {"Local_try_tls", false, kNoClient, kRemove},        {"Local_clt_features", false, kNoClient, kRemove},
    {"Local_authinfo", false, kNoClient, kRemove},
};

const NotObeyed* find(std::span<const NotObeyed> table, std::string_view name) {
  for (const NotObeyed& entry : table) {
    if (iequals(entry.name, name)) return &entry;
  }
  return nullptr;
}

}  // namespace

const NotObeyed* tag_not_obeyed(std::string_view key) {
  const size_t colon = key.find(':');
  return colon == std::string_view::npos ? nullptr : find(kTags, key.substr(0, colon));
}

const NotObeyed* ruleset_not_obeyed(std::string_view name) { return find(kRulesets, name); }

}  // namespace hky::admin
