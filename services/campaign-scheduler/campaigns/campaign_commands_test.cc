#include "services/campaign-scheduler/campaigns/campaign_commands.h"

#include <thread>

#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/testing/campaigns_fixture.h"
#include "trunkline/campaigns/v1/campaign_event.pb.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::Campaign;
using ::testing::HasSubstr;

class CampaignCommandsTest : public CampaignsFixture {
 protected:
  Reason Refused(const absl::StatusOr<Campaign>& campaign) { return ReasonOf(campaign.status()); }
  absl::StatusOr<Campaign> ScheduleAt(const std::string& id, std::optional<absl::Time> at) {
    auto request = About<campaigns::v1::ScheduleCampaignRequest>(id);
    if (at.has_value()) *request.mutable_starts_at() = telephony::ToProto(*at);
    return commands_.Schedule(CallerOf(kOurs), request);
  }
  absl::StatusOr<Campaign> Clone(const std::string& id, const std::string& request_id,
                                 campaigns::v1::CloneContacts contacts) {
    auto request = About<campaigns::v1::CloneCampaignRequest>(id);
    request.set_request_id(request_id);
    request.set_contacts(contacts);
    return commands_.Clone(CallerOf(kOurs), request);
  }
  std::vector<campaigns::v1::CampaignEvent> Events() {
    std::vector<campaigns::v1::CampaignEvent> events;
    const auto read = owner_.InTransaction([&](postgres::Transaction& tx) -> absl::Status {
      TL_ASSIGN_OR_RETURN(const postgres::Result rows,
                          tx.Execute("SELECT message FROM campaign_events_outbox ORDER BY outbox_id"));
      for (int i = 0; i < rows.size(); ++i) events.emplace_back().ParseFromString(rows.Bytes(i, 0));
      return absl::OkStatus();
    });
    EXPECT_TRUE(read.ok()) << read;
    return events;
  }
};

TEST_F(CampaignCommandsTest, TheSameRequestGivesTheSameCampaign) {
  const auto wish = Wish("spring");
  const Campaign first = *commands_.Create(CallerOf(kOurs), wish);
  EXPECT_EQ(first.state(), campaigns::v1::CAMPAIGN_STATE_DRAFT);
  EXPECT_EQ(commands_.Create(CallerOf(kOurs), wish)->campaign_id(), first.campaign_id());
  auto other = wish;
  other.set_name("summer");
  EXPECT_EQ(Refused(commands_.Create(CallerOf(kOurs), other)), Reason::REASON_REQUEST_ID_REUSED);
  // Another business's requests are its own.
  EXPECT_NE(commands_.Create(CallerOf(kTheirs), wish)->campaign_id(), first.campaign_id());
  EXPECT_EQ(Count("SELECT count(*) FROM campaigns"), 2);
  EXPECT_EQ(Events().size(), 2);
}

TEST_F(CampaignCommandsTest, WrongFieldsAreAllNamed) {
  campaigns::v1::CreateCampaignRequest request;
  request.mutable_settings()->mutable_pacing()->set_calls_per_second(-1);
  const auto status = commands_.Create(CallerOf(kOurs), request).status();
  EXPECT_EQ(ReasonOf(status), Reason::REASON_INVALID_FIELD);
  for (const char* field : {"request_id", "name", "settings.pacing.calls_per_second"}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(field));
  }
}

TEST_F(CampaignCommandsTest, EachChangeOfStateHasItsRowItsEventAndItsTime) {
  const std::string id = CreateWith(2).campaign_id();
  ASSERT_TRUE(Start(id).ok());
  clock_.Advance(absl::Minutes(3));
  ASSERT_TRUE(Pause(id).ok());
  clock_.Advance(absl::Minutes(5));
  ASSERT_TRUE(Resume(id).ok());
  clock_.Advance(absl::Minutes(1));
  ASSERT_TRUE(Cancel(id).ok());

  const auto transitions = *queries_.ListTransitions(kOurs, About<campaigns::v1::ListCampaignTransitionsRequest>(id));
  ASSERT_EQ(transitions.transitions_size(), 4);
  EXPECT_EQ(transitions.transitions(0).from(), campaigns::v1::CAMPAIGN_STATE_RUNNING);
  EXPECT_EQ(transitions.transitions(0).to(), campaigns::v1::CAMPAIGN_STATE_CANCELLED);
  EXPECT_EQ(transitions.transitions(3).to(), campaigns::v1::CAMPAIGN_STATE_RUNNING);
  EXPECT_EQ(transitions.transitions(3).actor(), "api-key:test");
  EXPECT_EQ(Text("SELECT extract(epoch FROM ran)::int FROM campaign_progress"), "240");
  const auto events = Events();
  ASSERT_EQ(events.size(), 5);
  for (size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].sequence(), i + 1);
    EXPECT_EQ(events[i].campaign_id(), id);
    EXPECT_EQ(events[i].business_id(), kOurs);
  }
  EXPECT_EQ(events[2].state_change().from(), campaigns::v1::CAMPAIGN_STATE_RUNNING);
  EXPECT_EQ(events[2].state_change().to(), campaigns::v1::CAMPAIGN_STATE_PAUSED);
}

TEST_F(CampaignCommandsTest, ARepeatedCommandChangesNothing) {
  const std::string id = CreateWith(1).campaign_id();
  ASSERT_TRUE(Start(id).ok());
  const std::string etag = Get(id).etag();
  EXPECT_EQ(Start(id)->etag(), etag);
  EXPECT_EQ(Resume(id)->etag(), etag);
  const std::string paused = Pause(id)->etag();
  EXPECT_EQ(Pause(id)->etag(), paused);
  const std::string cancelled = Cancel(id)->etag();
  EXPECT_EQ(Cancel(id)->etag(), cancelled);
  EXPECT_EQ(Count("SELECT count(*) FROM campaign_transitions"), 3);
}

TEST_F(CampaignCommandsTest, WhatTheStateDoesNotAllowIsRefusedAndTold) {
  const std::string id = CreateWith(1).campaign_id();
  for (const auto& refused : {Pause(id), Resume(id)}) {
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(Refused(refused), Reason::REASON_ILLEGAL_TRANSITION);
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("draft"));
  }
  ASSERT_TRUE(Start(id).ok());
  ASSERT_TRUE(Pause(id).ok());
  // A late repetition of the start does not resume what somebody paused.
  EXPECT_EQ(Refused(Start(id)), Reason::REASON_ILLEGAL_TRANSITION);
  ASSERT_TRUE(Cancel(id).ok());
  for (const auto& refused : {Start(id), Pause(id), Resume(id), ScheduleAt(id, clock_.Now() + absl::Hours(1))}) {
    EXPECT_EQ(Refused(refused), Reason::REASON_ILLEGAL_TRANSITION);
  }
  EXPECT_EQ(Count("SELECT count(*) FROM campaign_transitions"), 3);
  EXPECT_EQ(Refused(Pause(NewId())), Reason::REASON_CAMPAIGN_NOT_FOUND);
  EXPECT_EQ(Refused(Pause("x")), Reason::REASON_INVALID_FIELD);
}

TEST_F(CampaignCommandsTest, AnEmptyCampaignStartsOnlyWhenItIsKeptOpen) {
  const std::string id = Create().campaign_id();
  EXPECT_EQ(Refused(Start(id)), Reason::REASON_ILLEGAL_TRANSITION);
  auto request = About<campaigns::v1::UpdateCampaignRequest>(id);
  request.mutable_update_mask()->add_paths("settings.keep_open");
  request.mutable_settings()->set_keep_open(true);
  ASSERT_TRUE(commands_.Update(CallerOf(kOurs), request).ok());
  EXPECT_TRUE(Start(id).ok());
}

TEST_F(CampaignCommandsTest, AScheduleIsMadeMovedAndTakenBack) {
  const std::string id = Create().campaign_id();
  EXPECT_EQ(Refused(ScheduleAt(id, clock_.Now())), Reason::REASON_INVALID_FIELD);
  const absl::Time at = clock_.Now() + absl::Hours(2);
  const Campaign scheduled = *ScheduleAt(id, at);
  EXPECT_EQ(scheduled.state(), campaigns::v1::CAMPAIGN_STATE_SCHEDULED);
  EXPECT_EQ(ScheduleAt(id, at)->etag(), scheduled.etag());
  const Campaign moved = *ScheduleAt(id, at + absl::Hours(1));
  EXPECT_EQ(telephony::FromProto(moved.starts_at()), at + absl::Hours(1));
  EXPECT_NE(moved.etag(), scheduled.etag());
  const Campaign draft = *ScheduleAt(id, std::nullopt);
  EXPECT_EQ(draft.state(), campaigns::v1::CAMPAIGN_STATE_DRAFT);
  EXPECT_FALSE(draft.has_starts_at());
  EXPECT_EQ(ScheduleAt(id, std::nullopt)->etag(), draft.etag());
}

TEST_F(CampaignCommandsTest, AnUpdateChangesWhatItsMaskNamesAndNothingElse) {
  const Campaign before = CreateWith(1);
  auto request = About<campaigns::v1::UpdateCampaignRequest>(before.campaign_id());
  request.mutable_update_mask()->add_paths("settings.pacing.calls_per_second");
  request.mutable_settings()->mutable_pacing()->set_calls_per_second(5);
  request.mutable_settings()->mutable_pacing()->set_weight(9);
  request.set_name("not named in the mask");
  request.set_etag(before.etag());
  const Campaign after = *commands_.Update(CallerOf(kOurs), request);
  EXPECT_EQ(after.name(), before.name());
  EXPECT_EQ(after.settings().pacing().calls_per_second(), 5);
  EXPECT_EQ(after.settings().pacing().weight(), 0);
  EXPECT_EQ(after.settings().default_region(), "US");
  EXPECT_NE(after.etag(), before.etag());

  EXPECT_EQ(Refused(commands_.Update(CallerOf(kOurs), request)), Reason::REASON_ETAG_MISMATCH);
  request.clear_etag();
  EXPECT_EQ(commands_.Update(CallerOf(kOurs), request)->etag(), after.etag());
  for (const char* path : {"campaign_id", "settings.nonsense", "etag"}) {
    request.mutable_update_mask()->clear_paths();
    request.mutable_update_mask()->add_paths(path);
    EXPECT_EQ(Refused(commands_.Update(CallerOf(kOurs), request)), Reason::REASON_INVALID_FIELD) << path;
  }
  ASSERT_TRUE(Cancel(before.campaign_id()).ok());
  request.mutable_update_mask()->clear_paths();
  request.mutable_update_mask()->add_paths("settings");
  EXPECT_EQ(Refused(commands_.Update(CallerOf(kOurs), request)), Reason::REASON_ILLEGAL_TRANSITION);
}

TEST_F(CampaignCommandsTest, SettingsOfARunningCampaignMustStayReady) {
  const std::string id = CreateWith(1).campaign_id();
  ASSERT_TRUE(Start(id).ok());
  auto request = About<campaigns::v1::UpdateCampaignRequest>(id);
  request.mutable_update_mask()->add_paths("settings.plan");
  EXPECT_EQ(Refused(commands_.Update(CallerOf(kOurs), request)), Reason::REASON_INVALID_FIELD);
}

TEST_F(CampaignCommandsTest, PausedAndResumedByManyAtOnceItEndsInOneOfBothWithOneHistory) {
  const std::string id = CreateWith(1).campaign_id();
  ASSERT_TRUE(Start(id).ok());
  std::vector<std::thread> threads;
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([this, &id, i] {
      for (int round = 0; round < 10; ++round) {
        const auto done = (i + round) % 2 == 0 ? Pause(id) : Resume(id);
        EXPECT_TRUE(done.ok()) << done.status();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  // The history is a chain: each change begins where the one before ended, and the last one is the state.
  EXPECT_EQ(Count("SELECT count(*) FROM (SELECT from_state, lag(to_state) OVER (ORDER BY transition_id) AS before FROM "
                  "campaign_transitions) t WHERE before <> from_state"),
            0);
  EXPECT_EQ(Count("SELECT state FROM campaigns"),
            Count("SELECT to_state FROM campaign_transitions ORDER BY transition_id DESC LIMIT 1"));
  EXPECT_EQ(Count("SELECT count(*) FROM campaign_transitions") + 1, static_cast<int64_t>(Events().size()));
}

TEST_F(CampaignCommandsTest, ACloneIsADraftWithTheSameSettings) {
  const Campaign source = CreateWith(3);
  const std::string request_id = NewId();
  const Campaign copy = *Clone(source.campaign_id(), request_id, campaigns::v1::CLONE_CONTACTS_UNSPECIFIED);
  EXPECT_NE(copy.campaign_id(), source.campaign_id());
  EXPECT_EQ(copy.state(), campaigns::v1::CAMPAIGN_STATE_DRAFT);
  EXPECT_EQ(copy.settings().SerializeAsString(), source.settings().SerializeAsString());
  EXPECT_EQ(copy.contacts().total(), 0);
  EXPECT_EQ(Clone(source.campaign_id(), request_id, campaigns::v1::CLONE_CONTACTS_UNSPECIFIED)->campaign_id(),
            copy.campaign_id());
  EXPECT_EQ(Refused(Clone(source.campaign_id(), request_id, campaigns::v1::CLONE_CONTACTS_ALL)),
            Reason::REASON_REQUEST_ID_REUSED);
}

TEST_F(CampaignCommandsTest, AClonesContactsAreAsIfNeverCalled) {
  const Campaign source = CreateWith(7);
  const std::string& id = source.campaign_id();
  for (int position = 1; position <= 7; ++position) {
    Run(Concat("UPDATE contacts SET state = ", position, ", attempts = 2, endings = '{3,4}', due_at = now() WHERE ",
               "campaign_id = '", id, "' AND position = ", position));
  }
  const auto all = Contacts(Clone(id, NewId(), campaigns::v1::CLONE_CONTACTS_ALL)->campaign_id());
  ASSERT_EQ(all.size(), 6);  // one was taken out
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].position(), i + 1);
    EXPECT_EQ(all[i].state(), campaigns::v1::CONTACT_STATE_PENDING);
    EXPECT_EQ(all[i].attempts(), 0);
    EXPECT_EQ(all[i].variables().at("name"), Concat("name ", i));
  }
  const Campaign not_reached = *Clone(id, NewId(), campaigns::v1::CLONE_CONTACTS_NOT_REACHED);
  EXPECT_EQ(not_reached.contacts().pending(), 4);
  std::vector<std::string> numbers;
  for (const auto& contact : Contacts(not_reached.campaign_id())) numbers.push_back(contact.number());
  EXPECT_THAT(numbers, ::testing::ElementsAre("+12025551000", "+12025551001", "+12025551002", "+12025551004"));
}

TEST_F(CampaignCommandsTest, ACloneThatWasBrokenOffGoesOnWhereItWas) {
  const Campaign source = CreateWith(5);
  const std::string request_id = NewId();
  const Campaign copy = *Clone(source.campaign_id(), request_id, campaigns::v1::CLONE_CONTACTS_ALL);
  // As if the process had died after the second contact.
  Run(Concat(
      "DELETE FROM contacts WHERE campaign_id = '", copy.campaign_id(), "' AND position > 2; ",
      "UPDATE campaign_progress SET contacts_total = 2, contacts_pending = 2, last_position = 2 WHERE campaign_id ",
      "= '", copy.campaign_id(), "'; UPDATE contact_imports SET next_offset = 2, rows = 2, added = 2, state = 1 ",
      "WHERE campaign_id = '", copy.campaign_id(), "'"));
  EXPECT_EQ(Clone(source.campaign_id(), request_id, campaigns::v1::CLONE_CONTACTS_ALL)->contacts().pending(), 5);
  const auto contacts = Contacts(copy.campaign_id());
  ASSERT_EQ(contacts.size(), 5);
  for (size_t i = 0; i < contacts.size(); ++i) EXPECT_EQ(contacts[i].number(), Concat("+1202555", 1'000 + i));
}

TEST_F(CampaignCommandsTest, WithACancelledCampaignItsOpenContactsAreTakenOut) {
  const std::string id = CreateWith(3).campaign_id();
  ASSERT_TRUE(Start(id).ok());
  const Campaign cancelled = *Cancel(id);
  EXPECT_EQ(cancelled.contacts().removed(), 3);
  EXPECT_EQ(cancelled.contacts().pending(), 0);
  for (const auto& contact : Contacts(id)) EXPECT_EQ(contact.state(), campaigns::v1::CONTACT_STATE_REMOVED);
}

}  // namespace
}  // namespace trunkline::scheduler
