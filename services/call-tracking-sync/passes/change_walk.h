// The procedure for a list that begins with what changed last: it is walked down to what was known before.
//
// The list moves while it is walked. A call that changes jumps to its beginning, so what is not read yet only moves
// towards later pages; nothing slips away, some is read twice. The new watermark is the latest change on the FIRST
// page: what changed later is found by the next walk, and a later change seen on another page proves nothing about
// those in between. The list must never be asked for with an upper end: a call that changes would leave it, and the
// ones behind would move up past the place where the walk is.
#pragma once

#include "services/call-tracking-sync/passes/pass.h"

namespace trunkline::tracking_sync {

// Down to `floor`. `now` is the platform's time.
PassRun BeginWalk(const Pass& pass, absl::Time floor, absl::Time now);
Sequel AfterWalkPage(PassRun run, const PageFacts& page, absl::Time now);

}  // namespace trunkline::tracking_sync
