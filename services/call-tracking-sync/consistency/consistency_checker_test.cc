#include "services/call-tracking-sync/consistency/consistency_checker.h"

#include <map>
#include <random>
#include <set>

#include "services/call-tracking-sync/consistency/check_requests.h"
#include "services/call-tracking-sync/testing/memory_fixture.h"

namespace trunkline::tracking_sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using tracking::Told;
using tracking::TrackedCall;
using tracking::v1::Check;
using tracking::v1::Finding;

class ConsistencyCheckerTest : public MemoryFixture {
 protected:
  void PutBoth(const TrackedCall& call) {
    client().calls[call.external_id] = call;
    PutHere(call);
  }

  std::string Start(absl::Duration range = absl::Hours(24),
                    tracking::v1::RepairPolicy repair = tracking::v1::REPAIR_POLICY_NONE) {
    tracking::v1::StartCheckRequest request;
    request.set_request_id(NewId());
    request.set_provider_account_id(kAccount);
    request.set_repair(repair);
    *request.mutable_range_start() = telephony::ToProto(clock_.Now() - range);
    const auto check = requests_.Start(Us(), request);
    EXPECT_TRUE(check.ok()) << check.status();
    return check.ok() ? check->check_id() : std::string();
  }
  // Works, each step by a checker of its own, as if it died after each; until nothing is due.
  int WorkToTheEnd() {
    int steps = 0;
    while (true) {
      ConsistencyChecker checker(worker_pool_, clock_, {}, [this](const Check&) { ++ended_; });
      const absl::StatusOr<bool> worked = checker.WorkOn(Work());
      EXPECT_TRUE(worked.ok()) << worked.status();
      if (!worked.value_or(false)) return steps;
      ++steps;
    }
  }
  Check Get(const std::string& check_id) { return *requests_.Get(kOurs, check_id); }
  std::vector<Finding> Findings(const std::string& check_id) {
    tracking::v1::ListFindingsRequest request;
    request.set_check_id(check_id);
    request.set_page_size(7);
    std::vector<Finding> findings;
    do {
      const auto page = requests_.ListFindings(kOurs, request);
      EXPECT_TRUE(page.ok()) << page.status();
      findings.insert(findings.end(), page->findings().begin(), page->findings().end());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return findings;
  }

  CheckRequests requests_{pool_, platforms_, clock_, {}};
  int ended_ = 0;
};

// The planted-errors test: of 2,000 calls over three days 50 are wrong here, in many ways.
TEST_F(ConsistencyCheckerTest, OfManyCallsExactlyTheFiftyWrongOnesAreNamed) {
  std::mt19937 random(20260302);
  const std::vector<std::pair<std::string, void (*)(TrackedCall*)>> changes = {
      {"status", [](TrackedCall* call) { call->status = calls::v1::CALL_STATUS_NO_ANSWER; }},
      {"caller_number", [](TrackedCall* call) { call->caller.value = "+12025550144"; }},
      {"destination_number", [](TrackedCall* call) { call->destination.value.reset(); }},
      {"answered_at", [](TrackedCall* call) { call->answered_at.value = *call->answered_at + absl::Seconds(9); }},
      {"ended_at", [](TrackedCall* call) { call->ended_at.value = *call->ended_at - absl::Seconds(3); }},
      {"talk_seconds", [](TrackedCall* call) { call->talk_seconds.value = 177; }},
      {"revenue", [](TrackedCall* call) { call->revenue.value = 400'000; }},
      {"payout", [](TrackedCall* call) { call->payout.value.reset(); }},
      {"converted", [](TrackedCall* call) { call->converted.value = false; }},
      {"buyer_id", [](TrackedCall* call) { call->buyer_id.value = "BU2"; }},
      {"recording", [](TrackedCall* call) { call->recording_url.value.reset(); }},
      {"tags.geo", [](TrackedCall* call) { (*call->tags.value)["geo"] = "ca"; }},
      {"version", [](TrackedCall* call) { call->updated_at.value = *call->updated_at - absl::Seconds(1); }},
  };
  std::map<std::string, std::string> planted;  // what is wrong, by id
  int missing = 0;
  int extra = 0;
  for (int i = 0; i < 2'000; ++i) {
    const std::string id = Concat("C", 10'000 + i);
    TrackedCall call = MakeCall(id, absl::Hours(71) - absl::Seconds(120 * i));
    call.revenue = Told<int64_t>::Of(static_cast<int64_t>(random() % 500'000));
    if (i % 40 != 7) {
      PutBoth(call);
      continue;
    }
    switch (i / 40 % 5) {
      case 0:
        ++missing;
        planted[id] = "missing";
        client().calls[id] = call;
        break;
      case 1:
        ++extra;
        planted[id] = "extra";
        PutHere(call);
        break;
      default: {
        const auto& [field, change] = changes[static_cast<size_t>(i / 40) % changes.size()];
        client().calls[id] = call;
        change(&call);
        if (field == "recording") {
          // Its absence is believed a day after the end only.
          client().calls[id].recording_url.value = "https://recordings.example/2";
        }
        PutHere(call);
        planted[id] = field;
        break;
      }
    }
  }
  ASSERT_THAT(planted, SizeIs(50));

  const std::string check_id = Start(absl::Hours(72));
  WorkToTheEnd();
  const Check check = Get(check_id);
  EXPECT_EQ(check.state(), tracking::v1::CHECK_STATE_FINISHED) << check.error();
  std::map<std::string, std::string> named;
  for (const Finding& finding : Findings(check_id)) {
    if (finding.kind() == tracking::v1::FINDING_KIND_MISSING) named[finding.external_call_id()] = "missing";
    if (finding.kind() == tracking::v1::FINDING_KIND_EXTRA) named[finding.external_call_id()] = "extra";
    if (finding.kind() == tracking::v1::FINDING_KIND_DIFFERENT) {
      ASSERT_EQ(finding.differences_size(), 1) << finding.DebugString();
      named[finding.external_call_id()] = finding.differences(0).field();
    }
  }
  EXPECT_EQ(named, planted);
  EXPECT_EQ(check.checked(), 2'000);
  EXPECT_EQ(check.missing(), missing);
  EXPECT_EQ(check.extra(), extra);
  EXPECT_EQ(check.different(), 50 - missing - extra);
  EXPECT_EQ(check.contradictions(), 0);
  EXPECT_EQ(ended_, 1);
  ASSERT_EQ(check.totals_size(), 4);
  EXPECT_EQ(check.totals(0).listed(), Concat(2'000 - extra));
  EXPECT_EQ(check.totals(0).ours(), Concat(2'000 - missing));
  EXPECT_EQ(Count("SELECT count(*) FROM consistency_listed"), 0);
}

TEST_F(ConsistencyCheckerTest, WhereAllIsEqualNothingIsNamedAndTheSumsAgree) {
  client().page_size = 7;
  for (int i = 0; i < 60; ++i) PutBoth(MakeCall(Concat("C", i), absl::Hours(1) + absl::Minutes(20 * i)));
  const std::string check_id = Start();
  WorkToTheEnd();
  const Check check = Get(check_id);
  EXPECT_EQ(check.state(), tracking::v1::CHECK_STATE_FINISHED);
  EXPECT_EQ(check.checked(), 60);
  EXPECT_THAT(Findings(check_id), IsEmpty());
  for (const auto& total : check.totals()) EXPECT_TRUE(total.agrees()) << total.DebugString();
  EXPECT_EQ(check.totals(1).listed(), "1950.0000");
  EXPECT_THAT(client().fetched, IsEmpty());
}

TEST_F(ConsistencyCheckerTest, AListThatIsOlderThanWhatIsHereNamesNothing) {
  TrackedCall call = MakeCall("C1", absl::Hours(3));
  client().listed_instead["C1"] = call;
  client().listed_instead["C1"].revenue.value = 1;
  PutBoth(call);
  const std::string check_id = Start();
  WorkToTheEnd();
  EXPECT_THAT(Findings(check_id), IsEmpty());
  EXPECT_THAT(client().fetched, ElementsAre("C1"));
}

TEST_F(ConsistencyCheckerTest, ACallThatNoListShowsIsAskedForBeforeItIsExtra) {
  // Its beginning was corrected at the platform, to a time outside of the range.
  PutHere(MakeCall("C1", absl::Hours(3)));
  client().calls["C1"] = MakeCall("C1", absl::Hours(30));
  PutHere(MakeCall("C2", absl::Hours(3)));
  const std::string check_id = Start();
  WorkToTheEnd();
  const std::vector<Finding> findings = Findings(check_id);
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].kind(), tracking::v1::FINDING_KIND_DIFFERENT);
  EXPECT_EQ(findings[1].kind(), tracking::v1::FINDING_KIND_EXTRA);
  EXPECT_EQ(findings[1].external_call_id(), "C2");
}

TEST_F(ConsistencyCheckerTest, ThePolicySaysWhatIsBroughtIn) {
  client().calls["C1"] = MakeCall("C1", absl::Hours(3));
  TrackedCall call = MakeCall("C2", absl::Hours(3));
  client().calls["C2"] = call;
  call.revenue.value = 1;
  PutHere(call);
  Start(absl::Hours(24), tracking::v1::REPAIR_POLICY_NONE);
  WorkToTheEnd();
  EXPECT_THAT(sent_, IsEmpty());
  Start(absl::Hours(24), tracking::v1::REPAIR_POLICY_MISSING);
  WorkToTheEnd();
  EXPECT_THAT(sent_, ElementsAre("C1"));
  sent_.clear();
  const std::string check_id = Start(absl::Hours(24), tracking::v1::REPAIR_POLICY_ALL);
  WorkToTheEnd();
  EXPECT_THAT(sent_, UnorderedElementsAre("C1", "C2"));
  for (const Finding& finding : Findings(check_id)) EXPECT_TRUE(finding.repaired());
  EXPECT_EQ(Get(check_id).repaired(), 2);
  EXPECT_EQ(Count("SELECT count(*) FROM audit_log WHERE action = 'tracking.repair'"), 2);
}

TEST_F(ConsistencyCheckerTest, LiveCallsOnlyHaveToBeHere) {
  TrackedCall live = MakeCall("C1", absl::Minutes(30));
  live.status = calls::v1::CALL_STATUS_ANSWERED;
  live.ended_at = Told<absl::Time>::None();
  client().calls["C1"] = live;
  live.buyer_id.value = "another";
  PutHere(live);
  live.external_id = "C2";
  client().calls["C2"] = live;
  const std::string check_id = Start();
  WorkToTheEnd();
  const std::vector<Finding> findings = Findings(check_id);
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].external_call_id(), "C2");
  EXPECT_EQ(Get(check_id).skipped(), 1);
}

TEST_F(ConsistencyCheckerTest, RecordsThatContradictThemselvesAndNoCallsAreNamed) {
  PutBoth(MakeCall("C1", absl::Hours(3)));
  client().bodies["C1"] = R"({"wrong": true})";
  client().bad = {{.external_id = "C9", .body = "7", .error = "a call has no id"}};
  const std::string check_id = Start();
  WorkToTheEnd();
  const std::vector<Finding> findings = Findings(check_id);
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].kind(), tracking::v1::FINDING_KIND_CONTRADICTION);
  EXPECT_EQ(findings[1].kind(), tracking::v1::FINDING_KIND_UNREADABLE);
  EXPECT_EQ(findings[1].remarks(0), "a call has no id");
}

TEST_F(ConsistencyCheckerTest, AFailureThatMayPassIsWaitedFor) {
  PutBoth(MakeCall("C1", absl::Hours(3)));
  client().failures = {MemoryClient::Failure(tracking::v1::TRACKING_ERROR_CODE_SERVER_ERROR)};
  const std::string check_id = Start();
  EXPECT_EQ(WorkToTheEnd(), 1);
  EXPECT_EQ(Get(check_id).state(), tracking::v1::CHECK_STATE_RUNNING);
  EXPECT_THAT(Get(check_id).error(), testing::HasSubstr("server_error"));
  clock_.Advance(absl::Minutes(1));
  WorkToTheEnd();
  EXPECT_EQ(Get(check_id).state(), tracking::v1::CHECK_STATE_FINISHED);
  EXPECT_EQ(Get(check_id).error(), "");
}

TEST_F(ConsistencyCheckerTest, AFailureThatWillNotPassEndsTheCheck) {
  client().failures = {MemoryClient::Failure(tracking::v1::TRACKING_ERROR_CODE_AUTH_INVALID)};
  const std::string check_id = Start();
  WorkToTheEnd();
  EXPECT_EQ(Get(check_id).state(), tracking::v1::CHECK_STATE_FAILED);
  EXPECT_EQ(ended_, 1);
}

TEST_F(ConsistencyCheckerTest, ABudgetWithoutRoomOnlyDelays) {
  PutBoth(MakeCall("C1", absl::Hours(3)));
  for (int i = 0; i < 20; ++i)
    client().failures.push_back(absl::ResourceExhaustedError("its turn would come too late"));
  const std::string check_id = Start();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(WorkToTheEnd(), 1);
    clock_.Advance(absl::Seconds(30));
  }
  WorkToTheEnd();
  EXPECT_EQ(Get(check_id).state(), tracking::v1::CHECK_STATE_FINISHED);
}

TEST_F(ConsistencyCheckerTest, APartialListIsAskedForInHalves) {
  for (int i = 0; i < 20; ++i) PutBoth(MakeCall(Concat("C", i), absl::Hours(1) + absl::Hours(i)));
  client().failures = {MemoryClient::Failure(tracking::v1::TRACKING_ERROR_CODE_PARTIAL_RESULT),
                       MemoryClient::Failure(tracking::v1::TRACKING_ERROR_CODE_PARTIAL_RESULT)};
  const std::string check_id = Start();
  WorkToTheEnd();
  const Check check = Get(check_id);
  EXPECT_EQ(check.state(), tracking::v1::CHECK_STATE_FINISHED);
  EXPECT_EQ(check.checked(), 20);
  EXPECT_THAT(Findings(check_id), IsEmpty());
}

TEST_F(ConsistencyCheckerTest, CallsThatWereMappedBesideAreComparedWithoutAskingThePlatform) {
  Run("CREATE TABLE IF NOT EXISTS shadow_calls (LIKE call_history INCLUDING DEFAULTS INCLUDING GENERATED)");
  Run("GRANT SELECT ON shadow_calls TO trunkline_tracking_worker");
  for (int i = 0; i < 30; ++i) PutHere(MakeCall(Concat("C", i), absl::Hours(1) + absl::Minutes(20 * i)));
  Run("INSERT INTO shadow_calls (call_id, business_id, provider, provider_account_id, external_call_id, direction, "
      "status, "
      "started_at, last_event_at, state) SELECT call_id, business_id, provider, provider_account_id, external_call_id, "
      "direction, status, started_at, last_event_at, state FROM call_history WHERE external_call_id <> 'C7'");
  TrackedCall call = MakeCall("C5", absl::Hours(1) + absl::Minutes(100));
  call.payout.value = 1;
  PutHere(call);
  Run("DELETE FROM call_history WHERE external_call_id = 'C9'");
  tracking::v1::StartCheckRequest request;
  request.set_request_id(NewId());
  request.set_provider_account_id(kAccount);
  request.set_subject(tracking::v1::CHECK_SUBJECT_SHADOW);
  const auto started = requests_.Start(Us(), request);
  ASSERT_TRUE(started.ok()) << started.status();
  WorkToTheEnd();
  EXPECT_EQ(Get(started->check_id()).state(), tracking::v1::CHECK_STATE_FINISHED);
  std::map<std::string, tracking::v1::FindingKind> found;
  for (const Finding& finding : Findings(started->check_id())) found[finding.external_call_id()] = finding.kind();
  EXPECT_EQ(found, (std::map<std::string, tracking::v1::FindingKind>{{"C5", tracking::v1::FINDING_KIND_DIFFERENT},
                                                                     {"C7", tracking::v1::FINDING_KIND_EXTRA},
                                                                     {"C9", tracking::v1::FINDING_KIND_MISSING}}));
  EXPECT_EQ(client().lists, 0);
  EXPECT_THAT(client().fetched, IsEmpty());
  EXPECT_THAT(sent_, IsEmpty());
}

TEST_F(ConsistencyCheckerTest, AnOwnerThatIsNoneAnyMoreCommitsNothing) {
  client().calls["C1"] = MakeCall("C1", absl::Hours(3));
  const std::string check_id = Start();
  ConsistencyChecker checker(worker_pool_, clock_, {}, [](const Check&) {});
  Run("UPDATE sync_status SET epoch = 2");
  EXPECT_EQ(checker.WorkOn(Work(/*epoch=*/1)).status().code(), absl::StatusCode::kAborted);
  EXPECT_THAT(Findings(check_id), IsEmpty());
  EXPECT_EQ(Get(check_id).state(), tracking::v1::CHECK_STATE_QUEUED);
}

TEST_F(ConsistencyCheckerTest, TheChecksOfADayAreWrittenDownOnce) {
  ConsistencyChecker checker(worker_pool_, clock_, {}, [](const Check&) {});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(checker.Schedule(Work()).ok());
  EXPECT_EQ(Count("SELECT count(*) FROM consistency_checks"), 2);
  clock_.Advance(absl::Hours(24));
  ASSERT_TRUE(checker.Schedule(Work()).ok());
  EXPECT_EQ(Count("SELECT count(*) FROM consistency_checks"), 4);
  Run("UPDATE sync_status SET last_successful_sync_at = NULL");
  clock_.Advance(absl::Hours(24));
  ASSERT_TRUE(checker.Schedule(Work()).ok());
  EXPECT_EQ(Count("SELECT count(*) FROM consistency_checks"), 4);
}

TEST_F(ConsistencyCheckerTest, WhatABackfillStillReadsIsNotChecked) {
  ConsistencyChecker checker(worker_pool_, clock_, {}, [](const Check&) {});
  const std::string two_days_ago =
      absl::FormatTime(absl::RFC3339_full, clock_.Now() - absl::Hours(48), absl::UTCTimeZone());
  const std::string now = absl::FormatTime(absl::RFC3339_full, clock_.Now(), absl::UTCTimeZone());
  const std::string id = NewId();
  Run(
      Concat("INSERT INTO sync_runs (run_id, business_id, provider_account_id, kind, range_from, range_to, state, "
             "requested_by, request_id) VALUES ('",
             id, "', '", kOurs, "', '", kAccount, "', 'backfill', '", two_days_ago, "', '", now,
             "', 'running', 'test', '", id, "')"));
  ASSERT_TRUE(checker.Schedule(Work()).ok());
  // The other is of a day before the backfill's.
  EXPECT_EQ(Count("SELECT count(*) FROM consistency_checks"), 1);
  Run("UPDATE sync_runs SET state = 'done'");
  ASSERT_TRUE(checker.Schedule(Work()).ok());
  EXPECT_EQ(Count("SELECT count(*) FROM consistency_checks"), 2);
}

TEST_F(ConsistencyCheckerTest, ACheckIsStartedOnceAndSeenByItsBusinessAlone) {
  tracking::v1::StartCheckRequest request;
  request.set_request_id(NewId());
  request.set_provider_account_id(kAccount);
  const auto check = requests_.Start(Us(), request);
  ASSERT_TRUE(check.ok()) << check.status();
  EXPECT_EQ(requests_.Start(Us(), request)->check_id(), check->check_id());
  request.set_repair(tracking::v1::REPAIR_POLICY_ALL);
  EXPECT_EQ(ReasonOf(requests_.Start(Us(), request).status()), Reason::REASON_REQUEST_ID_REUSED);
  EXPECT_EQ(requests_.Get(kTheirs, check->check_id()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(requests_.List(kTheirs, {})->checks(), IsEmpty());
  request.set_request_id(NewId());
  EXPECT_EQ(ReasonOf(requests_.Start(Them(), request).status()), Reason::REASON_PROVIDER_ACCOUNT_NOT_FOUND);
}

TEST_F(ConsistencyCheckerTest, ACanceledCheckGoesNoFurther) {
  for (int i = 0; i < 3; ++i) client().calls[Concat("C", i)] = MakeCall(Concat("C", i), absl::Hours(3));
  client().page_size = 1;
  const std::string check_id = Start();
  ConsistencyChecker checker(worker_pool_, clock_, {}, [](const Check&) {});
  ASSERT_TRUE(*checker.WorkOn(Work()));
  ASSERT_TRUE(requests_.Cancel(Us(), check_id).ok());
  EXPECT_FALSE(*checker.WorkOn(Work()));
  EXPECT_EQ(Get(check_id).state(), tracking::v1::CHECK_STATE_CANCELED);
  EXPECT_THAT(Findings(check_id), SizeIs(1));
}

}  // namespace
}  // namespace trunkline::tracking_sync
