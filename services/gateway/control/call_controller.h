// Controls calls in progress: asks the provider, and enters the fact that follows when the provider does not tell of it
// by itself.
//
// The errors are those that CallControlService promises.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "services/gateway/accounts/destination_policy.h"
#include "services/gateway/calls/call_plan_store.h"
#include "services/gateway/calls/provider_requests.h"
#include "services/gateway/control/call_carrier.h"
#include "services/gateway/dialing/dial_ledger.h"
#include "trunkline/control/v1/call_inquiry_service.pb.h"

namespace trunkline::gateway {

class CallController {
 public:
  struct Parts {  // all of them outlive the object
    CallCarriers& carriers;
    CallReader& reader;
    DialLedger& ledger;
    CallPlanStore& plans;
    AccountDirectory& accounts;
    const DestinationPolicy& destinations;
    ProviderRequests& requests;
    const Clock& clock;
    std::function<void()> facts_added;
  };

  explicit CallController(Parts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<control::v1::Call> Update(const std::string& business_id,
                                           const control::v1::UpdateCallRequest& request);
  absl::StatusOr<control::v1::Call> Answer(const std::string& business_id,
                                           const control::v1::AnswerCallRequest& request);
  absl::StatusOr<control::v1::Call> Hold(const std::string& business_id, const control::v1::HoldCallRequest& request);
  absl::StatusOr<control::v1::Call> Resume(const std::string& business_id, const std::string& call_id);
  absl::StatusOr<control::v1::Call> Transfer(const std::string& business_id,
                                             const control::v1::TransferCallRequest& request);
  absl::StatusOr<control::v1::Call> CompleteTransfer(const std::string& business_id, const std::string& call_id);
  absl::StatusOr<control::v1::Call> CancelTransfer(const std::string& business_id, const std::string& call_id);
  absl::StatusOr<control::v1::Call> JoinConference(const std::string& business_id,
                                                   const control::v1::JoinConferenceRequest& request);
  absl::StatusOr<control::v1::Call> SendDigits(const std::string& business_id,
                                               const control::v1::SendDigitsRequest& request);
  absl::StatusOr<control::v1::Call> Play(const std::string& business_id, const control::v1::PlayMediaRequest& request);
  absl::StatusOr<control::v1::Call> StopPlaying(const std::string& business_id, const std::string& call_id);
  absl::StatusOr<control::v1::StartRecordingResponse> StartRecording(const std::string& business_id,
                                                                     const std::string& call_id);
  absl::StatusOr<control::v1::Call> StopRecording(const std::string& business_id,
                                                  const control::v1::StopRecordingRequest& request);
  // Asks the provider for the call's state and enters it.
  absl::StatusOr<control::v1::Call> Sync(const std::string& business_id, const std::string& call_id);
  // Whether the call goes on: known, or asked of the provider and entered. Its errors mean that nobody can tell now.
  absl::StatusOr<control::v1::CallLife> Inquire(const std::string& business_id, const std::string& call_id);

 private:
  // What is asked of the provider about a call.
  using Question = std::function<absl::StatusOr<providers::Controlled>(const CarriedCall&)>;
  struct Change {
    std::string_view operation;                                                // "hold", for metrics and timeline
    std::string_view doing;                                                    // "putting the call on hold", for errors
    events::v1::CallEventType fact = events::v1::CALL_EVENT_TYPE_UNSPECIFIED;  // entered unless the provider tells
    bool ends_hold = false;                                                    // what it does takes the place of a hold
  };

  // PERMISSION_DENIED DESTINATION_BLOCKED when the plan, or the call that goes on, would call where none may go.
  absl::Status CheckDestinations(const std::string& business_id, const plans::v1::CallPlan& plan);
  absl::Status CheckDestination(const std::string& business_id, const std::string& number);
  absl::StatusOr<CarriedCall> FindLive(const std::string& business_id, const std::string& call_id);
  absl::StatusOr<control::v1::Call> Control(const std::string& business_id, const std::string& call_id,
                                            const Change& change, const Question& question);
  absl::StatusOr<control::v1::Call> Ask(const CarriedCall& carried, const Change& change, const Question& question);
  // Stores the plan for the call's further steps, unless the provider refuses.
  absl::StatusOr<control::v1::Call> GivePlan(const std::string& business_id, const std::string& call_id,
                                             const plans::v1::CallPlan& plan, const Change& change,
                                             const Question& question);
  absl::Status Enter(const CallIdentity& call, const events::v1::CallEvent& fact);
  // What the provider tells of the call, entered.
  absl::StatusOr<providers::ProviderCall> Fetch(const CarriedCall& carried);

  Parts parts_;
};

}  // namespace trunkline::gateway
