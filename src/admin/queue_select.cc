#include "admin/queue_select.h"

#include <algorithm>

#include "admin/json_field.h"
#include "base/strings.h"

namespace hky::admin {
namespace {

using nlohmann::json;

bool contains(const std::string& haystack, const std::string& needle) { return haystack.find(needle) != std::string::npos; }
bool contains_folded(const std::string& haystack, const std::string& needle) { return contains(lower(haystack), lower(needle)); }
bool lacks_folded(const std::string& haystack, const std::string& needle) { return !contains_folded(haystack, needle); }

std::vector<std::string> strings(const json& j, const char* key) {
  std::vector<std::string> out;
  for (const auto& v : list_field(j, key))
    if (v.is_string()) out.push_back(v.get<std::string>());
  return out;
}

bool to_any_rcpt(const queue::Envelope& e, const std::string& part, bool (*has)(const std::string&, const std::string&)) {
  return std::any_of(e.rcpts.begin(), e.rcpts.end(),
                     [&](const queue::Rcpt& r) { return r.state == queue::RcptState::kPending && has(r.address, part); });
}

bool hits(const queue::Envelope& e, char field, const std::string& value, bool negate) {
  switch (field) {
    case 'I': return contains_folded(e.id, value) != negate;
    case 'R': return negate ? to_any_rcpt(e, value, lacks_folded) : to_any_rcpt(e, value, contains_folded);   // sendmail: one recipient is enough
    case 'S': return contains_folded(e.sender, value) != negate;
    case 'Q': return contains_folded(e.quarantine_reason, value) != negate;
    default: return false;
  }
}

// sendmail: workcmpf lists: one wish of a field is enough, each field that is wished for must agree.
bool wished(const queue::Envelope& e, const json& request) {
  for (const char field : {'I', 'R', 'S', 'Q'}) {
    bool asked = false, agreed = false;
    for (const json& wish : list_field(request, "select")) {
      if (admin::field(wish, "field", "") != std::string(1, field)) continue;
      asked = true;
      agreed = agreed || hits(e, field, admin::field(wish, "value", ""), admin::field(wish, "negate", false));
    }
    if (asked && !agreed) return false;
  }
  return true;
}

bool of_kind(const queue::Envelope& e, const json& request) {
  if (!request.contains("kind")) return true;
  const std::string kind = admin::field(request, "kind", "");
  if (kind == "L") return false;
  return e.quarantine_reason.empty() == (kind != "Q");
}

}  // namespace

bool selected(const queue::Envelope& e, const json& j) {
  auto any = [&](const char* key, auto&& hit) {
    auto wanted = strings(j, key);
    return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), hit);
  };
  return any("ids", [&](const auto& w) { return e.id == w || (field(j, "substring", false) && contains(e.id, w)); }) &&
         any("sender", [&](const auto& w) { return contains(e.sender, w); }) &&
         any("rcpt", [&](const auto& w) { return to_any_rcpt(e, w, contains); }) && wished(e, j) && of_kind(e, j);
}

queue::RunRules rules_asked(const json& j, queue::RunRules rules) {
  rules.most = field(j, "most", rules.most);
  const std::string order = field(j, "order", "");
  if (!order.empty() && std::string_view("phftmrsn").find(order[0]) != std::string_view::npos) rules.order = order[0];
  return rules;
}

bool demanded(const json& j) {
  const json& wishes = list_field(j, "select");
  const auto by_more_than_its_reason = [](const json& wish) { return field(wish, "field", "") != "Q"; };
  return !strings(j, "ids").empty() || !strings(j, "sender").empty() || !strings(j, "rcpt").empty() || std::any_of(wishes.begin(), wishes.end(), by_more_than_its_reason);
}

bool names_messages(const json& j) { return field(j, "all", false) || demanded(j) || !list_field(j, "select").empty(); }

}  // namespace hky::admin
