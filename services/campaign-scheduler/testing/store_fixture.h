// For integration tests: campaigns with contacts on a database of the test's own, and an owner of them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/postgres/pool.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/engine/slot_line.h"
#include "services/campaign-scheduler/store/postgres_campaign_store.h"
#include "tests/support/test_database.h"

namespace trunkline::scheduler {

inline constexpr char kBusiness[] = "0190b2c3-0000-7000-8000-00000000000a";
inline constexpr char kOtherBusiness[] = "0190b2c3-0000-7000-8000-00000000000b";

class StoreFixture : public testing::Test {
 protected:
  StoreFixture() {
    for (const char* business : {kBusiness, kOtherBusiness}) {
      Run("INSERT INTO businesses (business_id, name) VALUES ($1, 'b')", {business});
    }
    settings_.mutable_pacing()->mutable_call_spacing();
    settings_.mutable_retries()->set_max_attempts(3);
  }

  postgres::Result Run(const std::string& sql, const std::vector<postgres::Parameter>& parameters = {}) {
    auto result = owner_->transaction().Execute(sql, parameters);
    EXPECT_TRUE(result.ok()) << result.status();
    return *std::move(result);
  }
  int64_t Number(const std::string& sql, const std::vector<postgres::Parameter>& parameters = {}) {
    return Run(sql, parameters).Integer(0, 0);
  }
  std::string Text(const std::string& sql, const std::vector<postgres::Parameter>& parameters = {}) {
    return Run(sql, parameters).String(0, 0);
  }

  // A running campaign with the fixture's settings and so many contacts, "+12025550001" and following; nobody owns it.
  std::string AddCampaign(int contacts, const char* business = kBusiness,
                          v1::CampaignState state = v1::CAMPAIGN_STATE_RUNNING) {
    const std::string id = NewUuid(absl::Now());
    Run("INSERT INTO campaigns (campaign_id, business_id, name, state, state_actor, state_changed_at, settings, "
        "request_id, "
        "request_sha256) VALUES ($1, $2, 'spring', $3, 'test', now(), $4, gen_random_uuid(), '')",
        {id, business, static_cast<int>(state), postgres::Parameter::Bytes(settings_.SerializeAsString())});
    Run("INSERT INTO campaign_progress (campaign_id, business_id, contacts_total, contacts_pending, last_position, "
        "running_since) VALUES ($1, $2, $3, $3, $3, now())",
        {id, business, contacts});
    Run("INSERT INTO contacts (campaign_id, position, contact_id, business_id, number, time_zone) SELECT $1, i, "
        "gen_random_uuid(), $2, '+120255' || (50000 + i), 'UTC' FROM generate_series(1, $3::bigint) AS i",
        {id, business, contacts});
    return id;
  }
  // Takes it, as a replica would.
  Ownership Own(const std::string& campaign_id) {
    const auto row =
        Run("UPDATE campaign_progress SET epoch = epoch + 1, replica_id = gen_random_uuid() WHERE campaign_id "
            "= $1 RETURNING business_id, epoch",
            {campaign_id});
    return {campaign_id, row.String(0, 0), row.Integer(0, 1)};
  }

  Campaign CampaignOf(const Ownership& owner) { return *store_.ReadCampaign(owner.campaign_id); }
  std::vector<DueContact> Due(const Ownership& owner, size_t most = 100) {
    return store_.ReadDue(owner, {.most = most, .in_hand = {}})->contacts;
  }
  static PlannedAttempt Plan(const DueContact& due) {
    return {.attempt_id = NextAttemptOf(due.contact),
            .number = NextNumberOf(due.contact),
            .contact = due.contact,
            .slot_id = NewUuid(absl::Now())};
  }
  static CommitBatch Attempts(const std::vector<DueContact>& due) {
    CommitBatch batch{.dial_time = absl::Seconds(20)};
    for (const DueContact& contact : due) batch.attempts.push_back(Plan(contact));
    return batch;
  }
  CommitResult Commit(const Ownership& owner, const CommitBatch& batch) {
    auto result = store_.Commit(owner, CampaignOf(owner), batch);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : CommitResult();
  }
  // An attempt that is committed, and what comes of it.
  static AttemptEnding End(const PlannedAttempt& attempt, absl::Time committed_at, v1::Disposition disposition,
                           v1::ContactState contact, std::optional<absl::Time> due_at = std::nullopt) {
    return {.attempt_id = attempt.attempt_id,
            .number = attempt.number,
            .contact_id = attempt.contact.record.contact_id(),
            .position = attempt.contact.record.position(),
            .to_number = attempt.contact.record.number(),
            .committed_at = committed_at,
            .call_id = NewUuid(absl::Now()),
            .disposition = disposition,
            .ended_at = absl::Now(),
            .talk = absl::Seconds(30),
            .attempts = attempt.number,
            .local_hour = 12,
            .contact_state = contact,
            .due_at = due_at};
  }
  // "pending/in flight/waiting/reached/exhausted/suppressed/removed", as progress and contacts tell it alike.
  std::string Counts(const std::string& campaign_id) {
    const std::string told = Text(
        "SELECT concat_ws('/', contacts_pending, contacts_in_flight, contacts_waiting, contacts_reached, "
        "contacts_exhausted, contacts_suppressed, contacts_removed) FROM campaign_progress WHERE campaign_id = $1",
        {campaign_id});
    EXPECT_EQ(told,
              Text("SELECT string_agg(n::text, '/' ORDER BY s) FROM (SELECT s, (SELECT count(*) FROM contacts WHERE "
                   "campaign_id = $1 AND state = s) AS n FROM generate_series(1, 7) AS s) AS counted",
                   {campaign_id}));
    return told;
  }

  testing_support::TestDatabase database_;
  std::unique_ptr<postgres::Connection> owner_ = *postgres::Connection::Open(database_.url());
  postgres::Pool pool_{{.url = database_.UrlOf("trunkline_scheduler_worker"), .size = 8}};
  PostgresCampaignStore store_{pool_, {}};
  v1::CampaignSettings settings_;
};

}  // namespace trunkline::scheduler
