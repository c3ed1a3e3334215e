#include "services/call-tracking-sync/passes/window_reading.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"
#include "libs/tracking/tracking_error.h"

namespace trunkline::tracking_sync {
namespace {

namespace v1 = tracking::v1;

constexpr int64_t kMostInWindow = 10'000;
constexpr int64_t kManyCalls = 2'000;
constexpr absl::Duration kNarrowest = absl::Seconds(60);
constexpr int kMostRestarts = 3;

absl::Time EndOfWindow(const Pass& pass, absl::Time from, absl::Time to) {
  return pass.is_open_ended ? absl::InfiniteFuture() : std::min(to, from + pass.window_size);
}

// The same window, or what is left of it, from its beginning.
Sequel Again(PassRun run, absl::Time to, absl::Time now) {
  const int restarts = run.window.restarts;
  run.window = {.from = run.window.from, .to = to, .started_at = now, .page_size = run.window.page_size};
  run.window.restarts = restarts;
  return {.kind = Sequel::Kind::kAgain, .run = std::move(run)};
}

bool CanBeHalved(const Window& window) {
  return window.to != absl::InfiniteFuture() && window.to - window.from >= 2 * kNarrowest;
}

Sequel Halved(PassRun run, absl::Time now) {
  const absl::Time middle = run.window.from + absl::Floor((run.window.to - run.window.from) / 2, absl::Seconds(1));
  return Again(std::move(run), middle, now);
}

// As long as the one before, which may have been halved until it held few enough calls; longer where there are few:
// each window costs a page that is not full.
absl::Time EndOfNextWindow(const Pass& pass, const Window& before, absl::Time to) {
  absl::Duration length = before.to - before.from;
  if (std::max(before.first_total.value_or(0), before.seen) <= kMostInWindow / 4) length *= 2;
  return std::min(to, before.to + std::min(length, std::max(pass.window_size, pass.largest_window)));
}

bool CountsFromBeginning(const Window& window) {
  return window.position.has_value() && window.position->kind == "offset";
}

}  // namespace

PassRun BeginWindows(const Pass& pass, absl::Time from, absl::Time to, absl::Time now) {
  PassRun run{.started_at = now, .to = to, .window = {.from = from, .started_at = now, .page_size = pass.page_size}};
  run.window.to = EndOfWindow(pass, from, to);
  return run;
}

tracking::CallQuery QueryOf(const Pass& pass, const PassRun& run) {
  tracking::CallQuery query{.time = pass.time, .from = run.window.from, .to = run.window.to};
  query.only_adjusted = pass.only_adjusted;
  query.size = run.window.page_size;
  if (pass.procedure == Procedure::kChangeWalk) {
    query.last_changed_first = true;
    query.time = pass.uses_change_filter ? tracking::CallTime::kChanged : tracking::CallTime::kStarted;
    if (!pass.uses_change_filter) query.from = absl::InfinitePast();
    query.to = absl::InfiniteFuture();
  }
  return query;
}

Sequel AfterWindowPage(const Pass& pass, PassRun run, const PageFacts& page, absl::Time now) {
  Window& window = run.window;
  const bool first = !window.position.has_value();
  if (first) {
    window.first_total = page.total;
    window.seen = 0;
    if (page.total.value_or(0) > kMostInWindow && CanBeHalved(window)) return Halved(std::move(run), now);
  }
  window.seen += page.distinct;
  window.position = page.next;
  if (page.next.has_value()) {
    // Only where a position does not count pages may the pages become larger on the way.
    if (page.total.value_or(0) > kManyCalls && CountsFromBeginning(window)) {
      window.page_size = std::max(window.page_size, pass.largest_page);
    }
    return {.kind = Sequel::Kind::kNextPage, .run = std::move(run)};
  }
  const bool shrunk = page.total.has_value() && window.first_total.has_value() && *page.total < *window.first_total;
  const bool missing = page.total.has_value() && window.seen < *page.total;
  if ((shrunk || missing) && window.restarts == 0) {
    window.restarts = 1;
    const absl::Time to = window.to;
    return Again(std::move(run), to, now);
  }
  Sequel sequel{.kind = Sequel::Kind::kRunFinished, .watermark = run.to};
  sequel.count_mismatch = missing;
  if (pass.is_open_ended || window.to >= run.to) return sequel;
  const absl::Time to = EndOfNextWindow(pass, window, run.to);
  window = {.from = window.to, .to = to, .started_at = now, .page_size = pass.page_size};
  sequel.kind = Sequel::Kind::kNextWindow;
  sequel.watermark = std::nullopt;
  sequel.run = std::move(run);
  return sequel;
}

Sequel AfterWindowError(const Pass&, PassRun run, const absl::Status& error, absl::Time now) {
  switch (tracking::CodeOf(error)) {
    case v1::TRACKING_ERROR_CODE_PARTIAL_RESULT:
      if (CanBeHalved(run.window)) return Halved(std::move(run), now);
      break;
    case v1::TRACKING_ERROR_CODE_CURSOR_REJECTED:
    case v1::TRACKING_ERROR_CODE_CURSOR_LOOP:
      if (run.window.restarts < kMostRestarts) {
        ++run.window.restarts;
        const absl::Time to = run.window.to;
        return Again(std::move(run), to, now);
      }
      break;
    default:
      break;
  }
  return {.kind = Sequel::Kind::kFailed, .failure = error};
}

PassRun Resumed(PassRun run) {
  Window& window = run.window;
  if (!CountsFromBeginning(window)) return run;
  const std::optional<int64_t> offset = tracking::NumberOf(window.position, "offset", 0);
  const int64_t back = std::max<int64_t>(0, offset.value_or(0) - std::max(1, window.page_size));
  window.seen = std::max<int64_t>(0, window.seen - (offset.value_or(0) - back));
  window.position = back == 0 ? std::nullopt : std::optional(tracking::Position{"offset", Concat(back)});
  return run;
}

}  // namespace trunkline::tracking_sync
