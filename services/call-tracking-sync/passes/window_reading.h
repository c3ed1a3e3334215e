// The procedure for lists of a range of time: one window after the other, oldest first, each page by page.
//
//   - A window with more than 10,000 calls is read in halves; so is one of which the platform gives part of the answer.
//   - A list that shrinks while it is read has moved up, and a call may have been missed: the window is read again. So
//   it
//     is when fewer calls came than the platform counted. The second time what came is taken.
//   - A position that the platform does not take any more begins the window again, at most three times.
#pragma once

#include "services/call-tracking-sync/passes/pass.h"

namespace trunkline::tracking_sync {

// A run over [from, to). `now` is the platform's time. `page_size` 0: the pass's.
PassRun BeginWindows(const Pass& pass, absl::Time from, absl::Time to, absl::Time now);
// What to ask for.
tracking::CallQuery QueryOf(const Pass& pass, const PassRun& run);
Sequel AfterWindowPage(const Pass& pass, PassRun run, const PageFacts& page, absl::Time now);
// `error` is one that is not simply asked again: a partial result, a position that was refused. Anything else fails the
// run.
Sequel AfterWindowError(const Pass& pass, PassRun run, const absl::Status& error, absl::Time now);
// As a run goes on after its process died: where positions count from the beginning, one page back, since the list may
// have moved up meanwhile.
PassRun Resumed(PassRun run);

}  // namespace trunkline::tracking_sync
