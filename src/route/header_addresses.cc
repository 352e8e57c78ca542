#include "route/header_addresses.h"

#include <algorithm>

#include "proto/mail/address_list.h"
#include "proto/mail/field_kind.h"
#include "route/address.h"

namespace hky::route {
namespace {

// What is said of the last of a list's addresses that has a fault: it is named with all that follow it.
std::string fault_in(std::string_view list, const cf::Config& config) {
  const std::vector<std::string_view> all = addresses_of(list, config);
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    const rewrite::PrescanResult scanned = rewrite::prescan(*one, '\0', config, rewrite::TokenTable::kExternal);
    if (!scanned.errors.empty()) return user_line(scanned.errors.back(), list.substr(static_cast<size_t>(one->data() - list.data())));
  }
  return {};
}

}  // namespace

std::vector<std::string_view> addresses_of(std::string_view list, const cf::Config& config) {
  constexpr std::string_view kBetween = ", \t\n";
  std::vector<std::string_view> out;
  for (size_t at = list.find_first_not_of(kBetween); at < list.size(); at = list.find_first_not_of(kBetween, at)) {
    const rewrite::PrescanResult one = rewrite::prescan(list.substr(at), ',', config, rewrite::TokenTable::kExternal);
    if (one.refused) return mail::split_addresses(list, false);
    const size_t end = std::min(at + one.consumed, list.size());
    const std::string_view piece = list.substr(at, end - at);
    const size_t length = piece.find_last_not_of(kBetween) + 1;
    if (length > 0) out.push_back(piece.substr(0, length));
    at = std::max(end, at + 1);
  }
  return out;
}

std::string last_fault(const mail::Header& header, const cf::Config& config) {
  for (auto f = header.fields.rbegin(); f != header.fields.rend(); ++f) {
    const mail::FieldKind kind = mail::kind_of_field(f->name);
    if (kind != mail::FieldKind::kSender && kind != mail::FieldKind::kRecipient) continue;
    std::string list(f->value.substr(0, f->value.find_last_not_of(" \t\n") + 1));
    std::replace(list.begin(), list.end(), '\n', ' ');
    if (std::string fault = fault_in(list, config); !fault.empty()) return fault;
  }
  return {};
}

}  // namespace hky::route
