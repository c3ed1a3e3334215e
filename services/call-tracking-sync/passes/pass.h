// One kind of reading of an account's calls, and the procedures that passes are made of. Pure: a procedure is given the
// place where a run is and what a page told, and says what follows; it asks nobody.
//
//   window_reading.h  lists of a range of time that has an end
//   change_walk.h     the list that begins with what changed last
//
// A page's records and the place after it are committed together, so that a crash repeats one page at most.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/tracking/platform_client.h"
#include "services/call-tracking-sync/budget/priority.h"
#include "services/call-tracking-sync/passes/checkpoint.h"

namespace trunkline::tracking_sync {

inline constexpr absl::Duration kDay = absl::Hours(24);

enum class Procedure { kWindows, kChangeWalk, kLiveCalls };

struct Pass {
  std::string name;  // the key of its checkpoint
  Procedure procedure = Procedure::kWindows;
  Priority priority = Priority::kIncremental;
  absl::Duration period = absl::InfiniteDuration();  // from the end of one run to the next one
  tracking::CallTime time = tracking::CallTime::kStarted;
  bool only_adjusted = false;
  bool uses_change_filter = false;  // a walk that may name the earliest change it wants
  // Until where it reads, before the platform's time.
  absl::Duration depth_from = absl::ZeroDuration();  // rescans and calls in progress: from so far back
  absl::Duration depth_to = absl::ZeroDuration();    // to so far back
  bool follows_watermark = false;                    // from the watermark instead of depth_from
  bool is_open_ended = false;                        // no upper end
  absl::Duration window_size = absl::Hours(24);
  absl::Duration largest_window = absl::ZeroDuration();  // where windows hold few calls; at least window_size
  bool tells_lag = false;                                // its watermark is the account's
  bool closes_stale = false;  // of calls in progress: those that go on for too long are taken for ended
  bool finds_lost = false;    // a call of its range that its list does not tell may be gone
  int page_size = 0;
  int largest_page = 0;

  bool operator==(const Pass&) const = default;
};

// What a page told.
struct PageFacts {
  int64_t records = 0;   // calls and others
  int64_t distinct = 0;  // of them, not seen in this window before
  std::optional<absl::Time> latest_change = std::nullopt;
  std::optional<absl::Time> earliest_change = std::nullopt;
  std::optional<tracking::Position> next = std::nullopt;
  std::optional<int64_t> total = std::nullopt;
};

// What follows a page or a failed request.
struct Sequel {
  enum class Kind {
    kNextPage,     // of the same window
    kNextWindow,   // the run goes on
    kAgain,        // the window once more, from its beginning
    kRunFinished,  // the watermark moves
    kFailed        // the run cannot go on
  };
  Kind kind = Kind::kNextPage;
  std::optional<PassRun> run = std::nullopt;           // as it goes on
  std::optional<absl::Time> watermark = std::nullopt;  // of a finished run; nothing: it stays
  absl::Status failure = absl::OkStatus();
  bool count_mismatch = false;  // fewer calls came than the platform counted, twice
};

}  // namespace trunkline::tracking_sync
