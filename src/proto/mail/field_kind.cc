#include "proto/mail/field_kind.h"

#include <algorithm>
#include <array>

namespace hky::mail {
namespace {

struct Known { std::string_view name; FieldKind kind; bool resent; };

constexpr std::array<Known, 23> kKnown{{
    {"resent-sender", FieldKind::kSender, true},
    {"resent-from", FieldKind::kSender, true},
    {"resent-reply-to", FieldKind::kSender, true},
    {"sender", FieldKind::kSender, false},
    {"from", FieldKind::kSender, false},
    {"reply-to", FieldKind::kSender, false},
    {"errors-to", FieldKind::kSender, false},
    {"full-name", FieldKind::kConditional, false},
    {"disposition-notification-to", FieldKind::kSender, false},
    {"to", FieldKind::kRecipient, false},
    {"resent-to", FieldKind::kRecipient, true},
    {"cc", FieldKind::kRecipient, false},
    {"resent-cc", FieldKind::kRecipient, true},
    {"bcc", FieldKind::kRecipient, false},
    {"resent-bcc", FieldKind::kRecipient, true},
    {"apparently-to", FieldKind::kRecipient, false},
    {"resent-date", FieldKind::kPlain, true},
    {"resent-message-id", FieldKind::kPlain, true},
    {"received", FieldKind::kTrace, false},
    {"x400-received", FieldKind::kTrace, false},
    {"via", FieldKind::kTrace, false},
    {"return-path", FieldKind::kConditional, false},
    {"content-length", FieldKind::kConditional, false},
}};

const Known* known(std::string_view name) {
  for (const Known& k : kKnown)
    if (same_name(k.name, name)) return &k;
  return nullptr;
}

}  // namespace

FieldKind kind_of_field(std::string_view name) {
  const Known* k = known(name);
  return k != nullptr ? k->kind : FieldKind::kPlain;
}

bool is_resent_field(std::string_view name) {
  const Known* k = known(name);
  return k != nullptr && k->resent;
}

bool has_new_style_addresses(const Header& header) {
  return std::any_of(header.fields.begin(), header.fields.end(), [](const Field& f) {
    const FieldKind kind = kind_of_field(f.name);
    return (kind == FieldKind::kSender || kind == FieldKind::kRecipient) && f.value.find_first_of(",;<(") != std::string_view::npos;
  });
}

}  // namespace hky::mail
