#include "storage/limits.h"

namespace hky::storage {

const char* to_string(Rc rc) {
  switch (rc) {
    case Rc::kOk: return "ok";
    case Rc::kConflict: return "conflict";
    case Rc::kFenced: return "fenced";
    case Rc::kAbsent: return "absent";
    case Rc::kTooBig: return "too big";
    case Rc::kUnavailable: return "unavailable";
    case Rc::kFull: return "disk full";
  }
  return "?";
}

bool fits(const Part& part) {
  return part.kind != 0 && !part.id.empty() && part.id.size() <= kMaxPartId;  // kind 0 is the engines' own
}

bool fits(const Part& part, const Batch& batch) {
  if (!fits(part) || batch.set.size() > kMaxBatchSets) return false;
  size_t bytes = 0;
  for (const auto& [key, value] : batch.set) {
    if (key.empty() || key.size() > kMaxKey) return false;
    if (value && (value->empty() || value->size() > kMaxValue)) return false;
    bytes += key.size() + (value ? value->size() : 0);
  }
  for (const auto& [key, value] : batch.expect) {
    if (key.empty() || key.size() > kMaxKey || (value && value->empty())) return false;
  }
  return bytes <= kMaxBatchBytes;
}

bool fits_body(const Bytes& group, const std::vector<Bytes>& bodies, const std::vector<Bytes>& holders) {
  if (group.empty() || group.size() > kMaxGroup || bodies.empty() || holders.empty()) return false;
  if (bodies.size() != 1 && bodies.size() != holders.size()) return false;
  for (const Bytes& body : bodies) {
    if (body.empty() || body.size() > kMaxBody) return false;
  }
  for (const Bytes& holder : holders) {
    if (holder.empty() || holder.size() > kMaxHolder) return false;
  }
  return true;
}

}  // namespace hky::storage
