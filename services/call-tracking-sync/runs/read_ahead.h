// Reads the page that a pass will want next while the page before it is committed, so that the platform's time and the
// database's are spent together. One page and no more: where the next one begins is known only from the one before it.
//
// A page is handed out only for the very request that it was read for, and only while it is fresh; what else was read
// is dropped. Used by one thread beside its own.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "services/call-tracking-sync/accounts/tracked_accounts.h"
#include "services/call-tracking-sync/passes/pass.h"

namespace trunkline::tracking_sync {

// A page of a pass's list.
struct PageRequest {
  TrackedAccountPtr account;
  Pass pass;
  PassRun run;
  std::vector<std::string> without_columns;

  bool operator==(const PageRequest&) const = default;
};

class ReadAhead {
 public:
  using Page = absl::StatusOr<tracking::CallPage>;
  using Read = std::function<Page(const PageRequest&)>;

  // `read` is called on a thread of its own, and may block. The clock outlives the object.
  ReadAhead(Read read, const Clock& clock);
  // Waits for the request under way.
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // Begins to read, and returns at once. Does nothing while another pass's page is being read or waits to be taken.
  void Begin(PageRequest request);
  // Whether a page of the pass is being read or waits to be taken.
  bool Holds(std::string_view pass) const;
  // The page, or why there is none; waits while it is being read. Nothing when another was read for this pass, or none.
  std::optional<Page> Take(const PageRequest& request);

 private:
  struct Slot {
    PageRequest request;
    std::optional<Page> page = std::nullopt;  // none while it is being read
    absl::Time read_at = absl::InfiniteFuture();
  };

  void Run(const std::stop_token& stop);
  bool IsFresh(const Slot& slot) const;

  const Read read_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Slot> slot_;
  std::jthread thread_;
};

}  // namespace trunkline::tracking_sync
