#include "services/campaign-scheduler/engine/campaign_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/rules/attempt_id.h"

namespace trunkline::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kCampaign[] = "0190b2c3-0000-7000-8000-0000000000c1";
constexpr char kBusiness[] = "0190b2c3-0000-7000-8000-00000000000a";

std::string ContactId(int64_t position) { return Concat("0190b2c3-0000-7000-8000-00000001", 1000 + position); }
std::string AttemptOf(int64_t position, int number = 1) { return AttemptIdOf(ContactId(position), number); }
std::string SlotOf(const std::string& attempt_id) { return Concat("slot of ", attempt_id); }
std::string CallOf(const std::string& attempt_id) { return Concat("call of ", attempt_id); }

control::v1::Call CallFor(const std::string& attempt_id) {
  control::v1::Call call;
  call.mutable_record()->set_call_id(CallOf(attempt_id));
  call.mutable_record()->set_status(calls::v1::CALL_STATUS_INITIATED);
  return call;
}

absl::Status Away() { return Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE, "away"); }

// An engine, and what it wants done. Nothing comes back by itself: each test says what happens, and time stands still
// until it is moved.
class CampaignEngineTest : public testing::Test {
 protected:
  CampaignEngineTest() {
    takeover_.campaign = {
        .campaign_id = kCampaign, .business_id = kBusiness, .state = v1::CAMPAIGN_STATE_RUNNING, .version = 1};
    settings_.mutable_pacing()->mutable_call_spacing();  // none
    settings_.mutable_retries()->set_max_attempts(3);
    takeover_.epoch = 7;
    takeover_.now = now_;
    takeover_.running_since = now_;
  }

  Campaign Changed(v1::CampaignState state) {
    Campaign campaign = takeover_.campaign;
    campaign.state = state;
    campaign.version = ++version_;
    campaign.settings = settings_;
    campaign.rules = std::make_shared<const DialRules>(settings_, std::vector<std::string>());
    return campaign;
  }

  void Start() {
    version_ = 0;
    takeover_.campaign = Changed(takeover_.campaign.state);
    engine_ = std::make_unique<CampaignEngine>(takeover_, options_, now_);
    Collect();
  }

  void Tell(Input input) {
    engine_->Handle(std::move(input), now_);
    Collect();
  }

  void Pass(absl::Duration time) {
    const absl::Time until = now_ + time;
    while (engine_->wake_at(now_) <= until) {
      now_ = std::max(now_, engine_->wake_at(now_));
      Tell(TimePassed{});
      if (engine_->wake_at(now_) <= now_) break;  // it waits for an answer
    }
    now_ = until;
    Tell(TimePassed{});
  }

  void Collect() {
    for (Effect& effect : engine_->TakeEffects()) std::visit([this](auto& what) { Add(std::move(what)); }, effect);
  }
  void Add(ReadDue what) { reads_.push_back(what); }
  void Add(AcquireSlots what) { asked_.push_back(std::move(what)); }
  void Add(ReleaseSlots what) {
    for (std::string& slot_id : what.slot_ids) released_.push_back(std::move(slot_id));
  }
  void Add(Commit what) { commits_.push_back(std::move(what.batch)); }
  void Add(Dial what) { dials_.push_back(std::move(what)); }
  void Add(FindDial what) { finds_.push_back(std::move(what.attempt_id)); }
  void Add(InquireCall what) { inquiries_.push_back(std::move(what.call_id)); }
  void Add(LimitCampaign what) { limits_.push_back(what.max_concurrent_calls); }

  template <typename T>
  static T Take(std::deque<T>& effects) {
    EXPECT_FALSE(effects.empty());
    if (effects.empty()) return T();
    T first = std::move(effects.front());
    effects.pop_front();
    return first;
  }

  static DueContact Contact(int64_t position, std::vector<v1::Disposition> endings = {}) {
    DueContact due;
    v1::Contact& record = due.contact.record;
    record.set_contact_id(ContactId(position));
    record.set_campaign_id(kCampaign);
    record.set_position(position);
    record.set_number(Concat("+1202555", 1000 + position));
    record.set_state(endings.empty() ? v1::CONTACT_STATE_PENDING : v1::CONTACT_STATE_WAITING);
    record.set_attempts(static_cast<int32_t>(endings.size()));
    if (!endings.empty()) *record.mutable_due_at() = telephony::ToProto(absl::UnixEpoch());
    due.contact.endings = std::move(endings);
    return due;
  }

  // Answers the read that is asked for.
  void Read(std::vector<DueContact> contacts, absl::Time next_due_at = absl::InfiniteFuture()) {
    Take(reads_);
    Tell(ContactsRead{DueContacts{.contacts = std::move(contacts), .next_due_at = next_due_at}});
  }
  // Answers a question for slots: all granted, or all refused.
  void Grant() {
    SlotsDecided decided;
    for (const SlotWish& wish : Take(asked_).wishes) {
      decided.answers.push_back(
          {.wish = wish, .slot_id = SlotOf(wish.attempt_id), .expires_at = now_ + absl::Seconds(30)});
    }
    Tell(std::move(decided));
  }
  void Refuse(const absl::Status& status = Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
                                                 "no slot is free")) {
    SlotsDecided decided;
    for (const SlotWish& wish : Take(asked_).wishes) decided.answers.push_back({.wish = wish, .status = status});
    Tell(std::move(decided));
  }
  // Commits what is asked for, all attempts of it.
  CommitBatch CommitNow() {
    CommitBatch batch = Take(commits_);
    CommitResult result{.now = now_};
    for (const PlannedAttempt& attempt : batch.attempts) result.started.push_back(attempt.attempt_id);
    Tell(Committed{result});
    return batch;
  }
  // Commits it when its time has come.
  CommitBatch CommitLater() {
    Pass(options_.gather);
    return CommitNow();
  }
  void Answer(const absl::StatusOr<control::v1::Call>& call) { Tell(DialAnswered{Take(dials_).attempt_id, call}); }
  void AnswerCalled() {
    const std::string attempt_id = Take(dials_).attempt_id;
    Tell(DialAnswered{attempt_id, CallFor(attempt_id)});
  }
  void Find(const absl::StatusOr<FoundDial>& found) { Tell(DialFound{Take(finds_), found}); }
  void TellOutcome(const std::string& attempt_id, v1::Disposition disposition) {
    AttemptOutcome outcome{.attempt_id = attempt_id, .call_id = CallOf(attempt_id), .told = {}, .talk = {}};
    outcome.told.set_disposition(disposition);
    *outcome.told.mutable_ended_at() = telephony::ToProto(now_);
    Tell(OutcomesTold{{outcome}});
  }

  // Up to a dial that is asked for.
  void Dialing(int contacts = 1) {
    std::vector<DueContact> due;
    for (int i = 1; i <= contacts; ++i) due.push_back(Contact(i));
    Read(std::move(due));
    Grant();
    CommitNow();
    ASSERT_THAT(dials_, SizeIs(contacts));
  }
  // Up to a call that goes on, which is told.
  void InCall() {
    Dialing();
    AnswerCalled();
    CommitLater();
  }

  absl::Time now_ = absl::FromUnixSeconds(1'772'539'200);  // a Tuesday, 12:00 UTC
  EngineOptions options_;
  v1::CampaignSettings settings_;
  Takeover takeover_;
  int64_t version_ = 0;
  std::unique_ptr<CampaignEngine> engine_;
  std::deque<ReadDue> reads_;
  std::deque<AcquireSlots> asked_;
  std::vector<std::string> released_;
  std::deque<CommitBatch> commits_;
  std::deque<Dial> dials_;
  std::deque<std::string> finds_;
  std::deque<std::string> inquiries_;
  std::deque<int> limits_;
};

// The way of an attempt.

TEST_F(CampaignEngineTest, AnAttemptIsCommittedWithItsSlotBeforeItIsDialled) {
  Start();
  Read({Contact(1)});
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_EQ(asked_[0].wishes[0].request_id, AttemptOf(1));
  EXPECT_THAT(commits_, IsEmpty());
  Grant();
  EXPECT_THAT(dials_, IsEmpty()) << "nothing is dialled before the commit";
  const CommitBatch batch = CommitNow();
  ASSERT_THAT(batch.attempts, SizeIs(1));
  EXPECT_EQ(batch.attempts[0].attempt_id, AttemptOf(1));
  EXPECT_EQ(batch.attempts[0].number, 1);
  EXPECT_EQ(batch.attempts[0].slot_id, SlotOf(AttemptOf(1)));
  EXPECT_EQ(batch.dial_time, options_.dial_time);
  const Dial dial = Take(dials_);
  EXPECT_EQ(dial.request.request_id(), AttemptOf(1));
  EXPECT_EQ(dial.request.attempt_id(), AttemptOf(1));
  EXPECT_EQ(dial.request.campaign_id(), kCampaign);
  EXPECT_EQ(dial.request.slot_id(), SlotOf(AttemptOf(1)));
  EXPECT_EQ(telephony::FromProto(dial.request.dial_before()), now_ + options_.dial_time);
}

TEST_F(CampaignEngineTest, ACallIsToldAndItsOutcomeEndsTheAttempt) {
  Start();
  Dialing();
  AnswerCalled();
  const CommitBatch told = CommitLater();
  ASSERT_THAT(told.calls, SizeIs(1));
  EXPECT_EQ(told.calls[0].call_id, CallOf(AttemptOf(1)));
  EXPECT_THAT(told.endings, IsEmpty());
  TellOutcome(AttemptOf(1), v1::DISPOSITION_CONNECTED);
  const CommitBatch ended = CommitLater();
  ASSERT_THAT(ended.endings, SizeIs(1));
  EXPECT_EQ(ended.endings[0].disposition, v1::DISPOSITION_CONNECTED);
  EXPECT_EQ(ended.endings[0].contact_state, v1::CONTACT_STATE_REACHED);
  EXPECT_EQ(ended.endings[0].attempts, 1);
  EXPECT_EQ(engine_->view().under_way, 0u);
  EXPECT_THAT(released_, IsEmpty()) << "the slot ends with its call";
}

TEST_F(CampaignEngineTest, TheOutcomeMayComeBeforeTheGatewaysAnswer) {
  Start();
  Dialing();
  TellOutcome(AttemptOf(1), v1::DISPOSITION_BUSY);
  AnswerCalled();
  const CommitBatch batch = CommitLater();
  ASSERT_THAT(batch.endings, SizeIs(1));
  EXPECT_EQ(batch.endings[0].call_id, CallOf(AttemptOf(1)));
}

TEST_F(CampaignEngineTest, AnOutcomeThatIsToldAgainIsDropped) {
  Start();
  InCall();
  TellOutcome(AttemptOf(1), v1::DISPOSITION_CONNECTED);
  TellOutcome(AttemptOf(1), v1::DISPOSITION_BUSY);
  const CommitBatch first = CommitLater();
  ASSERT_THAT(first.endings, SizeIs(1));
  EXPECT_EQ(first.endings[0].disposition, v1::DISPOSITION_CONNECTED);
  TellOutcome(AttemptOf(1), v1::DISPOSITION_BUSY);
  const CommitBatch second = CommitLater();
  EXPECT_THAT(second.endings, IsEmpty());
  EXPECT_THAT(second.known_outcomes, ElementsAre(AttemptOf(1)));
}

TEST_F(CampaignEngineTest, AContactIsReadAgainWhenItIsDueAgain) {
  auto* rule = settings_.mutable_retries()->add_rules();
  rule->set_disposition(v1::DISPOSITION_BUSY);
  *rule->add_delays() = telephony::ToProto(absl::Seconds(10));
  Start();
  InCall();
  TellOutcome(AttemptOf(1), v1::DISPOSITION_BUSY);
  const CommitBatch batch = CommitLater();
  EXPECT_EQ(batch.endings[0].contact_state, v1::CONTACT_STATE_WAITING);
  Pass(absl::Seconds(9));
  EXPECT_THAT(reads_, IsEmpty());
  Pass(absl::Seconds(2));
  Read({Contact(1, {v1::DISPOSITION_BUSY})});
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_EQ(asked_[0].wishes[0].attempt_id, AttemptOf(1, 2)) << "another attempt, another id";
}

TEST_F(CampaignEngineTest, AContactInHandIsNotTakenTwice) {
  Start();
  Read({Contact(1)});
  Tell(ContactsChanged{});
  Read({Contact(1), Contact(2)});
  Grant();
  Grant();
  std::vector<std::string> planned;
  while (!commits_.empty()) {
    for (const PlannedAttempt& attempt : CommitNow().attempts) planned.push_back(attempt.attempt_id);
  }
  EXPECT_THAT(planned, ElementsAre(AttemptOf(1), AttemptOf(2)));
}

TEST_F(CampaignEngineTest, AReadThatIsOlderThanACommitBringsNobodyBack) {
  Start();
  Read({Contact(1)});
  Tell(ContactsChanged{});  // it is read while the contact is on its way
  Grant();
  CommitNow();
  Read({Contact(1)});
  EXPECT_THAT(asked_, IsEmpty());
}

// Rules.

TEST_F(CampaignEngineTest, AContactThatMayNotBeCalledNowIsPutOffWithTheNextCommit) {
  auto* window = settings_.mutable_rules()->add_windows();
  window->set_opens("14:00");
  window->set_closes("15:00");
  DueContact contact = Contact(1);
  contact.contact.record.set_time_zone("UTC");
  Start();
  Read({contact});
  EXPECT_THAT(asked_, IsEmpty());
  const CommitBatch batch = CommitLater();
  ASSERT_THAT(batch.put_off, SizeIs(1));
  EXPECT_EQ(batch.put_off[0].to, v1::CONTACT_STATE_WAITING);
  EXPECT_EQ(batch.put_off[0].rule, v1::CALL_RULE_CALLING_WINDOW);
  EXPECT_EQ(batch.put_off[0].due_at, now_ - options_.gather + absl::Hours(2));
}

TEST_F(CampaignEngineTest, AContactThatMustNotBeCalledIsFinished) {
  DueContact contact = Contact(1);
  contact.number.on_business_list = absl::InfiniteFuture();
  Start();
  Read({contact});
  const CommitBatch batch = CommitLater();
  ASSERT_THAT(batch.put_off, SizeIs(1));
  EXPECT_EQ(batch.put_off[0].to, v1::CONTACT_STATE_SUPPRESSED);
}

TEST_F(CampaignEngineTest, TheAbandonRateHoldsTheCampaignAndIsWrittenToNobody) {
  takeover_.people.Note(now_ - absl::Hours(1), {.reached = 200, .abandoned = 100});
  Start();
  Read({Contact(1), Contact(2)});
  EXPECT_THAT(asked_, IsEmpty());
  Pass(absl::Hours(1));
  EXPECT_THAT(commits_, IsEmpty());
  EXPECT_THAT(reads_, IsEmpty()) << "nobody is read before the rate may have changed";
}

TEST_F(CampaignEngineTest, RulesThatCannotBeReadFailTheCampaign) {
  settings_.mutable_rules()->add_windows()->set_opens("nine");
  Start();
  const CommitBatch batch = Take(commits_);
  ASSERT_TRUE(batch.stop.has_value());
  EXPECT_EQ(batch.stop->to, v1::CAMPAIGN_STATE_FAILED);
}

// Pace.

TEST_F(CampaignEngineTest, CallsKeepTheirDistance) {
  *settings_.mutable_pacing()->mutable_call_spacing() = telephony::ToProto(absl::Seconds(6));
  Start();
  Read({Contact(1), Contact(2)});
  EXPECT_THAT(asked_, SizeIs(1));
  EXPECT_THAT(asked_[0].wishes, SizeIs(1));
  Grant();
  CommitNow();
  Pass(absl::Milliseconds(5'900));
  EXPECT_THAT(asked_, IsEmpty());
  Pass(absl::Milliseconds(100));
  EXPECT_THAT(asked_, SizeIs(1));
}

TEST_F(CampaignEngineTest, TheDistanceHoldsOverAChangeOfOwners) {
  *settings_.mutable_pacing()->mutable_call_spacing() = telephony::ToProto(absl::Seconds(6));
  takeover_.recent_commits = {now_ - absl::Seconds(4)};
  Start();
  Read({Contact(1)});
  EXPECT_THAT(asked_, IsEmpty());
  Pass(absl::Seconds(2));
  EXPECT_THAT(asked_, SizeIs(1));
}

// Slots.

TEST_F(CampaignEngineTest, AContactWaitsInLineForASlotAndThenGoesBack) {
  Start();
  Read({Contact(1)});
  EXPECT_EQ(asked_[0].wait, absl::ZeroDuration());
  Refuse();
  ASSERT_THAT(asked_, SizeIs(1)) << "it stands in the line";
  EXPECT_EQ(asked_[0].wait, options_.slot_wait);
  Pass(options_.slot_wait);
  Refuse();
  EXPECT_THAT(reads_, SizeIs(1)) << "it is read again in its turn";
  EXPECT_THAT(commits_, IsEmpty());
}

TEST_F(CampaignEngineTest, InTheLineItStandsWithAsManyRequestsAsItsWeightSays) {
  settings_.mutable_pacing()->set_weight(3);
  Start();
  std::vector<DueContact> many;
  for (int i = 1; i <= 50; ++i) many.push_back(Contact(i));
  Read(many);
  Refuse();
  EXPECT_THAT(asked_, SizeIs(6));
  for (const AcquireSlots& asked : asked_) EXPECT_THAT(asked.wishes, SizeIs(1));
}

TEST_F(CampaignEngineTest, WhenTheGovernorIsAwayTheSameSlotIsAskedForLater) {
  Start();
  Read({Contact(1)});
  Refuse(Away());
  EXPECT_THAT(asked_, IsEmpty());
  Pass(options_.retry);
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_EQ(asked_[0].wishes[0].request_id, AttemptOf(1));
}

TEST_F(CampaignEngineTest, ASlotThatHasEndedIsAskedForUnderAnotherId) {
  Start();
  Read({Contact(1)});
  Refuse(Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_SLOT_NOT_FOUND, "has ended"));
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_EQ(asked_[0].wishes[0].request_id, AttemptOf(1) + "/1");
  EXPECT_EQ(asked_[0].wishes[0].attempt_id, AttemptOf(1));
}

// Commits.

TEST_F(CampaignEngineTest, AnOwnerThatIsFencedOffDoesNothingAnyMore) {
  Start();
  Dialing();
  Tell(ContactsChanged{});
  Read({Contact(2)});
  Grant();
  dials_.clear();
  Take(commits_);
  Tell(Committed{CommitResult{.fenced = true}});
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kFenced);
  Tell(DialAnswered{AttemptOf(1), Away()});
  Pass(absl::Hours(1));
  EXPECT_THAT(dials_, IsEmpty());
  EXPECT_THAT(commits_, IsEmpty());
  EXPECT_THAT(released_, IsEmpty()) << "the next owner may have asked for the same slots";
}

TEST_F(CampaignEngineTest, WhenNobodyKnowsWhetherACommitWasMadeNothingIsDone) {
  Start();
  Read({Contact(1)});
  Grant();
  Take(commits_);
  Tell(Committed{absl::UnknownError("the connection was lost while committing")});
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kLost);
  Pass(absl::Minutes(1));
  EXPECT_THAT(dials_, IsEmpty());
}

TEST_F(CampaignEngineTest, ACommitThatFailedIsTriedAgainWithWhatCameMeanwhile) {
  Start();
  InCall();
  TellOutcome(AttemptOf(1), v1::DISPOSITION_CONNECTED);
  Pass(options_.gather);
  Take(commits_);
  Tell(ContactsChanged{});
  Read({Contact(2)});
  Grant();
  Tell(Committed{Away()});
  EXPECT_THAT(commits_, IsEmpty());
  Pass(options_.retry);
  const CommitBatch batch = CommitNow();
  EXPECT_THAT(batch.endings, SizeIs(1));
  EXPECT_THAT(batch.attempts, SizeIs(1));
  EXPECT_THAT(dials_, SizeIs(1));
}

TEST_F(CampaignEngineTest, ASlotThatIsAboutToEndIsNotCommitted) {
  Start();
  Read({Contact(1)});
  Grant();
  Take(commits_);
  Pass(absl::Seconds(25));
  Tell(Committed{Away()});
  Pass(options_.retry_most);
  EXPECT_THAT(commits_, IsEmpty());
  ASSERT_THAT(asked_, SizeIs(1));
  EXPECT_EQ(asked_[0].wishes[0].request_id, AttemptOf(1) + "/1");
}

TEST_F(CampaignEngineTest, WhatIsDeniedInTheCommitIsNotDialledAndItsSlotGoesBack) {
  Start();
  Read({Contact(1), Contact(2)});
  Grant();
  Take(commits_);
  CommitResult result{.now = now_, .started = {AttemptOf(2)}};
  DeniedAttempt denied{.attempt_id = AttemptOf(1)};
  denied.decision.set_rule(v1::CALL_RULE_DO_NOT_CALL_BUSINESS);
  result.denied.push_back(denied);
  Tell(Committed{result});
  ASSERT_THAT(dials_, SizeIs(1));
  EXPECT_EQ(dials_[0].attempt_id, AttemptOf(2));
  EXPECT_THAT(released_, ElementsAre(SlotOf(AttemptOf(1))));
}

// Pause and resume.

TEST_F(CampaignEngineTest, APauseThatTheCommitSeesStopsEverything) {
  Start();
  Read({Contact(1), Contact(2)});
  Grant();
  Take(commits_);
  CommitResult result{.now = now_, .campaign = Changed(v1::CAMPAIGN_STATE_PAUSED)};
  for (const int position : {1, 2}) {
    DeniedAttempt denied{.attempt_id = AttemptOf(position)};
    denied.decision.set_rule(v1::CALL_RULE_CAMPAIGN_STATE);
    result.denied.push_back(denied);
  }
  Tell(Committed{result});
  EXPECT_THAT(dials_, IsEmpty());
  EXPECT_THAT(released_, SizeIs(2));
  Pass(absl::Hours(1));
  EXPECT_THAT(reads_, IsEmpty());
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kFinished);
}

TEST_F(CampaignEngineTest, APauseReturnsSlotsThatAreHeldOrStillCome) {
  Start();
  Read({Contact(1)});
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_PAUSED)});
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kAtWork) << "a slot may still be granted";
  Grant();
  EXPECT_THAT(released_, ElementsAre(SlotOf(AttemptOf(1))));
  EXPECT_THAT(commits_, IsEmpty());
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kFinished);
}

TEST_F(CampaignEngineTest, CallsGoOnWhileTheCampaignIsPausedAndItGoesOnExactlyThere) {
  Start();
  InCall();
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_PAUSED)});
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kAtWork);
  TellOutcome(AttemptOf(1), v1::DISPOSITION_CONNECTED);
  EXPECT_THAT(CommitLater().endings, SizeIs(1));
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kFinished);
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_RUNNING)});
  Read({Contact(2)});
  EXPECT_THAT(asked_, SizeIs(1));
}

TEST_F(CampaignEngineTest, AnOlderChangeIsNotHeard) {
  Start();
  const Campaign older = Changed(v1::CAMPAIGN_STATE_RUNNING);
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_PAUSED)});
  Tell(CampaignChanged{older});
  EXPECT_EQ(engine_->campaign().state, v1::CAMPAIGN_STATE_PAUSED);
}

TEST_F(CampaignEngineTest, OfACancelledCampaignNobodyWaits) {
  Start();
  InCall();
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_CANCELLED)});
  TellOutcome(AttemptOf(1), v1::DISPOSITION_BUSY);
  const CommitBatch batch = CommitLater();
  EXPECT_EQ(batch.endings[0].contact_state, v1::CONTACT_STATE_REMOVED);
  EXPECT_EQ(batch.endings[0].due_at, std::nullopt);
}

TEST_F(CampaignEngineTest, TheCampaignsOwnLimitIsSetAtTheGovernorAndClearedAtTheEnd) {
  settings_.mutable_pacing()->set_max_concurrent_calls(5);
  Start();
  settings_.mutable_pacing()->set_max_concurrent_calls(8);
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_RUNNING)});
  Tell(CampaignChanged{Changed(v1::CAMPAIGN_STATE_CANCELLED)});
  EXPECT_THAT(limits_, ElementsAre(5, 8, 0));
}

// The gateway's answers.

struct RefusalCase {
  absl::Status answer;
  v1::Disposition disposition;
  v1::ContactState contact;
};

class RefusalTest : public CampaignEngineTest, public testing::WithParamInterface<RefusalCase> {};

TEST_P(RefusalTest, WhatIsCertainlyNotDialledEndsAtOnce) {
  Start();
  Dialing();
  Answer(GetParam().answer);
  EXPECT_THAT(released_, ElementsAre(SlotOf(AttemptOf(1))));
  const CommitBatch batch = CommitLater();
  ASSERT_THAT(batch.endings, SizeIs(1));
  EXPECT_EQ(batch.endings[0].disposition, GetParam().disposition);
  EXPECT_EQ(batch.endings[0].contact_state, GetParam().contact);
  EXPECT_EQ(batch.endings[0].call_id, "");
  EXPECT_THAT(finds_, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Answers, RefusalTest,
    testing::Values(RefusalCase{Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_DIAL_TOO_LATE, "late"),
                                v1::DISPOSITION_NOT_DIALED, v1::CONTACT_STATE_WAITING},
                    RefusalCase{Error(absl::StatusCode::kResourceExhausted, Reason::REASON_RATE_LIMITED, "too fast"),
                                v1::DISPOSITION_NOT_DIALED, v1::CONTACT_STATE_WAITING},
                    RefusalCase{Error(absl::StatusCode::kUnavailable, Reason::REASON_WARM_UP_FAILED, "cold"),
                                v1::DISPOSITION_WARM_UP_FAILED, v1::CONTACT_STATE_WAITING},
                    RefusalCase{
                        Error(absl::StatusCode::kPermissionDenied, Reason::REASON_DESTINATION_BLOCKED, "blocked"),
                        v1::DISPOSITION_NOT_DIALED, v1::CONTACT_STATE_SUPPRESSED},
                    RefusalCase{InvalidFields({{"to", "must be a phone number"}}), v1::DISPOSITION_INVALID_NUMBER,
                                v1::CONTACT_STATE_EXHAUSTED},
                    RefusalCase{InvalidFields({{"plan.verbs[0].say.text", "is too long"}}), v1::DISPOSITION_NOT_DIALED,
                                v1::CONTACT_STATE_WAITING}));

TEST_F(CampaignEngineTest, NotDialledCountsForNoCap) {
  Start();
  Dialing();
  Answer(Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_DIAL_TOO_LATE, "late"));
  EXPECT_EQ(CommitLater().endings[0].attempts, 0);
}

TEST_F(CampaignEngineTest, InDoubtTheSameDialIsAskedForAgainUntilItsTimeIsOver) {
  Start();
  Dialing();
  int asked = 0;
  while (!dials_.empty()) {
    EXPECT_EQ(dials_[0].request.request_id(), AttemptOf(1));
    ++asked;
    Answer(Away());
    Pass(options_.retry_most);
  }
  EXPECT_GE(asked, 4);
  EXPECT_THAT(commits_, IsEmpty()) << "nothing is believed";
  ASSERT_THAT(finds_, SizeIs(1));
  Find(FoundDial{.call = std::nullopt, .now = now_});
  const CommitBatch batch = CommitLater();
  ASSERT_THAT(batch.endings, SizeIs(1));
  EXPECT_EQ(batch.endings[0].disposition, v1::DISPOSITION_NOT_DIALED);
}

TEST_F(CampaignEngineTest, ACallThatWasPlacedWithoutAnAnswerIsFound) {
  Start();
  Dialing();
  Answer(absl::DeadlineExceededError("no answer"));
  Pass(options_.dial_time);
  Answer(absl::DeadlineExceededError("no answer"));
  Pass(absl::Seconds(1));
  Find(FoundDial{.call = CallFor(AttemptOf(1)), .now = now_});
  EXPECT_THAT(CommitLater().calls, SizeIs(1));
  TellOutcome(AttemptOf(1), v1::DISPOSITION_CONNECTED);
  EXPECT_THAT(CommitLater().endings, SizeIs(1));
}

TEST_F(CampaignEngineTest, BeforeDialBeforeByTheDatabasesClockNothingIsBelieved) {
  const absl::Time dial_before = now_ + absl::Seconds(10);
  takeover_.campaign.state = v1::CAMPAIGN_STATE_PAUSED;
  takeover_.under_way = {{.attempt_id = AttemptOf(1),
                          .contact = Contact(1).contact,
                          .slot_id = "slot",
                          .committed_at = now_ - absl::Seconds(10),
                          .dial_before = dial_before}};
  Start();
  Pass(absl::Seconds(11));
  Find(FoundDial{.call = std::nullopt, .now = dial_before});
  Pass(options_.gather);
  EXPECT_THAT(commits_, IsEmpty());
  Pass(absl::Seconds(1));
  Find(FoundDial{.call = std::nullopt, .now = dial_before + absl::Microseconds(1)});
  EXPECT_THAT(CommitLater().endings, SizeIs(1));
}

TEST_F(CampaignEngineTest, ARefusalAfterADoubtIsNoProof) {
  Start();
  Dialing();
  Answer(Away());
  Pass(options_.retry);
  Answer(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "full"));
  Pass(options_.gather);
  EXPECT_THAT(commits_, IsEmpty()) << "the first question may still be under way there";
  Pass(options_.dial_time + absl::Seconds(1));
  Find(FoundDial{.call = std::nullopt, .now = now_});
  EXPECT_EQ(CommitLater().endings[0].disposition, v1::DISPOSITION_NOT_DIALED);
}

TEST_F(CampaignEngineTest, WhoeverCannotFindOutAsksAgain) {
  takeover_.campaign.state = v1::CAMPAIGN_STATE_PAUSED;
  takeover_.under_way = {{.attempt_id = AttemptOf(1),
                          .contact = Contact(1).contact,
                          .slot_id = "slot",
                          .committed_at = now_ - absl::Minutes(1),
                          .dial_before = now_ - absl::Seconds(40)}};
  Start();
  for (int i = 0; i < 3; ++i) {
    Find(Away());
    Pass(options_.retry_most);
  }
  EXPECT_THAT(commits_, IsEmpty());
  Find(FoundDial{.call = std::nullopt, .now = now_});
  EXPECT_THAT(CommitLater().endings, SizeIs(1));
}

TEST_F(CampaignEngineTest, ARequestThatIsKnownWithOtherSettingsHasACall) {
  Start();
  Dialing();
  Answer(Error(absl::StatusCode::kAlreadyExists, Reason::REASON_REQUEST_ID_REUSED, "known"));
  Find(FoundDial{.call = CallFor(AttemptOf(1)), .now = now_});
  EXPECT_THAT(CommitLater().calls, SizeIs(1));
}

TEST_F(CampaignEngineTest, SettingsThatNothingCanBeDialledWithPauseTheCampaign) {
  Start();
  Dialing();
  Answer(Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_PROVIDER_ACCOUNT_DISABLED, "account is disabled"));
  const CommitBatch batch = Take(commits_);
  ASSERT_TRUE(batch.stop.has_value());
  EXPECT_EQ(batch.stop->to, v1::CAMPAIGN_STATE_PAUSED);
  EXPECT_THAT(batch.stop->reason, testing::HasSubstr("account is disabled"));
  EXPECT_EQ(batch.endings[0].contact_state, v1::CONTACT_STATE_WAITING) << "nobody is lost";
}

TEST_F(CampaignEngineTest, WhatDoesNotFitOneContactDoesNotStopTheOthers) {
  Start();
  Dialing(3);
  Answer(InvalidFields({{"plan.verbs[0].say.text", "is too long"}}));
  Answer(InvalidFields({{"plan.verbs[0].say.text", "is too long"}}));
  AnswerCalled();
  EXPECT_FALSE(CommitLater().stop.has_value());
}

TEST_F(CampaignEngineTest, WhatFitsNobodyPausesTheCampaign) {
  Start();
  Dialing(3);
  for (int i = 0; i < 3; ++i) Answer(InvalidFields({{"plan", "cannot be carried out"}}));
  EXPECT_TRUE(Take(commits_).stop.has_value());
}

TEST_F(CampaignEngineTest, ARefusalForNowHoldsTheOthersBack) {
  Start();
  Dialing();
  Tell(ContactsChanged{});
  Read({Contact(2)});
  Refuse(Away());
  Answer(WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_RATE_LIMITED, "too fast"),
                        absl::Seconds(3)));
  Pass(absl::Seconds(2));
  EXPECT_THAT(asked_, IsEmpty());
  Pass(absl::Seconds(1));
  EXPECT_THAT(asked_, SizeIs(1));
}

TEST_F(CampaignEngineTest, ACampaignThatFailsTooOftenPausesItself) {
  settings_.mutable_auto_pause()->set_failure_percent(50);
  settings_.mutable_auto_pause()->set_attempts(2);
  Start();
  Dialing(2);
  TellOutcome(AttemptOf(1), v1::DISPOSITION_FAILED);
  EXPECT_FALSE(CommitLater().stop.has_value());
  TellOutcome(AttemptOf(2), v1::DISPOSITION_CONNECTED);
  CommitLater();
  const CommitBatch batch = CommitNow();
  ASSERT_TRUE(batch.stop.has_value());
  EXPECT_EQ(batch.stop->actor, "auto_pause");
}

// Silence.

TEST_F(CampaignEngineTest, ACallThatStaysSilentIsAskedAboutAndNeverGivenUp) {
  Start();
  InCall();
  for (int i = 0; i < 3; ++i) {
    Pass(options_.call_silence);
    ASSERT_THAT(inquiries_, ElementsAre(CallOf(AttemptOf(1))));
    inquiries_.clear();
    Tell(CallInquired{AttemptOf(1), i == 0 ? absl::StatusOr<bool>(Away()) : absl::StatusOr<bool>(false)});
  }
  EXPECT_THAT(commits_, IsEmpty());
}

TEST_F(CampaignEngineTest, ACallThatHasEndedUnheardIsLookedUp) {
  Start();
  InCall();
  Pass(options_.call_silence);
  Tell(CallInquired{AttemptOf(1), true});
  Pass(absl::Seconds(10));
  control::v1::Call call = CallFor(AttemptOf(1));
  call.mutable_record()->set_status(calls::v1::CALL_STATUS_BUSY);
  Find(FoundDial{.call = call, .now = now_});
  EXPECT_EQ(CommitLater().endings[0].disposition, v1::DISPOSITION_BUSY);
}

TEST_F(CampaignEngineTest, AnOutcomeThatComesLateIsTheOneThatCounts) {
  Start();
  InCall();
  Pass(options_.call_silence);
  Tell(CallInquired{AttemptOf(1), true});
  TellOutcome(AttemptOf(1), v1::DISPOSITION_NO_ANSWER);
  EXPECT_EQ(CommitLater().endings[0].disposition, v1::DISPOSITION_NO_ANSWER);
  Pass(absl::Minutes(1));
  EXPECT_THAT(finds_, IsEmpty());
}

// A new owner.

TEST_F(CampaignEngineTest, ANewOwnerWaitsForTheOutcomeOfACallThatIsTold) {
  takeover_.under_way = {{.attempt_id = AttemptOf(1),
                          .contact = Contact(1).contact,
                          .slot_id = "slot",
                          .committed_at = now_ - absl::Seconds(30),
                          .dial_before = now_ - absl::Seconds(10),
                          .call_id = "call"}};
  Start();
  Pass(absl::Seconds(30));
  EXPECT_THAT(dials_, IsEmpty());
  EXPECT_THAT(finds_, IsEmpty());
  TellOutcome(AttemptOf(1), v1::DISPOSITION_CONNECTED);
  EXPECT_THAT(CommitLater().endings, SizeIs(1));
}

TEST_F(CampaignEngineTest, ANewOwnerAsksForTheSameDialWhileItsTimeIsNotOver) {
  takeover_.under_way = {{.attempt_id = AttemptOf(1),
                          .contact = Contact(1).contact,
                          .slot_id = "slot",
                          .committed_at = now_ - absl::Seconds(5),
                          .dial_before = now_ + absl::Seconds(15)}};
  Start();
  ASSERT_THAT(dials_, SizeIs(1));
  EXPECT_EQ(dials_[0].request.request_id(), AttemptOf(1));
  EXPECT_EQ(dials_[0].request.slot_id(), "slot");
  EXPECT_EQ(telephony::FromProto(dials_[0].request.dial_before()), now_ + absl::Seconds(15));
  // The question of the owner before may still be under way.
  Answer(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "full"));
  Pass(absl::Seconds(1));
  EXPECT_THAT(commits_, IsEmpty());
  Pass(absl::Seconds(15));
  Find(FoundDial{.call = CallFor(AttemptOf(1)), .now = now_});
  EXPECT_THAT(CommitLater().calls, SizeIs(1));
}

TEST_F(CampaignEngineTest, ANewOwnerFindsOutWhatBecameOfADialWhoseTimeIsOver) {
  takeover_.under_way = {{.attempt_id = AttemptOf(1),
                          .contact = Contact(1).contact,
                          .slot_id = "slot",
                          .committed_at = now_ - absl::Seconds(30),
                          .dial_before = now_ - absl::Seconds(10)}};
  Start();
  EXPECT_THAT(dials_, IsEmpty());
  Find(FoundDial{.call = std::nullopt, .now = now_});
  const CommitBatch batch = CommitLater();
  EXPECT_EQ(batch.endings[0].disposition, v1::DISPOSITION_NOT_DIALED);
  EXPECT_EQ(batch.endings[0].number, 1);
}

TEST_F(CampaignEngineTest, ANewOwnerOfAPausedCampaignDialsNothing) {
  takeover_.campaign.state = v1::CAMPAIGN_STATE_PAUSED;
  takeover_.under_way = {{.attempt_id = AttemptOf(1),
                          .contact = Contact(1).contact,
                          .slot_id = "slot",
                          .committed_at = now_,
                          .dial_before = now_ + absl::Seconds(20)}};
  Start();
  Pass(absl::Seconds(19));
  EXPECT_THAT(dials_, IsEmpty());
  EXPECT_THAT(finds_, IsEmpty());
  Pass(absl::Seconds(2));
  Find(FoundDial{.call = std::nullopt, .now = now_});
  EXPECT_THAT(CommitLater().endings, SizeIs(1));
}

// The end.

TEST_F(CampaignEngineTest, WithNobodyLeftTheStoreIsAskedOnceWhetherTheCampaignIsComplete) {
  Start();
  Read({});
  const CommitBatch batch = CommitNow();
  EXPECT_TRUE(batch.empty());
  Pass(absl::Seconds(20));
  EXPECT_THAT(commits_, IsEmpty());
}

TEST_F(CampaignEngineTest, AnOpenCampaignWaitsForMoreContacts) {
  settings_.set_keep_open(true);
  Start();
  Read({});
  EXPECT_THAT(commits_, IsEmpty());
  Tell(ContactsChanged{});
  Read({Contact(1)});
  EXPECT_THAT(asked_, SizeIs(1));
}

TEST_F(CampaignEngineTest, ACompletedCampaignIsFinished) {
  Start();
  Read({});
  Take(commits_);
  Tell(Committed{CommitResult{.now = now_, .campaign = Changed(v1::CAMPAIGN_STATE_COMPLETED)}});
  EXPECT_EQ(engine_->condition(), CampaignEngine::Condition::kFinished);
}

// What is dialled.

TEST_F(CampaignEngineTest, ThePlanSaysWhatTheContactsVariablesSay) {
  auto* say = settings_.mutable_plan()->add_verbs()->mutable_say();
  say->set_text("Hello {{first_name}}, {{unknown}}your order {{ order }} {{open");
  DueContact contact = Contact(1);
  v1::Contact variables;
  (*variables.mutable_variables())["first_name"] = "Ada {{order}}";
  contact.contact.variables = variables.SerializeAsString();
  Start();
  Read({contact});
  Grant();
  CommitNow();
  EXPECT_EQ(Take(dials_).request.plan().verbs(0).say().text(), "Hello Ada {{order}}, your order  {{open");
}

TEST_F(CampaignEngineTest, ADialWithAWarmUpMayTakeAsLongAsThat) {
  settings_.mutable_warm_up()->set_url("https://bot.example/ready");
  settings_.mutable_warm_up()->set_retries(1);
  Start();
  Read({Contact(1)});
  Grant();
  EXPECT_EQ(CommitNow().dial_time, options_.dial_time + absl::Seconds(130));
}

}  // namespace
}  // namespace trunkline::scheduler
