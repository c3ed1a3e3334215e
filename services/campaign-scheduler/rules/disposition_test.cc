#include "services/campaign-scheduler/rules/disposition.h"

#include <gtest/gtest.h>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "services/campaign-scheduler/rules/attempt_id.h"
#include "services/campaign-scheduler/rules/campaign_state.h"

namespace trunkline::scheduler {
namespace {

using calls::v1::CallRecord;

CallRecord Ended(calls::v1::CallStatus status, calls::v1::HangupCause cause = calls::v1::HANGUP_CAUSE_UNSPECIFIED) {
  CallRecord call;
  call.set_status(status);
  call.mutable_hangup()->set_cause(cause);
  return call;
}

TEST(DispositionTest, ACallThatGoesOnHasNone) {
  for (const calls::v1::CallStatus status :
       {calls::v1::CALL_STATUS_UNSPECIFIED, calls::v1::CALL_STATUS_INITIATED, calls::v1::CALL_STATUS_RINGING,
        calls::v1::CALL_STATUS_ANSWERED, calls::v1::CALL_STATUS_ON_HOLD, calls::v1::CALL_STATUS_TRANSFERRED}) {
    EXPECT_EQ(DispositionOf(Ended(status)), v1::DISPOSITION_UNSPECIFIED) << status;
  }
}

TEST(DispositionTest, EachEndHasItsDisposition) {
  using calls::v1::CALL_STATUS_FAILED;
  using calls::v1::CALL_STATUS_NO_ANSWER;
  EXPECT_EQ(DispositionOf(Ended(calls::v1::CALL_STATUS_COMPLETED)), v1::DISPOSITION_CONNECTED);
  EXPECT_EQ(DispositionOf(Ended(calls::v1::CALL_STATUS_BUSY)), v1::DISPOSITION_BUSY);
  EXPECT_EQ(DispositionOf(Ended(CALL_STATUS_NO_ANSWER)), v1::DISPOSITION_NO_ANSWER);
  EXPECT_EQ(DispositionOf(Ended(CALL_STATUS_NO_ANSWER, calls::v1::HANGUP_CAUSE_TIMEOUT)), v1::DISPOSITION_NO_ANSWER);
  EXPECT_EQ(DispositionOf(Ended(CALL_STATUS_NO_ANSWER, calls::v1::HANGUP_CAUSE_REJECTED)), v1::DISPOSITION_REJECTED);
  EXPECT_EQ(DispositionOf(Ended(calls::v1::CALL_STATUS_CANCELED)), v1::DISPOSITION_CANCELED);
  EXPECT_EQ(DispositionOf(Ended(CALL_STATUS_FAILED)), v1::DISPOSITION_FAILED);
  EXPECT_EQ(DispositionOf(Ended(CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR)), v1::DISPOSITION_FAILED);
  EXPECT_EQ(DispositionOf(Ended(CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_BUSY)), v1::DISPOSITION_BUSY);
  EXPECT_EQ(DispositionOf(Ended(CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_INVALID_NUMBER)),
            v1::DISPOSITION_INVALID_NUMBER);
  EXPECT_EQ(DispositionOf(Ended(CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_UNREACHABLE)), v1::DISPOSITION_UNREACHABLE);
}

TEST(DispositionTest, WhereNoCauseIsToldTheErrorTells) {
  CallRecord call = Ended(calls::v1::CALL_STATUS_FAILED);
  call.mutable_error()->set_code(calls::v1::CALL_ERROR_CODE_INVALID_NUMBER);
  EXPECT_EQ(DispositionOf(call), v1::DISPOSITION_INVALID_NUMBER);
  call.mutable_error()->set_code(calls::v1::CALL_ERROR_CODE_REJECTED);
  EXPECT_EQ(DispositionOf(call), v1::DISPOSITION_REJECTED);
  call.mutable_error()->set_code(calls::v1::CALL_ERROR_CODE_UNAVAILABLE);
  EXPECT_EQ(DispositionOf(call), v1::DISPOSITION_FAILED);
}

TEST(DispositionTest, AMachineCountsAsReachedOnlyWhereNobodyListensForMachines) {
  CallRecord call = Ended(calls::v1::CALL_STATUS_COMPLETED);
  for (const calls::v1::AnsweredBy machine : {calls::v1::ANSWERED_BY_MACHINE, calls::v1::ANSWERED_BY_FAX}) {
    call.mutable_details()->set_answered_by(machine);
    EXPECT_EQ(DispositionOf(call), v1::DISPOSITION_MACHINE);
  }
  EXPECT_EQ(UnderPolicy(v1::DISPOSITION_MACHINE, v1::MACHINE_POLICY_UNSPECIFIED), v1::DISPOSITION_CONNECTED);
  for (const v1::MachinePolicy policy :
       {v1::MACHINE_POLICY_GO_ON, v1::MACHINE_POLICY_HANG_UP, v1::MACHINE_POLICY_LEAVE_MESSAGE}) {
    EXPECT_EQ(UnderPolicy(v1::DISPOSITION_MACHINE, policy), v1::DISPOSITION_MACHINE);
    EXPECT_EQ(UnderPolicy(v1::DISPOSITION_BUSY, policy), v1::DISPOSITION_BUSY);
  }
  call.mutable_details()->set_answered_by(calls::v1::ANSWERED_BY_UNKNOWN);
  EXPECT_EQ(DispositionOf(call), v1::DISPOSITION_CONNECTED);
}

TEST(DispositionTest, APersonWhoFoundNobodyThereWasAbandoned) {
  CallRecord queued = Ended(calls::v1::CALL_STATUS_COMPLETED);
  queued.mutable_details()->set_waited_in_queue(true);
  EXPECT_EQ(DispositionOf(queued), v1::DISPOSITION_ABANDONED);
  queued.mutable_details()->set_bridged(true);
  EXPECT_EQ(DispositionOf(queued), v1::DISPOSITION_CONNECTED);
  CallRecord dialed = Ended(calls::v1::CALL_STATUS_COMPLETED);
  dialed.mutable_details()->set_dialed_leg_status(calls::v1::CALL_STATUS_NO_ANSWER);
  EXPECT_EQ(DispositionOf(dialed), v1::DISPOSITION_ABANDONED);
  dialed.mutable_details()->set_dialed_leg_status(calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_EQ(DispositionOf(dialed), v1::DISPOSITION_CONNECTED);
  dialed.mutable_details()->set_answered_by(calls::v1::ANSWERED_BY_MACHINE);
  dialed.mutable_details()->set_dialed_leg_status(calls::v1::CALL_STATUS_NO_ANSWER);
  EXPECT_EQ(DispositionOf(dialed), v1::DISPOSITION_MACHINE) << "a machine is not a person";
}

TEST(DispositionTest, NamesAreLowerCaseAndWithoutThePrefix) {
  EXPECT_EQ(DispositionName(v1::DISPOSITION_NO_ANSWER), "no_answer");
  EXPECT_EQ(DispositionName(v1::DISPOSITION_UNSPECIFIED), "");
  EXPECT_EQ(DispositionName(static_cast<v1::Disposition>(77)), "");
}

TEST(CampaignStateTest, OnlyLegalTransitionsAreLegal) {
  const std::string legal =
      "draft>scheduled draft>running draft>cancelled scheduled>draft scheduled>running scheduled>cancelled "
      "scheduled>failed running>paused running>completed running>cancelled running>failed paused>running "
      "paused>cancelled ";
  std::string found;
  for (int from = 0; from <= v1::CampaignState_MAX; ++from) {
    for (int to = 0; to <= v1::CampaignState_MAX; ++to) {
      const auto a = static_cast<v1::CampaignState>(from);
      const auto b = static_cast<v1::CampaignState>(to);
      EXPECT_EQ(CheckTransition(a, b).ok(), IsLegalTransition(a, b));
      if (IsLegalTransition(a, b)) found += StateName(a) + ">" + StateName(b) + " ";
      EXPECT_FALSE(IsLegalTransition(a, b) && IsFinal(a));
    }
  }
  EXPECT_EQ(found, legal);
}

TEST(CampaignStateTest, AnIllegalOneTellsWhatWouldBeLegal) {
  const absl::Status paused = CheckTransition(v1::CAMPAIGN_STATE_PAUSED, v1::CAMPAIGN_STATE_COMPLETED);
  EXPECT_EQ(paused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(paused), Reason::REASON_ILLEGAL_TRANSITION);
  EXPECT_EQ(paused.message(), "the campaign is paused and cannot become completed; it can become running, cancelled");
  EXPECT_EQ(CheckTransition(v1::CAMPAIGN_STATE_COMPLETED, v1::CAMPAIGN_STATE_RUNNING).message(),
            "the campaign is completed and cannot become running; nothing changes that any more: clone it");
}

TEST(AttemptIdTest, FollowsFromContactAndNumber) {
  const std::string contact = "0190b2c3-0000-7000-8000-000000000001";
  EXPECT_EQ(AttemptIdOf(contact, 1), AttemptIdOf(contact, 1));
  EXPECT_NE(AttemptIdOf(contact, 1), AttemptIdOf(contact, 2));
  EXPECT_NE(AttemptIdOf(contact, 1), AttemptIdOf("0190b2c3-0000-7000-8000-000000000002", 1));
  EXPECT_TRUE(IsUuid(AttemptIdOf(contact, 11)));
  // Another one would dial again what an older release had dialled.
  EXPECT_EQ(AttemptIdOf(contact, 1), "cdf31a3d-316a-525f-8cf0-25dff66eb728");
}

}  // namespace
}  // namespace trunkline::scheduler
