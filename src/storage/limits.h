// Clause 3 of the contract: what fits. Checked by every engine before anything else, so that a batch that one engine takes
// is taken by all.
#pragma once

#include "storage/store.h"

namespace hky::storage {

inline constexpr size_t kMaxKey = 1024;
inline constexpr size_t kMaxValue = 64u << 10;
inline constexpr size_t kMaxBatchSets = 1000;
inline constexpr size_t kMaxBatchBytes = 4u << 20;
inline constexpr size_t kMaxPartId = 255;
inline constexpr size_t kMaxGroup = 255;
inline constexpr size_t kMaxHolder = 255;
inline constexpr size_t kMaxBody = 0xffffffffu;

bool fits(const Part& part);
bool fits(const Part& part, const Batch& batch);
bool fits_body(const Bytes& group, const std::vector<Bytes>& bodies, const std::vector<Bytes>& holders);

}  // namespace hky::storage
