#include "admin/check/world.h"

#include <algorithm>

#include "base/strings.h"

namespace hky::admin::check {

std::string World::macro(std::string_view name) const {
  cf::NameId id = 0;
  if (!config().names.find(name, id)) return {};
  const cf::MacroScope scope(config());
  const cf::Text* value = scope.find(id);
  return value == nullptr ? std::string() : cf::expand_to_string(*value, scope);
}

bool looks_like_domain(std::string_view word) {
  if (word.find('.') == std::string_view::npos || word.front() == '.' || word.back() == '.') return false;
  const bool clean = std::all_of(word.begin(), word.end(), [](char c) { return is_alpha(c) || is_digit(c) || c == '-' || c == '.' || c == '_'; });
  return clean && dns::canonical_address(word).empty();
}

}  // namespace hky::admin::check
