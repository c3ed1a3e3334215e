#include "libs/tracking/call_mapper.h"

#include <optional>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/call_events.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/notification.h"

namespace trunkline::tracking {

using events::v1::CallEvent;

CallMapper::CallMapper(PlatformReading reading) : reading_(std::move(reading)) {}

absl::StatusOr<std::vector<CallEvent>> CallMapper::Map(const webhooks::v1::RawWebhook& raw) const {
  if (raw.has_record()) return MapRecord(raw);
  if (raw.has_http()) return MapWebhook(raw);
  return absl::InvalidArgumentError("the message is neither a record nor a webhook");
}

absl::StatusOr<std::vector<CallEvent>> CallMapper::MapRecord(const webhooks::v1::RawWebhook& raw) const {
  const std::optional<nlohmann::json> object = ParseExactJson(raw.record().body());
  if (!object.has_value()) return absl::InvalidArgumentError("the record is no JSON");
  if (!raw.record().has_requested_at()) return absl::InvalidArgumentError("requested_at is missing");
  TL_ASSIGN_OR_RETURN(TrackedCall call, reading_.read_call(*object, Extent::kRecord));
  if (!raw.currency().empty()) call.currency = raw.currency();
  const CallPlace place{std::string(reading_.platform), raw.provider_account_id()};
  return EventsOfRecord(place, call,
                        {.requested_at = telephony::FromProto(raw.record().requested_at()),
                         .number = raw.record().reading(),
                         .answers_webhook = raw.record().reason() == webhooks::v1::RECORD_REASON_WEBHOOK});
}

TrackedCall CallMapper::ReadNotification(const Notification& notification) const {
  absl::StatusOr<TrackedCall> call = absl::NotFoundError("no call object");
  if (notification.is_call_object) call = reading_.read_call(notification.members, Extent::kNotification);
  if (!call.ok()) return reading_.read_parameters(notification.members, notification.external_id, notification.event);
  // The one word on which call it is, for the receiver and here.
  call->external_id = notification.external_id;
  return *std::move(call);
}

absl::StatusOr<std::vector<CallEvent>> CallMapper::MapWebhook(const webhooks::v1::RawWebhook& raw) const {
  std::vector<CallEvent> events;
  if (raw.hint_only()) return events;
  TL_ASSIGN_OR_RETURN(const WebhookContent content,
                      ReadWebhook(raw.http().url(), raw.http().body(), raw.event(), reading_.words));
  const CallPlace place{std::string(reading_.platform), raw.provider_account_id()};
  const absl::Time received_at = telephony::FromProto(raw.received_at());
  for (const Notification& notification : content.notifications) {
    // Each call of a webhook that told several has a message of its own.
    if (!raw.call_id().empty() && place.CallIdOf(notification.external_id) != raw.call_id()) continue;
    TrackedCall call = ReadNotification(notification);
    if (!raw.currency().empty()) call.currency = raw.currency();
    if (notification.event == NotifiedEvent::kConverted) call.converted = Told<bool>::Of(true);
    const std::string digest = HexEncode(Sha256(Concat(notification.word, '\n', WriteJson(notification.members))));
    for (CallEvent& event : EventsOfNotification(place, call, notification.event, digest, received_at)) {
      events.push_back(std::move(event));
    }
  }
  return events;
}

}  // namespace trunkline::tracking
