// The end of a process: SIGTERM or SIGINT, waited for in one place.
//
//   StopSignals signals;             // first thing in main(), before any thread starts
//   ...
//   signals.Wait();                  // until the process is asked to stop
#pragma once

#include <csignal>

#include "absl/time/time.h"

namespace trunkline {

class StopSignals {
 public:
  // Blocks the signals in this thread and in all threads that it starts, and ignores SIGPIPE.
  StopSignals();

  // Until one of the signals comes, or Raise() is called.
  void Wait();
  // At most so long; true when the process is asked to stop.
  bool WaitFor(absl::Duration limit);
  // Ends the waiting from inside, when a part of the process can go on no more. Callable from any thread.
  void Raise();

 private:
  sigset_t signals_;
};

}  // namespace trunkline
