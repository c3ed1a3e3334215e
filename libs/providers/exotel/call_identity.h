// Which call a webhook is about. The receiver and the mapper both ask here, so that they cannot disagree.
//
// - The call that our URL names, else the one that our CustomField names.
// - Of a bulk that URL or CustomField names: the call to the dialled number.
// - Any other: the id that follows from Exotel's.
// - A campaign's own news is about no call; it is kept under an id of the campaign.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/providers/exotel/webhook.h"

namespace trunkline::providers::exotel {

struct CallIdentity {
  std::string call_id;
  std::string external_call_id;
  bool placed_by_us = false;
};

// INVALID_ARGUMENT when the webhook names no call.
absl::StatusOr<CallIdentity> IdentifyCall(const Webhook& webhook);

// What is given to Exotel as CustomField. The mark keeps it apart from what others write there. For a bulk it names the
// ExoPhone too: an applet tells two numbers, of which the other one was dialled.
std::string CustomFieldOfCall(std::string_view call_id);
std::string CustomFieldOfBulk(std::string_view bulk_id, std::string_view exophone);
// Reads it back: empty for anything else.
std::string CallIdOfCustomField(std::string_view custom_field);

// Exotel's id of a call, or nothing when it is none.
std::string SidOrEmpty(std::string_view text);

}  // namespace trunkline::providers::exotel
