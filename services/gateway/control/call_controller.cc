#include "services/gateway/control/call_controller.h"

#include <algorithm>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_status.h"
#include "services/gateway/accounts/plan_destinations.h"
#include "services/gateway/control/control_checks.h"
#include "services/gateway/request/provider_errors.h"

namespace trunkline::gateway {

using control::v1::Call;
using providers::Controlled;

absl::StatusOr<CarriedCall> CallController::FindLive(const std::string& business_id, const std::string& call_id) {
  TL_ASSIGN_OR_RETURN(const Call call, parts_.reader.Get(business_id, call_id));
  if (telephony::IsEnded(call.record().status())) {
    return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_CALL_ENDED,
                 Concat("call ", call_id, " has ended"), {{"call_id", call_id}});
  }
  return parts_.carriers.Of(business_id, call);
}

absl::Status CallController::Enter(const CallIdentity& call, const events::v1::CallEvent& fact) {
  if (const absl::Status noted = parts_.ledger.AddFact(call, fact, parts_.clock.Now()); !noted.ok()) {
    LogWarning("what a provider agreed to could not be noted", {{"call_id", call.call_id}, {"error", noted}});
    return Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE,
                 "the provider has agreed, but that could not be noted; ask again");
  }
  parts_.facts_added();
  return absl::OkStatus();
}

absl::StatusOr<Call> CallController::Control(const std::string& business_id, const std::string& call_id,
                                             const Change& change, const Question& question) {
  TL_ASSIGN_OR_RETURN(const CarriedCall carried, FindLive(business_id, call_id));
  return Ask(carried, change, question);
}

absl::StatusOr<Call> CallController::Ask(const CarriedCall& carried, const Change& change, const Question& question) {
  const absl::StatusOr<Controlled> controlled =
      parts_.requests.Ask(carried.identity, change.operation, [&] { return question(carried); });
  if (!controlled.ok()) return ProviderError(controlled.status(), change.doing);
  const bool was_held = carried.call.record().status() == calls::v1::CALL_STATUS_ON_HOLD;
  const events::v1::CallEventType fact =
      change.ends_hold && was_held ? events::v1::CALL_EVENT_TYPE_RESUMED : change.fact;
  if (controlled->provider_tells || fact == events::v1::CALL_EVENT_TYPE_UNSPECIFIED) return carried.call;
  TL_RETURN_IF_ERROR(Enter(carried.identity, ControlledFact(carried.identity, fact, parts_.clock.Now())));
  return parts_.reader.Get(carried.identity.business_id, carried.identity.call_id);
}

absl::StatusOr<Call> CallController::GivePlan(const std::string& business_id, const std::string& call_id,
                                              const plans::v1::CallPlan& plan, const Change& change,
                                              const Question& question) {
  TL_RETURN_IF_ERROR(CheckGivenPlan(plan));
  TL_ASSIGN_OR_RETURN(const CarriedCall carried, FindLive(business_id, call_id));
  // First, since the provider may ask for a step of the new plan before it answers.
  TL_ASSIGN_OR_RETURN(const std::optional<plans::v1::CallPlan> earlier,
                      parts_.plans.Give(business_id, call_id, plan, parts_.clock.Now()));
  absl::StatusOr<Call> call = Ask(carried, change, question);
  if (!call.ok()) {
    if (const absl::Status back = parts_.plans.TakeBack(business_id, call_id, plan, earlier); !back.ok()) {
      LogWarning("a plan that was not taken could not be taken back", {{"call_id", call_id}, {"error", back}});
    }
  }
  return call;
}

absl::Status CallController::CheckDestinations(const std::string& business_id, const plans::v1::CallPlan& plan) {
  TL_ASSIGN_OR_RETURN(const auto limits, parts_.accounts.LimitsOf(business_id));
  return CheckPlanDestinations(parts_.destinations, limits->destination_rules, plan);
}

absl::Status CallController::CheckDestination(const std::string& business_id, const std::string& number) {
  TL_ASSIGN_OR_RETURN(const auto limits, parts_.accounts.LimitsOf(business_id));
  return parts_.destinations.Check(number, limits->destination_rules);
}

absl::StatusOr<Call> CallController::Update(const std::string& business_id,
                                            const control::v1::UpdateCallRequest& request) {
  TL_RETURN_IF_ERROR(CheckDestinations(business_id, request.plan()));
  return GivePlan(business_id, request.call_id(), request.plan(),
                  {.operation = "update_call", .doing = "giving the call another plan", .ends_hold = true},
                  [&](const CarriedCall& carried) {
                    return carried.provider->Controls().Update(carried.account, carried.live, request.plan());
                  });
}

absl::StatusOr<Call> CallController::Answer(const std::string& business_id,
                                            const control::v1::AnswerCallRequest& request) {
  TL_RETURN_IF_ERROR(CheckDestinations(business_id, request.plan()));
  return GivePlan(business_id, request.call_id(), request.plan(),
                  {.operation = "answer", .doing = "answering the call", .fact = events::v1::CALL_EVENT_TYPE_ANSWERED},
                  [&](const CarriedCall& carried) {
                    return carried.provider->Controls().Answer(carried.account, carried.live, request.plan());
                  });
}

absl::StatusOr<Call> CallController::Hold(const std::string& business_id, const control::v1::HoldCallRequest& request) {
  TL_RETURN_IF_ERROR(CheckMusic(request.music_url()));
  return Control(business_id, request.call_id(),
                 {.operation = "hold", .doing = "putting the call on hold", .fact = events::v1::CALL_EVENT_TYPE_HELD},
                 [&](const CarriedCall& carried) {
                   return carried.provider->Controls().Hold(carried.account, carried.live, request.music_url());
                 });
}

absl::StatusOr<Call> CallController::Resume(const std::string& business_id, const std::string& call_id) {
  return Control(
      business_id, call_id,
      {.operation = "resume", .doing = "taking the call back from hold", .fact = events::v1::CALL_EVENT_TYPE_RESUMED},
      [](const CarriedCall& carried) { return carried.provider->Controls().Resume(carried.account, carried.live); });
}

absl::StatusOr<Call> CallController::Transfer(const std::string& business_id,
                                              const control::v1::TransferCallRequest& request) {
  TL_ASSIGN_OR_RETURN(const providers::TransferRequest transfer, CheckTransfer(request));
  if (transfer.target.starts_with('+')) TL_RETURN_IF_ERROR(CheckDestination(business_id, transfer.target));
  if (!transfer.caller_id.empty()) TL_RETURN_IF_ERROR(CheckOwnNumber(parts_.accounts, business_id, transfer.caller_id));
  // An attended transfer is one when it is completed.
  const auto fact =
      request.attended() ? events::v1::CALL_EVENT_TYPE_UNSPECIFIED : events::v1::CALL_EVENT_TYPE_TRANSFERRED;
  return Control(
      business_id, request.call_id(),
      {.operation = request.attended() ? "begin_transfer" : "transfer", .doing = "transferring the call", .fact = fact},
      [&](const CarriedCall& carried) {
        return carried.provider->Controls().Transfer(carried.account, carried.live, transfer);
      });
}

absl::StatusOr<Call> CallController::CompleteTransfer(const std::string& business_id, const std::string& call_id) {
  return Control(business_id, call_id,
                 {.operation = "complete_transfer",
                  .doing = "completing the transfer",
                  .fact = events::v1::CALL_EVENT_TYPE_TRANSFERRED},
                 [](const CarriedCall& carried) {
                   return carried.provider->Controls().CompleteTransfer(carried.account, carried.live);
                 });
}

absl::StatusOr<Call> CallController::CancelTransfer(const std::string& business_id, const std::string& call_id) {
  return Control(
      business_id, call_id,
      {.operation = "cancel_transfer", .doing = "giving the transfer up", .fact = events::v1::CALL_EVENT_TYPE_RESUMED},
      [](const CarriedCall& carried) {
        return carried.provider->Controls().CancelTransfer(carried.account, carried.live);
      });
}

absl::StatusOr<Call> CallController::JoinConference(const std::string& business_id,
                                                    const control::v1::JoinConferenceRequest& request) {
  TL_ASSIGN_OR_RETURN(const providers::ConferenceRequest conference, CheckConference(request));
  return Control(business_id, request.call_id(),
                 {.operation = "join_conference", .doing = "bringing the call into the conference", .ends_hold = true},
                 [&](const CarriedCall& carried) {
                   return carried.provider->Controls().JoinConference(carried.account, carried.live, conference);
                 });
}

absl::StatusOr<Call> CallController::SendDigits(const std::string& business_id,
                                                const control::v1::SendDigitsRequest& request) {
  TL_RETURN_IF_ERROR(CheckDigits(request.digits()));
  return Control(business_id, request.call_id(), {.operation = "send_digits", .doing = "sending the keys"},
                 [&](const CarriedCall& carried) {
                   return carried.provider->Controls().SendDigits(carried.account, carried.live, request.digits());
                 });
}

absl::StatusOr<Call> CallController::Play(const std::string& business_id,
                                          const control::v1::PlayMediaRequest& request) {
  TL_ASSIGN_OR_RETURN(const providers::PlayRequest play, CheckPlay(request));
  return Control(business_id, request.call_id(), {.operation = "play", .doing = "playing to the call"},
                 [&](const CarriedCall& carried) {
                   return carried.provider->Controls().Play(carried.account, carried.live, play);
                 });
}

absl::StatusOr<Call> CallController::StopPlaying(const std::string& business_id, const std::string& call_id) {
  return Control(business_id, call_id, {.operation = "stop_playing", .doing = "stopping what is played"},
                 [](const CarriedCall& carried) {
                   return carried.provider->Controls().StopPlaying(carried.account, carried.live);
                 });
}

absl::StatusOr<control::v1::StartRecordingResponse> CallController::StartRecording(const std::string& business_id,
                                                                                   const std::string& call_id) {
  TL_ASSIGN_OR_RETURN(const CarriedCall carried, FindLive(business_id, call_id));
  const absl::StatusOr<calls::v1::Recording> recording = parts_.requests.Ask(carried.identity, "start_recording", [&] {
    return carried.provider->Recordings().Start(carried.account, carried.live);
  });
  if (!recording.ok()) return ProviderError(recording.status(), "starting the recording");
  TL_RETURN_IF_ERROR(Enter(carried.identity, RecordingFact(carried.identity, *recording, parts_.clock.Now())));
  control::v1::StartRecordingResponse response;
  *response.mutable_recording() = *recording;
  TL_ASSIGN_OR_RETURN(*response.mutable_call(), parts_.reader.Get(business_id, call_id));
  return response;
}

absl::StatusOr<Call> CallController::StopRecording(const std::string& business_id,
                                                   const control::v1::StopRecordingRequest& request) {
  TL_ASSIGN_OR_RETURN(const CarriedCall carried, FindLive(business_id, request.call_id()));
  const absl::Status stopped = parts_.requests.Ask(carried.identity, "stop_recording", [&] {
    return carried.provider->Recordings().Stop(carried.account, carried.live, request.external_recording_id());
  });
  if (!stopped.ok()) return ProviderError(stopped, "stopping the recording");
  return carried.call;
}

absl::StatusOr<providers::ProviderCall> CallController::Fetch(const CarriedCall& carried) {
  absl::StatusOr<providers::ProviderCall> told = parts_.requests.Ask(carried.identity, "fetch_call", [&] {
    return carried.provider->Client().FetchCall(carried.account, carried.live.external_call_id);
  });
  if (!told.ok()) return ProviderError(told.status(), "asking for the call");
  TL_RETURN_IF_ERROR(Enter(carried.identity, ListedFact(carried.identity, told->event, parts_.clock.Now())));
  return told;
}

absl::StatusOr<Call> CallController::Sync(const std::string& business_id, const std::string& call_id) {
  TL_ASSIGN_OR_RETURN(const CarriedCall carried, parts_.carriers.Find(business_id, call_id));
  TL_RETURN_IF_ERROR(Fetch(carried).status());
  return parts_.reader.Get(business_id, call_id);
}

absl::StatusOr<control::v1::CallLife> CallController::Inquire(const std::string& business_id,
                                                              const std::string& call_id) {
  const absl::StatusOr<Call> call = parts_.reader.Get(business_id, call_id);
  // Nothing was committed for it, or it ended so long ago that it is gone.
  if (ReasonOf(call.status()) == Reason::REASON_CALL_NOT_FOUND) return control::v1::CALL_LIFE_ENDED;
  if (!call.ok()) return call.status();
  if (telephony::IsEnded(call->record().status())) return control::v1::CALL_LIFE_ENDED;
  TL_ASSIGN_OR_RETURN(const CarriedCall carried, parts_.carriers.Of(business_id, *call));
  TL_ASSIGN_OR_RETURN(const providers::ProviderCall told, Fetch(carried));
  return telephony::IsEnded(told.event.status()) ? control::v1::CALL_LIFE_ENDED : control::v1::CALL_LIFE_ALIVE;
}

}  // namespace trunkline::gateway
