#include "services/concurrency-governor/api/usage_feed.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "services/concurrency-governor/api/slot_messages.h"

namespace trunkline::governor {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(250);
constexpr rpc::StreamOptions kLatestOnly = {.most_waiting = 1, .on_full = rpc::StreamFull::kKeepLatest};

absl::Status Stopping() {
  return Error(absl::StatusCode::kUnavailable, Reason::REASON_SHUTTING_DOWN, "this replica stops; watch another");
}

}  // namespace

UsageFeed::UsageFeed(DecisionLoop& loop)
    : loop_(loop), teller_("telling usage", kInterval, [this] { return Tell(); }) {}

UsageFeed::Stream* UsageFeed::Refuse(const absl::Status& status) {
  const auto stream = Stream::Make(kLatestOnly, {});
  stream->End(status);
  return stream.get();
}

UsageFeed::Stream* UsageFeed::Watch(const v1::WatchUsageRequest& request) {
  const auto stream = Stream::Make(kLatestOnly, {});
  stream->Open();
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      watchers_.push_back({.stream = stream, .request = request});
    } else {
      stream->End(Stopping());
    }
  }
  teller_.Wake();
  return stream.get();
}

void UsageFeed::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (const Watcher& watcher : watchers_) watcher.stream->End(Stopping());
  watchers_.clear();
}

absl::StatusOr<bool> UsageFeed::Tell() {
  const uint64_t changes = loop_.changes();
  std::vector<Watcher> due;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(watchers_, [](const Watcher& watcher) { return watcher.stream->HasEnded(); });
    for (Watcher& watcher : watchers_) {
      if (watcher.told && changes == told_changes_) continue;
      watcher.told = true;
      due.push_back(watcher);
    }
  }
  told_changes_ = changes;
  if (due.empty()) return false;
  std::vector<std::shared_ptr<v1::WatchUsageResponse>> responses;
  const absl::Status looked = loop_.DoAndWait([&](SlotLedger& ledger, absl::Time now) {
    for (const Watcher& watcher : due) {
      auto response = std::make_shared<v1::WatchUsageResponse>();
      *response->mutable_usage() = UsageOf(ledger, watcher.request.business_id(), watcher.request.include_slots(), now);
      responses.push_back(std::move(response));
    }
    return absl::OkStatus();
  });
  for (size_t i = 0; i < due.size(); ++i) {
    if (looked.ok()) {
      due[i].stream->Offer(responses[i]);
    } else {
      due[i].stream->End(looked);
    }
  }
  return false;
}

}  // namespace trunkline::governor
