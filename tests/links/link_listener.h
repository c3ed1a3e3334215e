// What the gateway and the normalizer would do with a link's news: maps them, and knows which calls are live.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "libs/providers/event_link.h"
#include "libs/providers/webhook_mapper.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::providers {

// Thread-safe. Waits fail the test after twenty seconds.
class LinkListener final : public LinkSink {
 public:
  // Before the first message.
  void MapWith(const WebhookMapper& mapper) { mapper_ = &mapper; }

  void OnMessage(webhooks::v1::RawWebhook message) override;
  void OnLiveCalls(const std::vector<ProviderCall>& live, absl::Time at) override;
  void OnState(const absl::Status& state) override;

  void WaitForResyncs(int count);
  // Types are named as in NameOf(): "answered".
  void WaitForCount(std::string_view type, int count);
  // The first one.
  events::v1::CallEvent WaitForEvent(std::string_view type);

  std::set<std::string> live();
  // "busy busy", by call.
  std::map<std::string, std::string> ends();
  std::vector<absl::Status> states();

 private:
  void WaitFor(const std::function<bool()>& holds);
  std::vector<events::v1::CallEvent> OfType(std::string_view type) const;

  const WebhookMapper* mapper_ = nullptr;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<events::v1::CallEvent> events_;
  std::set<std::string> live_;
  std::vector<absl::Status> states_;
  int resyncs_ = 0;
};

}  // namespace trunkline::providers
