// The mapper of a call-tracking platform, of its two functions that read.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/providers/webhook_mapper.h"
#include "libs/tracking/notified_event.h"
#include "libs/tracking/object_reader.h"
#include "libs/tracking/tracked_call.h"

namespace trunkline::tracking {

struct Notification;

// Both are pure.
struct PlatformReading {
  std::string_view platform;
  int version = 1;  // grows when the same bytes map to something else than before
  std::vector<EventWord> words;
  // What a call object tells. INVALID_ARGUMENT when it has no id.
  absl::StatusOr<TrackedCall> (*read_call)(const nlohmann::json& call, Extent extent) = nullptr;
  // What the flat parameters of a webhook tell of the call with the id.
  TrackedCall (*read_parameters)(const nlohmann::json& parameters, std::string_view external_id,
                                 NotifiedEvent event) = nullptr;
};

class CallMapper final : public providers::WebhookMapper {
 public:
  explicit CallMapper(PlatformReading reading);

  int Version() const override { return reading_.version; }
  absl::StatusOr<std::vector<events::v1::CallEvent>> Map(const webhooks::v1::RawWebhook& raw) const override;

 private:
  absl::StatusOr<std::vector<events::v1::CallEvent>> MapRecord(const webhooks::v1::RawWebhook& raw) const;
  absl::StatusOr<std::vector<events::v1::CallEvent>> MapWebhook(const webhooks::v1::RawWebhook& raw) const;

  TrackedCall ReadNotification(const Notification& notification) const;

  PlatformReading reading_;
};

}  // namespace trunkline::tracking
