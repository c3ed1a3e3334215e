// Calls that need more than one attempt because of their account.
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/gateway/calls/call_timeline.h"
#include "services/gateway/dialing/bulk_dialer.h"
#include "services/gateway/dialing/dial_pipeline.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using calls::v1::CallErrorCode;
using control::v1::Call;
using providers::DialOutcome;

constexpr char kBackupNumber[] = "+12025550111";

DialOutcome Rejected(CallErrorCode code) {
  DialOutcome outcome{.kind = DialOutcome::Kind::kRejected, .external_call_id = {}, .error = {}};
  outcome.error.set_code(code);
  outcome.error.set_message("no");
  return outcome;
}

class FailoverTest : public GatewayFixture {
 protected:
  FailoverTest() : backup_(AddAccount(kOurs, kBackupNumber)) {
    const absl::Status set = SetOrder({backup_});
    EXPECT_TRUE(set.ok()) << set;
    client_.on_place = [this](const providers::DialRequest& request) {
      const std::string account = client_.account().id;
      asked_.push_back(account == our_account_ ? "first" : "backup");
      shown_.push_back(request.options.from);
      if (account == our_account_) return first_;
      return DialOutcome{
          .kind = DialOutcome::Kind::kPlaced, .external_call_id = Concat("at-backup-", asked_.size()), .error = {}};
    };
  }

  absl::Status SetOrder(const std::vector<std::string>& order) {
    accounts::v1::UpdateProviderAccountRequest request;
    request.mutable_account()->set_provider_account_id(our_account_);
    request.mutable_account()->set_is_default(true);
    for (const std::string& id : order) request.mutable_account()->add_failover_account_ids(id);
    request.mutable_update_mask()->add_paths("failover_account_ids");
    request.mutable_update_mask()->add_paths("is_default");
    return account_commands_.Update(CallerOf(kOurs), request).status();
  }
  void LimitFirst(int per_minute) {
    Run(Concat("UPDATE telephony_providers SET calls_per_minute = ", per_minute, " WHERE provider_account_id = '",
               our_account_, "'"));
    directory_.Invalidate();
  }

  const std::string backup_;
  DialOutcome first_ = Rejected(calls::v1::CALL_ERROR_CODE_RATE_LIMITED);
  std::vector<std::string> asked_;
  std::vector<std::string> shown_;
};

TEST_F(FailoverTest, ACallThatCertainlyWasNotPlacedGoesOverTheNextAccount) {
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_THAT(asked_, ElementsAre("first", "backup"));
  EXPECT_THAT(shown_, ElementsAre(kOurNumber, kBackupNumber));
  EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_PLACED);
  EXPECT_EQ(call->record().status(), calls::v1::CALL_STATUS_INITIATED);
  EXPECT_EQ(call->record().details().provider_account_id(), backup_);
  EXPECT_EQ(call->record().details().from(), kBackupNumber);
  EXPECT_EQ(call->record().details().external_call_id(), "at-backup-2");

  ASSERT_EQ(call->dial().attempts_size(), 2);
  const control::v1::DialAttempt& first = call->dial().attempts(0);
  EXPECT_EQ(first.number(), 1);
  EXPECT_EQ(first.provider_account_id(), our_account_);
  EXPECT_EQ(first.state(), control::v1::DIAL_STATE_REJECTED);
  EXPECT_EQ(first.resolved_by(), "reply");
  EXPECT_EQ(first.error().code(), calls::v1::CALL_ERROR_CODE_RATE_LIMITED);
  const control::v1::DialAttempt& second = call->dial().attempts(1);
  EXPECT_EQ(second.number(), 2);
  EXPECT_EQ(second.provider_account_id(), backup_);
  EXPECT_EQ(second.state(), control::v1::DIAL_STATE_PLACED);

  EXPECT_EQ(Read(call->record().call_id()).SerializeAsString(), call->SerializeAsString());
  const auto listed = reader_.List(kOurs, {});
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->calls_size(), 1);
  EXPECT_EQ(listed->calls(0).dial().attempts_size(), 2);
}

TEST_F(FailoverTest, EachAttemptIsAnEventAndTheirMergeIsTheSameInAnyOrder) {
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  auto messages = Outbox();
  ASSERT_THAT(messages, SizeIs(4));
  EXPECT_EQ(messages[0].fact().type(), events::v1::CALL_EVENT_TYPE_REQUESTED);
  EXPECT_EQ(messages[1].fact().type(), events::v1::CALL_EVENT_TYPE_DIAL_PROBLEM);
  EXPECT_EQ(messages[1].fact().status(), calls::v1::CALL_STATUS_UNSPECIFIED);
  EXPECT_EQ(messages[1].fact().error().code(), calls::v1::CALL_ERROR_CODE_RATE_LIMITED);
  EXPECT_EQ(messages[1].fact().details().provider_account_id(), our_account_);
  EXPECT_EQ(messages[1].fact().sequence(), 1);
  EXPECT_EQ(messages[2].fact().type(), events::v1::CALL_EVENT_TYPE_UPDATED);
  EXPECT_EQ(messages[2].fact().details().provider_account_id(), backup_);
  EXPECT_EQ(messages[2].fact().sequence(), 2);
  std::set<std::string> ids;
  std::vector<events::v1::CallEvent> facts;
  for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
    ids.insert(message->fact().event_id());
    facts.push_back(message->fact());
  }
  EXPECT_THAT(ids, SizeIs(4));
  Normalize(facts);
  EXPECT_EQ(Read(call->record().call_id()).record().SerializeAsString(), call->record().SerializeAsString());
}

TEST_F(FailoverTest, TheTimelineTellsOfEachAttempt) {
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  CallTimeline timeline(pool_, reader_);
  const auto told = timeline.Of(kOurs, call->record().call_id());
  ASSERT_TRUE(told.ok()) << told.status();
  std::vector<std::string> accounts;
  for (const auto& entry : told->entries()) {
    if (entry.step() == control::v1::TIMELINE_STEP_INTENT)
      accounts.push_back(entry.details().at("provider_account_id"));
  }
  EXPECT_THAT(accounts, ElementsAre(our_account_, backup_));
}

TEST_F(FailoverTest, WhatIsInDoubtIsNeverTriedElsewhere) {
  first_ = DialOutcome();
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  EXPECT_THAT(asked_, ElementsAre("first"));
  clock_.Advance(absl::Minutes(10));
  Reconcile();
  EXPECT_EQ(Read(call->record().call_id()).dial().state(), control::v1::DIAL_STATE_NOT_PLACED);
  EXPECT_THAT(asked_, ElementsAre("first"));
}

TEST_F(FailoverTest, OnlyWhatAnotherAccountCanMendGoesOver) {
  const std::set<CallErrorCode> mendable = {calls::v1::CALL_ERROR_CODE_RATE_LIMITED,
                                            calls::v1::CALL_ERROR_CODE_UNAVAILABLE,
                                            calls::v1::CALL_ERROR_CODE_UNAUTHORIZED};
  for (int i = 0; i <= calls::v1::CallErrorCode_MAX; ++i) {
    const auto code = static_cast<CallErrorCode>(i);
    const size_t before = asked_.size();
    first_ = Rejected(code);
    const auto call = Place(Request());
    ASSERT_TRUE(call.ok()) << call.status();
    EXPECT_EQ(asked_.size() - before, mendable.contains(code) ? 2 : 1) << calls::v1::CallErrorCode_Name(code);
    if (!mendable.contains(code)) {
      EXPECT_EQ(call->record().status(), calls::v1::CALL_STATUS_FAILED);
    }
  }
}

TEST_F(FailoverTest, WithoutAnOrderARefusalIsFinal) {
  ASSERT_TRUE(SetOrder({}).ok());
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_REJECTED);
  ASSERT_EQ(call->dial().attempts_size(), 1);
  EXPECT_EQ(call->dial().attempts(0).error().code(), calls::v1::CALL_ERROR_CODE_RATE_LIMITED);
  EXPECT_THAT(asked_, ElementsAre("first"));
}

TEST_F(FailoverTest, AnAccountThatRestsIsPassedOver) {
  for (int i = 0; i < 10; ++i) guard_.Note(our_account_, DialOutcome());
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_THAT(asked_, ElementsAre("backup"));
  ASSERT_EQ(call->dial().attempts_size(), 2);
  EXPECT_EQ(call->dial().attempts(0).resolved_by(), "passed_over");
  EXPECT_EQ(call->dial().attempts(0).error().code(), calls::v1::CALL_ERROR_CODE_UNAVAILABLE);
  EXPECT_EQ(call->record().details().provider_account_id(), backup_);
  EXPECT_THAT(Outbox(), SizeIs(4));
}

TEST_F(FailoverTest, AnAccountWhoseRateIsUsedUpIsPassedOver) {
  first_ = DialOutcome{.kind = DialOutcome::Kind::kPlaced, .external_call_id = "at-first", .error = {}};
  LimitFirst(1);
  ASSERT_TRUE(Place(Request()).ok());
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_THAT(asked_, ElementsAre("first", "backup"));
  EXPECT_EQ(call->dial().attempts(0).error().code(), calls::v1::CALL_ERROR_CODE_RATE_LIMITED);
  EXPECT_THAT(call->dial().attempts(0).error().message(), HasSubstr("calls_per_minute"));
}

// An admission where some have no call left.
class FullAdmission final : public Admission {
 public:
  absl::Status Acquire(const AdmissionRequest& request) override {
    asked.push_back(request.provider_account_id);
    const auto full = levels.find(request.provider_account_id);
    if (full == levels.end()) return absl::OkStatus();
    return WithRetryAfter(
        Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "full", {{"levels", full->second}}),
        absl::Seconds(1));
  }
  void Release(const AdmissionRequest& request) override { released.push_back(request.provider_account_id); }
  void NoteRefusal(const std::string& /*business_id*/, const std::string& /*provider_account_id*/) override {}

  std::map<std::string, std::string> levels;  // that are full, by account
  std::vector<std::string> asked;
  std::vector<std::string> released;
};

class FullAccountTest : public FailoverTest {
 protected:
  absl::StatusOr<Call> PlaceWithinLimits() { return limited_.Initiate(CallerOf(kOurs), Request()); }

  FullAdmission full_;
  DialPipeline limited_{{ledger_, reader_, directory_, full_, bots_, registry_, guard_, destinations_, requests_,
                         metrics_, clock_, [] {}},
                        {.provider_timeout = absl::Seconds(10), .margin = absl::Seconds(3)}};
};

TEST_F(FullAccountTest, AnAccountThatHasAllItsCallsIsPassedOver) {
  for (const char* levels : {"provider_account", "caller_number", "provider_account,caller_number"}) {
    full_.asked.clear();
    full_.levels = {{our_account_, levels}};
    const auto call = PlaceWithinLimits();
    ASSERT_TRUE(call.ok()) << call.status();
    EXPECT_THAT(full_.asked, ElementsAre(our_account_, backup_));
    EXPECT_THAT(full_.released, SizeIs(0)) << "what was not granted is not given back";
    ASSERT_EQ(call->dial().attempts_size(), 2);
    EXPECT_EQ(call->dial().attempts(0).resolved_by(), "passed_over");
    EXPECT_EQ(call->dial().attempts(0).error().code(), calls::v1::CALL_ERROR_CODE_RATE_LIMITED);
    EXPECT_EQ(call->record().details().provider_account_id(), backup_);
  }
  EXPECT_THAT(asked_, ElementsAre("backup", "backup", "backup"));
}

TEST_F(FullAccountTest, ALimitThatAnotherAccountSharesIsARefusal) {
  for (const char* levels : {"global", "business", "campaign", "business,provider_account", ""}) {
    full_.asked.clear();
    full_.levels = {{our_account_, levels}};
    EXPECT_EQ(ReasonOf(PlaceWithinLimits().status()), Reason::REASON_LIMIT_REACHED) << levels;
    EXPECT_THAT(full_.asked, ElementsAre(our_account_)) << levels;
  }
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(Count("SELECT count(*) FROM dial_intents"), 0);
}

TEST_F(FullAccountTest, WithoutAnOrderOrWithAllFullTheRefusalIsTold) {
  full_.levels = {{our_account_, "provider_account"}, {backup_, "provider_account"}};
  const absl::Status all_full = PlaceWithinLimits().status();
  EXPECT_EQ(ReasonOf(all_full), Reason::REASON_LIMIT_REACHED);
  EXPECT_EQ(RetryAfterOf(all_full), absl::Seconds(1));
  ASSERT_TRUE(SetOrder({}).ok());
  full_.levels.erase(backup_);
  EXPECT_EQ(ReasonOf(PlaceWithinLimits().status()), Reason::REASON_LIMIT_REACHED);
  EXPECT_TRUE(asked_.empty());
}

TEST_F(FailoverTest, WhenNoAccountCanTheSoonestIsTold) {
  for (int i = 0; i < 10; ++i) guard_.Note(backup_, DialOutcome());
  first_ = DialOutcome{.kind = DialOutcome::Kind::kPlaced, .external_call_id = "at-first", .error = {}};
  LimitFirst(1);
  ASSERT_TRUE(Place(Request()).ok());
  const absl::Status refused = Place(Request()).status();
  EXPECT_EQ(ReasonOf(refused), Reason::REASON_PROVIDER_ACCOUNT_RESTING);
  EXPECT_EQ(RetryAfterOf(refused), absl::Seconds(15));
  EXPECT_EQ(Count("SELECT count(*) FROM dial_intents"), 1);
}

TEST_F(FailoverTest, ANumberThatWasAskedForIsShownByItsOwnerOnly) {
  auto request = Request();
  request.set_from(kOurNumber);
  const auto call = Place(request);
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_REJECTED);
  EXPECT_THAT(asked_, ElementsAre("first"));
}

TEST_F(FailoverTest, WhatTheOtherProviderCannotDoIsNotAskedOfIt) {
  auto request = Request();
  request.set_detect_machine(true);
  ASSERT_TRUE(Place(request).ok());
  EXPECT_THAT(asked_, ElementsAre("first"));
  client_.features.insert(providers::v1::FEATURE_MACHINE_DETECTION);
  request.set_request_id(NewId());
  ASSERT_TRUE(Place(request).ok());
  EXPECT_THAT(asked_, ElementsAre("first", "first", "backup"));
}

TEST_F(FailoverTest, ARetryAfterOfTheProviderRestsTheAccount) {
  first_.retry_after = absl::Seconds(60);
  ASSERT_TRUE(Place(Request()).ok());
  ASSERT_TRUE(Place(Request()).ok());
  EXPECT_THAT(asked_, ElementsAre("first", "backup", "backup"));
  clock_.Advance(absl::Seconds(61));
  ASSERT_TRUE(Place(Request()).ok());
  EXPECT_THAT(asked_, ElementsAre("first", "backup", "backup", "first", "backup"));
}

TEST_F(FailoverTest, ACrashBeforeTheSecondQuestionIsFoundOutAtTheSecondAccount) {
  // The clock jumps after each commit: facts_added is called between it and the question.
  int commits = 0;
  DialPipeline slow(
      {ledger_, reader_, directory_, admission_, bots_, registry_, guard_, destinations_, requests_, metrics_, clock_,
       [&] {
         if (++commits == 2) clock_.Advance(absl::Seconds(60));
       }},
      {.provider_timeout = absl::Seconds(10), .margin = absl::Seconds(3)});
  const auto call = slow.Initiate(CallerOf(kOurs), Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_THAT(asked_, ElementsAre("first"));
  EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_COMMITTED);
  ASSERT_EQ(call->dial().attempts_size(), 2);
  EXPECT_EQ(call->dial().attempts(1).provider_account_id(), backup_);

  Reconcile();
  const Call lost = Read(call->record().call_id());
  EXPECT_EQ(lost.dial().state(), control::v1::DIAL_STATE_NOT_PLACED);
  EXPECT_EQ(lost.record().status(), calls::v1::CALL_STATUS_FAILED);
  EXPECT_EQ(Count(Concat("SELECT count(*) FROM dial_intents WHERE provider_account_id = '", backup_, "'")), 1);
  EXPECT_THAT(asked_, ElementsAre("first"));
}

TEST_F(FailoverTest, AnAttemptInDoubtIsLookedForAtItsOwnAccount) {
  client_.on_place = [this](const providers::DialRequest&) {
    return client_.account().id == our_account_ ? first_ : DialOutcome();
  };
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  // A webhook of the first account says nothing of the second attempt.
  auto webhook = Webhook(*call, "external-9", calls::v1::CALL_STATUS_RINGING);
  webhook.mutable_details()->set_provider_account_id(our_account_);
  Normalize({webhook});
  clock_.Advance(absl::Seconds(3));
  Reconcile();
  EXPECT_EQ(Read(call->record().call_id()).dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  client_.listed = std::vector{ListedCall("external-2", clock_.Now())};
  clock_.Advance(absl::Seconds(5));
  Reconcile();
  EXPECT_EQ(Read(call->record().call_id()).dial().state(), control::v1::DIAL_STATE_PLACED);
}

TEST_F(FailoverTest, ALateReplyOfAnAttemptThatWasGivenUpChangesNothing) {
  client_.on_place = [this](const providers::DialRequest&) {
    return client_.account().id == our_account_ ? first_ : DialOutcome();
  };
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  ASSERT_EQ(call->dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  const std::string before = Read(call->record().call_id()).SerializeAsString();
  const CallIdentity first = {.call_id = call->record().call_id(),
                              .business_id = kOurs,
                              .provider = "scripted",
                              .provider_account_id = our_account_,
                              .traceparent = ""};
  DialResolution late;
  late.state = control::v1::DIAL_STATE_REJECTED;
  late.resolved_by = "reply";
  late.at = clock_.Now();
  ASSERT_TRUE(ledger_.Resolve(first, late).ok());
  NextDial again{.call = first,
                 .from = kOurNumber,
                 .rates = {},
                 .committed_at = clock_.Now(),
                 .check_at = clock_.Now(),
                 .ended = {{.number = 1, .provider_account_id = our_account_, .error = {}}},
                 .facts = {}};
  EXPECT_FALSE(*ledger_.CommitNext(again));
  EXPECT_EQ(Read(call->record().call_id()).SerializeAsString(), before);
}

TEST_F(FailoverTest, NumbersOfABulkGoOver) {
  client_.features.insert(providers::v1::FEATURE_BULK_DIAL);
  for (int i = 0; i < 10; ++i) guard_.Note(our_account_, DialOutcome());
  BulkDialer bulk(pipeline_, requests_);
  control::v1::InitiateCallsRequest request;
  request.set_request_id(NewId());
  *request.mutable_common()->mutable_plan() = Request().plan();
  for (int i = 0; i < 5; ++i) request.add_to(Concat("+1202555", 1000 + i));
  const auto response = bulk.Initiate(CallerOf(kOurs), request);
  ASSERT_TRUE(response.ok()) << response.status();
  for (const auto& result : response->results()) {
    EXPECT_EQ(result.call().record().details().provider_account_id(), backup_);
    EXPECT_EQ(result.call().dial().attempts_size(), 2);
  }
}

TEST_F(FailoverTest, ARequestThatComesAgainGivesTheCallOfTheFirstTime) {
  const auto request = Request();
  const auto call = Place(request);
  const auto again = Place(request);
  ASSERT_TRUE(call.ok() && again.ok());
  EXPECT_EQ(again->SerializeAsString(), call->SerializeAsString());
  EXPECT_THAT(asked_, SizeIs(2));
}

TEST_F(FailoverTest, AnOrderIsChecked) {
  EXPECT_THAT(std::string(SetOrder({our_account_}).message()), HasSubstr("must be another account"));
  EXPECT_THAT(std::string(SetOrder({backup_, backup_}).message()), HasSubstr("is there already"));
  EXPECT_THAT(std::string(SetOrder({their_account_}).message()), HasSubstr("an enabled account of the business"));
  EXPECT_THAT(std::string(SetOrder({"x"}).message()), HasSubstr("failover_account_ids[0]"));
  Run(Concat("UPDATE telephony_providers SET enabled = false WHERE provider_account_id = '", backup_, "'"));
  EXPECT_THAT(std::string(SetOrder({backup_}).message()), HasSubstr("an enabled account of the business"));
  Run(Concat("UPDATE telephony_providers SET enabled = true WHERE provider_account_id = '", backup_, "'"));
  client_.features.erase(providers::v1::FEATURE_PLACE_CALL);
  EXPECT_THAT(std::string(SetOrder({backup_}).message()), HasSubstr("places calls"));
}

TEST_F(FailoverTest, AnAccountDisabledSinceIsLeftOut) {
  Run(Concat("UPDATE telephony_providers SET enabled = false WHERE provider_account_id = '", backup_, "'"));
  directory_.Invalidate();
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_REJECTED);
}

}  // namespace
}  // namespace trunkline::gateway
