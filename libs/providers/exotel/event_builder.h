// What all events of a webhook have in common: ids, time, and what most webhooks tell of their call.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/exotel/call_identity.h"
#include "libs/providers/exotel/status_mapping.h"
#include "libs/providers/exotel/webhook.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::providers::exotel {

using Events = std::vector<events::v1::CallEvent>;

class EventBuilder {
 public:
  EventBuilder(const Webhook& webhook, CallIdentity identity)
      : webhook_(webhook), identity_(std::move(identity)), occurred_at_(OccurredAt(webhook)) {}

  // An event of this type at the webhook's time. A webhook tells at most one event of a type.
  events::v1::CallEvent New(events::v1::CallEventType type) const;
  // One with a status.
  events::v1::CallEvent New(events::v1::CallEventType type, calls::v1::CallStatus status) const;
  // The end of the call, with its error when it failed.
  events::v1::CallEvent End(const MappedEnd& end, std::string_view provider_status) const;
  // Adds that the recording of the webhook is ready, when it names one.
  void AddRecording(absl::Duration duration, Events* events) const;

  const Webhook& webhook() const { return webhook_; }
  const CallIdentity& identity() const { return identity_; }

  // A parameter that is a whole number of at least 0; JSON's may be text.
  std::optional<int64_t> Number(std::string_view name) const;
  // A parameter as text that can be stored.
  std::string Text(std::string_view name) const;
  std::optional<absl::Time> Time(std::string_view name) const { return ParseTime(webhook_.Get(name), webhook_.rules); }

 private:
  static absl::Time OccurredAt(const Webhook& webhook);
  std::string EventId(events::v1::CallEventType type) const;
  void SetParties(calls::v1::CallDetails* details) const;

  const Webhook& webhook_;
  CallIdentity identity_;
  absl::Time occurred_at_;
};

// What each kind of webhook tells, one source file each.
Events EventsOfStatus(const EventBuilder& builder);
Events EventsOfPassthru(const EventBuilder& builder);
Events EventsOfPopup(const EventBuilder& builder);
Events EventsOfCampaign(const EventBuilder& builder);

}  // namespace trunkline::providers::exotel
