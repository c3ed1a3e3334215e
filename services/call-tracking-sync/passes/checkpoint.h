// How far a pass over an account's calls is; what its table holds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "libs/tracking/platform_client.h"

namespace trunkline::tracking_sync {

struct Counters {
  int64_t pages = 0;
  int64_t seen = 0;
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t failed = 0;  // were no calls

  bool operator==(const Counters&) const = default;
};

// The reading of one window, page by page.
struct Window {
  absl::Time from;
  absl::Time to;  // InfiniteFuture: no upper end
  absl::Time started_at;
  int page_size = 0;
  std::optional<tracking::Position> position = std::nullopt;  // of the next page; nothing: the first
  std::optional<absl::Time> first_page_max = std::nullopt;    // of a walk: the latest change on its first page
  std::optional<absl::Time> last_change = std::nullopt;       // of a walk: the earliest change read so far
  std::optional<int64_t> first_total = std::nullopt;
  int64_t seen = 0;
  int restarts = 0;

  bool operator==(const Window&) const = default;
};

// A run under way: one window after the other, up to `to`.
struct PassRun {
  absl::Time started_at;
  absl::Time to;
  Window window;

  bool operator==(const PassRun&) const = default;
};

struct Checkpoint {
  // Everything with a key up to it was read. Moves when a run is finished, never before.
  std::optional<absl::Time> watermark = std::nullopt;
  std::optional<PassRun> run = std::nullopt;
  std::optional<absl::Time> finished_at = std::nullopt;  // of the last run that was finished
  Counters counters = {};                                // of the run under way, or the last one

  bool operator==(const Checkpoint&) const = default;
};

}  // namespace trunkline::tracking_sync
