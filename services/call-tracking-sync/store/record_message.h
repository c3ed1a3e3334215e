// A record that was read as the message that the normalizer takes.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "libs/tracking/platform_client.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::tracking_sync {

// `reading`: how many different readings of the call came before.
webhooks::v1::RawWebhook MessageOf(const tracking::Account& account, const tracking::PlatformCall& call,
                                   webhooks::v1::RecordReason reason, int64_t reading, absl::Time now);

// What this service itself found out about a call; `word` says what, for whoever reads the raw messages.
webhooks::v1::RawWebhook MessageOf(const tracking::Account& account, const events::v1::CallEvent& fact,
                                   std::string_view word, absl::Time now);

}  // namespace trunkline::tracking_sync
