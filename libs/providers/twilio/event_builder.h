// What all events of a webhook have in common: ids, time, and what most webhooks tell of their call.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/twilio/call_identity.h"
#include "libs/providers/twilio/status_mapping.h"
#include "libs/providers/twilio/webhook.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::providers::twilio {

using Events = std::vector<events::v1::CallEvent>;

class EventBuilder {
 public:
  EventBuilder(const Webhook& webhook, CallIdentity identity)
      : webhook_(webhook), identity_(std::move(identity)), occurred_at_(OccurredAt(webhook)) {}

  // An event of this type at the webhook's time. A webhook tells at most one event of a type.
  events::v1::CallEvent New(events::v1::CallEventType type) const;
  // An UPDATED event, for what is no step in the call's life.
  events::v1::CallEvent Update() const { return New(events::v1::CALL_EVENT_TYPE_UPDATED); }

  const Webhook& webhook() const { return webhook_; }
  const CallIdentity& identity() const { return identity_; }
  absl::Time occurred_at() const { return occurred_at_; }

  // CallStatus with all that decides its meaning; nothing when it is missing or not known.
  std::optional<MappedStatus> Status() const;
  // A parameter that is a whole number of at least 0.
  std::optional<int64_t> Number(std::string_view name) const;
  // A parameter as text that can be stored.
  std::string Text(std::string_view name) const;

 private:
  static absl::Time OccurredAt(const Webhook& webhook);
  std::string EventId(events::v1::CallEventType type) const;

  const Webhook& webhook_;
  CallIdentity identity_;
  absl::Time occurred_at_;
};

// Tells that the call is answered when a webhook in the middle of a call shows it in progress. Its end is left to the
// status callback, which knows when it was; and a caller who waits in a queue is in progress too.
void SetAnsweredIfInProgress(const EventBuilder& builder, events::v1::CallEvent* event);

// Sets event.error when the webhook has an ErrorCode.
void SetErrorIfTold(const EventBuilder& builder, events::v1::CallEvent* event);

}  // namespace trunkline::providers::twilio
