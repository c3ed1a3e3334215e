// What a platform's webhook says, before anybody knows whether to believe it.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/tracking/notified_event.h"

namespace trunkline::tracking {

struct Notification {
  std::string external_id;  // of the call
  std::string word;         // the event as the platform or our URL names it; may be empty
  NotifiedEvent event = NotifiedEvent::kUpdated;
  // The call object where the webhook carries one, else its parameters as one flat object of texts.
  nlohmann::json members = nlohmann::json::object();
  bool is_call_object = false;
};

struct WebhookContent {
  std::vector<Notification> notifications;
  // Why some or all of it is no notification: "test_or_misconfigured" (the id is missing or an unreplaced token),
  // "ignored_event_type" (about no call), "unparsed_body" (XML and the like). Empty when there is nothing to say.
  std::string remark;
};

// Query and body of a webhook; nothing here needs an account. Reads JSON whatever the content type says, else a form.
// `event` is the one of the URL's path. INVALID_ARGUMENT for JSON that is broken where the query names no call,
// OUT_OF_RANGE for a body above 256 KiB, nested deeper than 32, or with more than 500 members.
absl::StatusOr<WebhookContent> ReadWebhook(std::string_view url, std::string_view body, std::string_view event,
                                           const std::vector<EventWord>& words);

// The body of a webhook that holds this notification alone, for one that told several.
std::string BodyOf(const Notification& notification);

}  // namespace trunkline::tracking
