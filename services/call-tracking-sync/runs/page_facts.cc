#include "services/call-tracking-sync/runs/page_facts.h"

#include <algorithm>

namespace trunkline::tracking_sync {

PageFacts FactsOf(const tracking::CallPage& page, std::unordered_set<std::string>* seen) {
  PageFacts facts{.records = static_cast<int64_t>(page.items.size() + page.bad.size()),
                  .distinct = static_cast<int64_t>(page.bad.size()),
                  .next = page.next,
                  .total = page.total};
  for (const tracking::PlatformCall& call : page.items) {
    if (seen->insert(call.call.external_id).second) ++facts.distinct;
    if (!call.call.updated_at.has_value()) continue;
    const absl::Time changed = *call.call.updated_at;
    facts.latest_change = std::max(facts.latest_change.value_or(changed), changed);
    facts.earliest_change = std::min(facts.earliest_change.value_or(changed), changed);
  }
  return facts;
}

}  // namespace trunkline::tracking_sync
