#include "services/gateway/calls/call_event_hub.h"

#include <utility>

#include "libs/base/status.h"

namespace trunkline::gateway {
namespace {

absl::Status ShuttingDown() {
  return Error(absl::StatusCode::kUnavailable, Reason::REASON_SHUTTING_DOWN, "the server stops; watch again");
}

}  // namespace

bool WatchFilter::Wants(const events::v1::CallEvent& event) const {
  if (!types.empty() && !types.contains(event.type())) return false;
  if (campaign_id.empty()) return true;
  // Only the first event of a call tells its campaign; the record beside each event always does.
  return event.call().details().campaign_id() == campaign_id || event.details().campaign_id() == campaign_id;
}

absl::Status CallEventHub::Register(const std::shared_ptr<CallWatcher>& watcher, const WatchFilter& filter) {
  const auto shared = std::make_shared<const WatchFilter>(filter);
  const std::lock_guard lock(mutex_);
  if (closed_) return ShuttingDown();
  if (all_.size() >= most_) {
    return Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
                 "this server has as many watchers as it may have; try again, or watch more calls with one watch");
  }
  all_.emplace(watcher, shared);
  Business& business = businesses_[filter.business_id];
  if (filter.call_ids.empty()) business.of_all_calls.emplace(watcher, shared);
  for (const std::string& call_id : filter.call_ids) business.of_call[call_id].emplace(watcher, shared);
  metrics_.SetWatchers(static_cast<int64_t>(all_.size()));
  return absl::OkStatus();
}

void CallEventHub::Unregister(const std::shared_ptr<CallWatcher>& watcher) {
  const std::lock_guard lock(mutex_);
  const auto found = all_.find(watcher);
  if (found == all_.end()) return;
  const std::shared_ptr<const WatchFilter> filter = found->second;
  all_.erase(found);
  Business& business = businesses_[filter->business_id];
  business.of_all_calls.erase(watcher);
  for (const std::string& call_id : filter->call_ids) {
    Watchers& watchers = business.of_call[call_id];
    watchers.erase(watcher);
    if (watchers.empty()) business.of_call.erase(call_id);
  }
  if (business.of_all_calls.empty() && business.of_call.empty()) businesses_.erase(filter->business_id);
  metrics_.SetWatchers(static_cast<int64_t>(all_.size()));
}

void CallEventHub::Publish(events::v1::CallEvent event) {
  std::vector<std::shared_ptr<CallWatcher>> wanting;
  {
    const std::lock_guard lock(mutex_);
    const auto business = businesses_.find(event.business_id());
    if (business == businesses_.end()) return;
    const auto collect = [&](const Watchers& watchers) {
      for (const auto& [watcher, filter] : watchers) {
        if (filter->Wants(event)) wanting.push_back(watcher);
      }
    };
    collect(business->second.of_all_calls);
    const auto call = business->second.of_call.find(event.call_id());
    if (call != business->second.of_call.end()) collect(call->second);
  }
  if (wanting.empty()) return;
  control::v1::WatchCallsResponse message;
  *message.mutable_event() = std::move(event);
  const auto update = std::make_shared<const CallUpdate>(std::move(message));
  for (const std::shared_ptr<CallWatcher>& watcher : wanting) watcher->Offer(update);
}

void CallEventHub::Close() {
  Watchers watchers;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    watchers = all_;
  }
  for (const auto& [watcher, filter] : watchers) watcher->End(ShuttingDown());
}

}  // namespace trunkline::gateway
