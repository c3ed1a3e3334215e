// A platform's webhooks as they come in.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/providers/webhook_receiver.h"
#include "libs/tracking/notified_event.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::tracking {

// What a genuine webhook becomes.
struct ReceivedWebhook {
  // One message for each call that it is about; without webhook_id and traceparent. With verify_by_fetch each is
  // hint_only, and the call is to be read.
  std::vector<webhooks::v1::RawWebhook> messages;
  std::vector<std::string> external_ids;  // of the calls, in the order of the messages
  std::vector<NotifiedEvent> events;      // what happened, likewise
  std::string remark;                     // see WebhookContent
};

class TrackingReceiver {
 public:
  // Stands in a constant of the platform.
  TrackingReceiver(std::string_view platform, std::vector<EventWord> words)
      : platform_(platform), words_(std::move(words)) {}

  // Any of GET, HEAD, POST, PUT and PATCH, with any content type: the platforms send what their customers configured.
  static bool AcceptsMethod(std::string_view method);

  // See webhook_modes.h; WRONG_ACCOUNT besides, when the URL names another account.
  absl::Status Verify(const providers::WebhookRequest& request, const providers::Account& account) const;
  // Only after Verify(). Fails as ReadWebhook() does.
  absl::StatusOr<ReceivedWebhook> Read(const providers::WebhookRequest& request,
                                       const providers::Account& account) const;
  // 200 with a body that no platform takes for anything: one of them turns other JSON into tags.
  providers::HttpReply Acknowledge(std::string_view method) const;

 private:
  std::string_view platform_;
  std::vector<EventWord> words_;
};

}  // namespace trunkline::tracking
