// What all events of a webhook have in common: ids, time, and what most webhooks tell of their call.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/plivo/call_identity.h"
#include "libs/providers/plivo/webhook.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::providers::plivo {

using Events = std::vector<events::v1::CallEvent>;

class EventBuilder {
 public:
  EventBuilder(const Webhook& webhook, CallIdentity identity) : webhook_(webhook), identity_(std::move(identity)) {}

  // An event of this type. A webhook tells at most one event of a type. Most webhooks have no time: then it is ours.
  events::v1::CallEvent New(events::v1::CallEventType type, std::optional<absl::Time> occurred_at = std::nullopt) const;
  // An UPDATED event, for what is no step in the call's life.
  events::v1::CallEvent Update() const { return New(events::v1::CALL_EVENT_TYPE_UPDATED); }

  const Webhook& webhook() const { return webhook_; }
  const CallIdentity& identity() const { return identity_; }

  // A parameter that is a whole number of at least 0.
  std::optional<int64_t> Number(std::string_view name) const;
  // A parameter as text that can be stored.
  std::string Text(std::string_view name) const;

 private:
  std::string EventId(events::v1::CallEventType type) const;

  const Webhook& webhook_;
  CallIdentity identity_;
};

// Tells that the call is answered when a webhook in the middle of a call shows it in progress. Nothing else says so of
// an inbound call before it has ended.
void SetAnsweredIfInProgress(const EventBuilder& builder, events::v1::CallEvent* event);

}  // namespace trunkline::providers::plivo
