#include "services/call-tracking-sync/passes/change_walk.h"

#include <algorithm>
#include <utility>

namespace trunkline::tracking_sync {

PassRun BeginWalk(const Pass& pass, absl::Time floor, absl::Time now) {
  return {.started_at = now,
          .to = absl::InfiniteFuture(),
          .window = {.from = floor, .to = absl::InfiniteFuture(), .started_at = now, .page_size = pass.page_size}};
}

Sequel AfterWalkPage(PassRun run, const PageFacts& page, absl::Time now) {
  Window& window = run.window;
  if (!window.position.has_value()) window.first_page_max = page.latest_change;
  if (page.earliest_change.has_value()) window.last_change = page.earliest_change;
  window.seen += page.distinct;
  window.position = page.next;
  const bool reached = page.earliest_change.has_value() && *page.earliest_change < window.from;
  if (page.next.has_value() && !reached) return {.kind = Sequel::Kind::kNextPage, .run = std::move(run)};
  Sequel sequel{.kind = Sequel::Kind::kRunFinished};
  // A platform's clock that runs ahead must not make a later change look known.
  if (window.first_page_max.has_value()) sequel.watermark = std::min(*window.first_page_max, now);
  return sequel;
}

}  // namespace trunkline::tracking_sync
