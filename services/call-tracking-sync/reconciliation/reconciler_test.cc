#include "services/call-tracking-sync/reconciliation/reconciler.h"

#include "services/call-tracking-sync/reconciliation/reconciliation_requests.h"
#include "services/call-tracking-sync/testing/memory_fixture.h"

namespace trunkline::tracking_sync {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using tracking::v1::CallDiscrepancy;
using tracking::v1::Reconciliation;

constexpr char kTelephony[] = "0190b2c3-0000-7000-8000-0000000000c1";
constexpr char kDestination[] = "+13125550199";

// What the gateway would tell.
class MemoryRecords final : public ProviderRecords {
 public:
  std::vector<ConversationSide> all;
  absl::Status status;
  int asked = 0;

  absl::StatusOr<std::vector<ConversationSide>> List(const RecordsQuery& query) override {
    ++asked;
    if (!status.ok()) return status;
    std::vector<ConversationSide> told;
    for (const ConversationSide& side : all) {
      if (side.account_id == query.account_id && side.to == query.to && side.started_at >= query.created_since &&
          side.started_at < query.created_before) {
        told.push_back(side);
      }
    }
    return told;
  }
};

class ReconcilerTest : public MemoryFixture {
 protected:
  ReconcilerTest() {
    Run(Concat("INSERT INTO telephony_providers (provider_account_id, business_id, provider) VALUES ('", kTelephony,
               "', '", kOurs, "', 'mock')"));
    Run(Concat("INSERT INTO business_phone_numbers (number, business_id, provider_account_id) VALUES ('", kDestination,
               "', '", kOurs, "', '", kTelephony, "')"));
  }

  // The telephony side of a tracked call, here and at the provider.
  void PutCarried(const tracking::TrackedCall& tracked, int64_t cost_micros = 25'500) {
    calls::v1::CallState state;
    const std::string id = Concat("CA", tracked.external_id);
    const std::string call_id = UuidOfName("test call", id);
    const auto put = [&](events::v1::CallEventType type, absl::Time at, calls::v1::CallStatus status) {
      events::v1::CallEvent event;
      event.set_event_id(UuidOfName("test event", Concat(id, static_cast<int>(type))));
      event.set_call_id(call_id);
      event.set_business_id(kOurs);
      event.set_type(type);
      event.set_status(status);
      *event.mutable_occurred_at() = telephony::ToProto(at);
      calls::v1::CallDetails* details = event.mutable_details();
      details->set_provider("mock");
      details->set_provider_account_id(kTelephony);
      details->set_external_call_id(id);
      details->set_direction(calls::v1::CALL_DIRECTION_INBOUND);
      details->set_from(*tracked.caller);
      details->set_to(kDestination);
      details->mutable_cost()->set_currency("USD");
      details->mutable_cost()->set_micros(cost_micros);
      telephony::MergeEvent(event, &state);
    };
    const absl::Time at = *tracked.started_at + absl::Seconds(15);
    put(events::v1::CALL_EVENT_TYPE_INITIATED, at, calls::v1::CALL_STATUS_INITIATED);
    put(events::v1::CALL_EVENT_TYPE_ANSWERED, *tracked.answered_at, calls::v1::CALL_STATUS_ANSWERED);
    put(events::v1::CALL_EVENT_TYPE_ENDED, *tracked.ended_at, calls::v1::CALL_STATUS_COMPLETED);
    PutState(state);
    ConversationSide record = SideOf(telephony::Project(state));
    record.call_id.clear();
    records_.all.push_back(record);
  }
  Reconciliation Run24Hours() {
    tracking::v1::StartReconciliationRequest request;
    request.set_request_id(NewId());
    const auto started = requests_.Start(Us(), request);
    EXPECT_TRUE(started.ok()) << started.status();
    // Each part by a reconciler of its own.
    while (true) {
      Reconciler reconciler(worker_pool_, records_, clock_, {.platforms = {kMemoryPlatform}}, [](const auto&) {});
      const absl::StatusOr<bool> worked = reconciler.Work();
      EXPECT_TRUE(worked.ok()) << worked.status();
      if (!worked.value_or(false)) break;
    }
    return *requests_.Get(kOurs, started->reconciliation_id());
  }
  std::vector<CallDiscrepancy> Discrepancies(bool with_resolved = false) {
    tracking::v1::ListDiscrepanciesRequest request;
    request.set_with_resolved(with_resolved);
    const auto list = requests_.ListDiscrepancies(kOurs, request);
    EXPECT_TRUE(list.ok()) << list.status();
    return {list->discrepancies().begin(), list->discrepancies().end()};
  }
  int64_t Told() { return Count("SELECT count(*) FROM call_discrepancies_outbox"); }

  MemoryRecords records_;
  ReconciliationRequests requests_{pool_, clock_, {}};
};

TEST_F(ReconcilerTest, PlantedDifferencesAreToldOnceWithTheirMoneyAndResolvedWhenTheyAreGone) {
  for (int i = 0; i < 40; ++i) {
    tracking::TrackedCall call = MakeCall(Concat("T", i), absl::Hours(2) + absl::Minutes(30 * i));
    call.caller.value = Concat("+1202555", 2'000 + i);
    PutHere(call);
    if (i != 7) PutCarried(call);
  }
  records_.all[3].cost->set_micros(34'000);  // the provider's bill is higher
  records_.all.erase(records_.all.begin() + 20);
  const Reconciliation first = Run24Hours();
  EXPECT_EQ(first.state(), tracking::v1::CHECK_STATE_FINISHED);
  EXPECT_EQ(first.tracked_calls(), 40);
  EXPECT_EQ(first.matched(), 39);
  EXPECT_EQ(first.discrepancies(), 3);
  ASSERT_EQ(first.at_stake_size(), 1);
  EXPECT_EQ(first.at_stake(0).revenue().micros(), 32'500'000);
  EXPECT_EQ(first.at_stake(0).payout().micros(), 25'000'000);
  EXPECT_EQ(first.at_stake(0).cost().micros(), 340'000 + 8'500 + 25'500);
  EXPECT_THAT(Discrepancies(), SizeIs(3));
  EXPECT_EQ(Told(), 3);

  // Nothing changed: nothing is told.
  Run24Hours();
  EXPECT_EQ(Told(), 3);

  // The bill was corrected.
  records_.all[3].cost->set_micros(25'500);
  Run24Hours();
  EXPECT_EQ(Told(), 4);
  EXPECT_THAT(Discrepancies(), SizeIs(2));
  ASSERT_THAT(Discrepancies(/*with_resolved=*/true), SizeIs(3));
}

TEST_F(ReconcilerTest, WhatDependsOnAProviderThatCannotBeAskedStaysAsItIs) {
  const tracking::TrackedCall call = MakeCall("T1", absl::Hours(3));
  PutHere(call);
  PutCarried(call);
  records_.all[0].cost->set_micros(34'000);
  Run24Hours();
  EXPECT_THAT(Discrepancies(), SizeIs(1));
  records_.status = absl::UnimplementedError("this provider lists no calls");
  const Reconciliation without = Run24Hours();
  EXPECT_EQ(without.state(), tracking::v1::CHECK_STATE_FINISHED);
  ASSERT_EQ(without.accounts_not_asked_size(), 1);
  EXPECT_EQ(without.accounts_not_asked(0), kTelephony);
  EXPECT_THAT(Discrepancies(), SizeIs(1));
}

TEST_F(ReconcilerTest, AProviderThatIsAwayIsAskedAgain) {
  const tracking::TrackedCall call = MakeCall("T1", absl::Hours(3));
  PutHere(call);
  PutCarried(call);
  records_.status = absl::UnavailableError("away");
  const Reconciliation waiting = Run24Hours();
  EXPECT_EQ(waiting.state(), tracking::v1::CHECK_STATE_RUNNING);
  EXPECT_EQ(waiting.error(), "away");
  records_.status = absl::OkStatus();
  clock_.Advance(absl::Minutes(1));
  Run24Hours();
  EXPECT_EQ(requests_.Get(kOurs, waiting.reconciliation_id())->state(), tracking::v1::CHECK_STATE_FINISHED);
  EXPECT_THAT(Discrepancies(), IsEmpty());
}

TEST_F(ReconcilerTest, AHolderThatIsSilentIsFollowedByAnother) {
  tracking::v1::StartReconciliationRequest request;
  request.set_request_id(NewId());
  ASSERT_TRUE(requests_.Start(Us(), request).ok());
  // Another replica took it up a moment ago and died.
  Run("UPDATE reconciliations SET state = 2, holding = 1, held_until = to_timestamp(1780000000) + interval '5 min'");
  Reconciler reconciler(worker_pool_, records_, clock_, {.platforms = {kMemoryPlatform}}, [](const auto&) {});
  EXPECT_FALSE(*reconciler.Work());
  clock_.Advance(absl::Minutes(5));
  EXPECT_TRUE(*reconciler.Work());
}

TEST_F(ReconcilerTest, TheReconciliationOfADayIsWrittenDownOnceForEachBusiness) {
  Reconciler reconciler(worker_pool_, records_, clock_, {.platforms = {kMemoryPlatform}}, [](const auto&) {});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(reconciler.Schedule().ok());
  EXPECT_EQ(Count("SELECT count(*) FROM reconciliations"), 1);
}

TEST_F(ReconcilerTest, AnotherBusinessSeesNothing) {
  const tracking::TrackedCall call = MakeCall("T1", absl::Hours(3));
  PutHere(call);
  const Reconciliation reconciliation = Run24Hours();
  EXPECT_THAT(Discrepancies(), SizeIs(1));
  EXPECT_THAT(requests_.ListDiscrepancies(kTheirs, {})->discrepancies(), IsEmpty());
  EXPECT_EQ(requests_.Get(kTheirs, reconciliation.reconciliation_id()).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace trunkline::tracking_sync
