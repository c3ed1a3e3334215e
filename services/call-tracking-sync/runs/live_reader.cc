#include "services/call-tracking-sync/runs/live_reader.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/status.h"
#include "services/call-tracking-sync/passes/pass_catalogue.h"
#include "services/call-tracking-sync/work/call_fetching.h"

namespace trunkline::tracking_sync {
namespace {

constexpr size_t kManyLive = 20;
constexpr int kMostLive = 1'000;
constexpr int kLivePages = 20;

}  // namespace

absl::StatusOr<LiveReader::Step> LiveReader::Read(PlannedAccount* planned, const Pass& pass, bool begins) {
  const auto left = left_.find(pass.name);
  if (begins || left == left_.end()) return Begin(*planned, pass);
  return Fetch(planned, pass, &left->second);
}

absl::StatusOr<LiveReader::Step> LiveReader::Begin(const PlannedAccount& planned, const Pass& pass) {
  const absl::Time now = planned.clock.At(parts_.clock.Now());
  Step step{.batch = {.pass = pass.name}};
  TL_ASSIGN_OR_RETURN(
      const std::vector<std::string> live,
      parts_.store.LiveCalls(planned.account().id, now - pass.depth_from, now - pass.depth_to, kMostLive));
  std::deque<std::string> left(live.begin(), live.end());
  if (planned.Has(tracking::v1::FEATURE_LIST_LIVE_CALLS) && FetchBatchOf(planned.platform()) == 1 &&
      live.size() > kManyLive) {
    // One list tells most of them; the rest is fetched.
    std::optional<tracking::Position> position;
    for (int i = 0; i < kLivePages; ++i) {
      TL_ASSIGN_OR_RETURN(
          tracking::CallPage page,
          planned.client().ListCalls(planned.account(), {.from = now - pass.depth_from, .to = now, .only_live = true},
                                     position));
      position = page.next;
      std::move(page.items.begin(), page.items.end(), std::back_inserter(step.batch.calls));
      if (!position.has_value()) break;
    }
    std::set<std::string_view> told;
    for (const tracking::PlatformCall& call : step.batch.calls) told.insert(call.call.external_id);
    std::erase_if(left, [&](const std::string& id) { return told.contains(id); });
  }
  step.is_last = left.empty();
  left_[pass.name] = std::move(left);
  return step;
}

absl::StatusOr<LiveReader::Step> LiveReader::Fetch(PlannedAccount* planned, const Pass& pass,
                                                   std::deque<std::string>* left) {
  const size_t most = static_cast<size_t>(FetchBatchOf(planned->platform()));
  const absl::Time asked_at = InMicros(parts_.clock.Now());
  const std::vector<std::string> ids(left->begin(),
                                     left->begin() + static_cast<std::ptrdiff_t>(std::min(most, left->size())));
  TL_ASSIGN_OR_RETURN(FetchedCalls fetched, FetchCallsById(planned->platform(), planned->account(), ids));
  planned->clock.Learn(fetched.receipt);
  left->erase(left->begin(), left->begin() + static_cast<std::ptrdiff_t>(ids.size()));
  Step step{.batch = {.pass = pass.name}, .is_last = left->empty()};
  step.batch.calls = std::move(fetched.calls);
  step.batch.asked_at = asked_at;
  // A young one may not be known yet to what answers for single calls.
  if (pass.closes_stale) step.batch.stale = std::move(fetched.unknown);
  const absl::Time server_now = planned->clock.At(parts_.clock.Now());
  for (const tracking::PlatformCall& call : step.batch.calls) {
    const bool is_unbelievable =
        call.call.started_at.has_value() && server_now - *call.call.started_at > kUnbelievablyLive;
    if (pass.closes_stale && is_unbelievable && GoesOn(call.call)) step.batch.stale.push_back(call.call.external_id);
  }
  return step;
}

}  // namespace trunkline::tracking_sync
