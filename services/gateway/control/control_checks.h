// The fields of the requests that control a call in progress. INVALID_ARGUMENT that names every wrong field.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/providers/call_controls.h"
#include "services/gateway/accounts/account_directory.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::gateway {

// A plan for a call in progress; it must say something.
absl::Status CheckGivenPlan(const plans::v1::CallPlan& plan);
// Empty, or an http(s) URL.
absl::Status CheckMusic(std::string_view url);
absl::StatusOr<providers::TransferRequest> CheckTransfer(const control::v1::TransferCallRequest& request);
absl::StatusOr<providers::ConferenceRequest> CheckConference(const control::v1::JoinConferenceRequest& request);
absl::Status CheckDigits(std::string_view digits);
absl::StatusOr<providers::PlayRequest> CheckPlay(const control::v1::PlayMediaRequest& request);

// FAILED_PRECONDITION NUMBER_NOT_OWNED unless it is one of the business's numbers, over whichever account.
absl::Status CheckOwnNumber(AccountDirectory& accounts, const std::string& business_id, const std::string& number);

}  // namespace trunkline::gateway
