// The records of one conversation, as three sides keep them.
//
//   tracked call     ours, of a tracking platform: it sent a caller on to a number
//   telephony call   ours, of the provider behind that number: the same caller came in
//   provider record  the provider's own, as its API tells now
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::tracking_sync {

struct ConversationSide {
  std::string call_id = {};           // ours; empty for a provider's record
  std::string account_id = {};        // provider_account_id
  std::string external_call_id = {};  // the platform's or provider's id
  std::string from = {};              // E.164; empty when withheld
  std::string to = {};                // E.164: of a tracked call the tracking number, else the number that was called
  std::string forwarded_to = {};      // of a tracked call: where it was sent on to
  absl::Time started_at = {};
  std::optional<absl::Time> ended_at = std::nullopt;
  bool is_over = true;
  bool was_answered = false;
  std::optional<int64_t> talk_seconds = std::nullopt;
  std::optional<calls::v1::Money> revenue = std::nullopt;
  std::optional<calls::v1::Money> payout = std::nullopt;
  std::optional<calls::v1::Money> cost = std::nullopt;
};

// Of a call record here.
ConversationSide SideOf(const calls::v1::CallRecord& record);

}  // namespace trunkline::tracking_sync
