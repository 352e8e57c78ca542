// field(): one value of a request that a command sent. A field that is missing, or of another kind than asked for, is the
// fallback: whoever may open the control socket may send anything. Who calls it: control_server, submission, local_session.
#pragma once

#include <string>
#include <type_traits>

#include <nlohmann/json.hpp>

namespace hky::admin {

template <class T>
T field(const nlohmann::json& j, const char* key, T fallback) {
  if (!j.is_object()) return fallback;
  const auto it = j.find(key);
  if (it == j.end()) return fallback;
  bool fits = false;
  if constexpr (std::is_same_v<T, bool>) fits = it->is_boolean();
  else if constexpr (std::is_arithmetic_v<T>) fits = it->is_number();
  else fits = it->is_string();
  return fits ? it->template get<T>() : fallback;
}

inline std::string field(const nlohmann::json& j, const char* key, const char* fallback) { return field(j, key, std::string(fallback)); }

// The array under `key`, or an empty one.
inline const nlohmann::json& list_field(const nlohmann::json& j, const char* key) {
  static const nlohmann::json empty = nlohmann::json::array();
  if (!j.is_object()) return empty;
  const auto it = j.find(key);
  return it != j.end() && it->is_array() ? *it : empty;
}

}  // namespace hky::admin
