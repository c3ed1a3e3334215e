#include "tests/links/link_listener.h"

#include <gtest/gtest.h>

#include <chrono>

#include "libs/base/text.h"
#include "libs/telephony/call_status.h"

namespace trunkline::providers {
namespace {

using telephony::NameOf;

constexpr auto kPatience = std::chrono::seconds(20);

}  // namespace

void LinkListener::OnMessage(webhooks::v1::RawWebhook message) {
  const auto events = mapper_->Map(message);
  const std::lock_guard lock(mutex_);
  EXPECT_TRUE(events.ok()) << events.status();
  if (!events.ok()) return;
  for (const events::v1::CallEvent& event : *events) {
    EXPECT_EQ(event.call_id(), message.call_id());
    if (event.type() == events::v1::CALL_EVENT_TYPE_INITIATED) live_.insert(event.details().external_call_id());
    if (event.type() == events::v1::CALL_EVENT_TYPE_ENDED) live_.erase(event.details().external_call_id());
    events_.push_back(event);
  }
  changed_.notify_all();
}

void LinkListener::OnLiveCalls(const std::vector<ProviderCall>& live, absl::Time /*at*/) {
  const std::lock_guard lock(mutex_);
  live_.clear();
  for (const ProviderCall& call : live) live_.insert(call.external_call_id);
  ++resyncs_;
  changed_.notify_all();
}

void LinkListener::OnState(const absl::Status& state) {
  const std::lock_guard lock(mutex_);
  states_.push_back(state);
  changed_.notify_all();
}

void LinkListener::WaitFor(const std::function<bool()>& holds) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, kPatience, holds));
}

void LinkListener::WaitForResyncs(int count) {
  WaitFor([&] { return resyncs_ >= count; });
}

void LinkListener::WaitForCount(std::string_view type, int count) {
  WaitFor([&] { return static_cast<int>(OfType(type).size()) >= count; });
}

events::v1::CallEvent LinkListener::WaitForEvent(std::string_view type) {
  WaitForCount(type, 1);
  const std::lock_guard lock(mutex_);
  const auto found = OfType(type);
  return found.empty() ? events::v1::CallEvent() : found.front();
}

std::set<std::string> LinkListener::live() {
  const std::lock_guard lock(mutex_);
  return live_;
}

std::map<std::string, std::string> LinkListener::ends() {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::string> ends;
  for (const events::v1::CallEvent& event : OfType("ended")) {
    ends[event.call_id()] = Concat(NameOf(event.status()), " ", NameOf(event.hangup().cause()));
  }
  return ends;
}

std::vector<absl::Status> LinkListener::states() {
  const std::lock_guard lock(mutex_);
  return states_;
}

std::vector<events::v1::CallEvent> LinkListener::OfType(std::string_view type) const {
  std::vector<events::v1::CallEvent> found;
  for (const events::v1::CallEvent& event : events_) {
    if (NameOf(event.type()) == type) found.push_back(event);
  }
  return found;
}

}  // namespace trunkline::providers
