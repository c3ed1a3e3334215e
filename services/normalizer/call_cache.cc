#include "services/normalizer/call_cache.h"

#include <utility>

namespace trunkline::normalizer {

std::unique_ptr<StoredCall> CallCache::Take(UuidNumber call_id) {
  const std::lock_guard lock(mutex_);
  for (Calls* calls : {&young_, &old_}) {
    const auto found = calls->find(call_id);
    if (found == calls->end()) continue;
    std::unique_ptr<StoredCall> call = std::move(found->second);
    calls->erase(found);
    return call;
  }
  return nullptr;
}

void CallCache::Put(UuidNumber call_id, std::unique_ptr<StoredCall> call) {
  if (limit_ < 2) return;
  const std::lock_guard lock(mutex_);
  if (young_.size() >= limit_ / 2) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_[call_id] = std::move(call);
}

size_t CallCache::size() const {
  const std::lock_guard lock(mutex_);
  return young_.size() + old_.size();
}

void CallCache::Clear() {
  const std::lock_guard lock(mutex_);
  young_.clear();
  old_.clear();
}

}  // namespace trunkline::normalizer
