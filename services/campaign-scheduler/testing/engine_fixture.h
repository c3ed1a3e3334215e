// For tests of the engine: one campaign's, and what it wants done.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/engine/campaign_engine.h"
#include "services/campaign-scheduler/rules/attempt_id.h"

namespace trunkline::scheduler {

inline constexpr char kCampaign[] = "0190b2c3-0000-7000-8000-0000000000c1";
inline constexpr char kBusiness[] = "0190b2c3-0000-7000-8000-00000000000a";

inline std::string ContactId(int64_t position) { return Concat("0190b2c3-0000-7000-8000-00000001", 1000 + position); }
inline std::string AttemptOf(int64_t position, int number = 1) { return AttemptIdOf(ContactId(position), number); }
inline std::string SlotOf(const std::string& attempt_id) { return Concat("slot of ", attempt_id); }
inline std::string CallOf(const std::string& attempt_id) { return Concat("call of ", attempt_id); }

inline control::v1::Call CallFor(const std::string& attempt_id) {
  control::v1::Call call;
  call.mutable_record()->set_call_id(CallOf(attempt_id));
  call.mutable_record()->set_status(calls::v1::CALL_STATUS_INITIATED);
  return call;
}

inline absl::Status Away() {
  return Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE, "away");
}

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
    takeover_.now = DatabaseNow();
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
  void Add(ReadDue what) { reads_.push_back(std::move(what)); }
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

  // Answers the read that is asked for, with those of the contacts that are wanted.
  void Read(std::vector<DueContact> contacts, absl::Time next_due_at = absl::InfiniteFuture()) {
    const ReadDue wanted = Take(reads_);
    std::erase_if(contacts, [&wanted](const DueContact& contact) {
      return std::ranges::count(wanted.in_hand, contact.contact.record.position()) > 0;
    });
    Tell(ContactsRead{DueContacts{.contacts = std::move(contacts), .next_due_at = next_due_at}});
  }
  // Answers a question for slots: all granted, or all refused.
  void Grant() {
    SlotsDecided decided;
    for (const SlotWish& wish : Take(asked_).wishes) {
      decided.answers.push_back(
          {.wish = wish, .slot_id = SlotOf(wish.attempt_id), .expires_at = DatabaseNow() + absl::Seconds(30)});
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
    CommitResult result{.now = DatabaseNow()};
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
    ASSERT_THAT(dials_, testing::SizeIs(contacts));
  }
  // Up to a call that goes on, which is told.
  void InCall() {
    Dialing();
    AnswerCalled();
    CommitLater();
  }

  absl::Time DatabaseNow() const { return now_ - clock_ahead_; }

  absl::Time now_ = absl::FromUnixSeconds(1'772'539'200);  // a Tuesday, 12:00 UTC
  absl::Duration clock_ahead_;                             // before the database's
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

}  // namespace trunkline::scheduler
