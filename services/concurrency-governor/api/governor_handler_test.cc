#include "services/concurrency-governor/api/governor_handler.h"

#include <gmock/gmock.h>

#include "google/rpc/error_details.pb.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/governor/governor_client.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/server.h"
#include "services/concurrency-governor/testing/governor_fixture.h"

namespace trunkline::governor {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// Over real gRPC, as other services see it.
class GovernorHandlerTest : public GovernorFixture {
 protected:
  ~GovernorHandlerTest() override {
    feed_.Close();
    loop_.Stop();
  }

  v1::AcquireSlotsRequest Wish(const std::vector<std::string>& requests) {
    v1::AcquireSlotsRequest request;
    for (const std::string& id : requests) {
      v1::SlotRequest* slot = request.add_slots();
      slot->set_request_id(id);
      slot->mutable_subject()->set_business_id(kBusiness);
      slot->mutable_subject()->set_provider_account_id("account");
    }
    return request;
  }
  static v1::SlotReference By(const std::string& request_id) {
    v1::SlotReference reference;
    reference.set_business_id(kBusiness);
    reference.set_request_id(request_id);
    return reference;
  }

  rpc::ServiceAuthenticator token_{"token"};
  const rpc::Methods methods_{token_, registry_, clock_};
  const rpc::LateMethods late_methods_{token_, registry_, clock_};
  UsageFeed feed_{loop_};
  GovernorHandler handler_{{methods_, late_methods_, loop_, feed_, metrics_}};
  std::unique_ptr<rpc::Server> server_ = *rpc::Server::Start({}, {&handler_});
  const std::string address_ = Concat("127.0.0.1:", server_->port());
  GovernorClient client_{{.addresses = {address_}, .service_token = "token"}};
};

TEST_F(GovernorHandlerTest, ABatchTellsOfEachWish) {
  const auto first = client_.AcquireSlots(Wish({"a", "b", "c", "d"}));
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_THAT(first->results(), SizeIs(4));
  EXPECT_TRUE(first->results(0).has_slot());
  EXPECT_LT(first->results(0).slot().fencing_token(), first->results(2).slot().fencing_token());
  EXPECT_EQ(first->results(3).error().reason(), Reason::REASON_LIMIT_REACHED);
  ASSERT_THAT(first->results(3).shut(), SizeIs(1));
  EXPECT_EQ(first->results(3).shut(0).level(), v1::LEVEL_BUSINESS);
  EXPECT_EQ(first->results(3).shut(0).limit(), 3);
}

TEST_F(GovernorHandlerTest, ARefusalNamesEveryLevelAndWhenToAskAgain) {
  v1::SetLimitsRequest limits;
  limits.add_limits()->set_level(v1::LEVEL_PROVIDER_ACCOUNT);
  limits.mutable_limits(0)->set_subject_id("account");
  limits.mutable_limits(0)->set_max_concurrent_calls(3);
  ASSERT_TRUE(client_.SetLimits(limits).ok());
  ASSERT_TRUE(client_.AcquireSlots(Wish({"a", "b", "c"})).ok());
  const absl::Status refused = client_.AcquireSlots(Wish({"d"})).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), Reason::REASON_LIMIT_REACHED);
  EXPECT_EQ(RetryAfterOf(refused), absl::Seconds(1));
  google::rpc::QuotaFailure quota;
  ASSERT_TRUE(quota.ParseFromString(std::string(*refused.GetPayload("type.googleapis.com/google.rpc.QuotaFailure"))));
  ASSERT_THAT(quota.violations(), SizeIs(2));
  EXPECT_EQ(quota.violations(0).subject(), Concat("business ", kBusiness));
  EXPECT_EQ(quota.violations(1).subject(), "provider account account");
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(std::string(*refused.GetPayload("type.googleapis.com/google.rpc.ErrorInfo"))));
  EXPECT_EQ(info.metadata().at("levels"), "business,provider_account");
}

TEST_F(GovernorHandlerTest, ASlotIsBoundRenewedAndReleased) {
  ASSERT_TRUE(client_.AcquireSlots(Wish({"a"})).ok());
  v1::RenewSlotsRequest renew;
  *renew.add_slots() = By("a");
  *renew.add_slots() = By("unknown");
  EXPECT_THAT(client_.RenewSlots(renew)->slots(), SizeIs(1));
  v1::BindSlotRequest bind;
  *bind.mutable_slot() = By("a");
  bind.set_call_id("call");
  EXPECT_EQ(client_.BindSlot(bind)->slot().call_id(), "call");
  bind.set_call_id("another");
  EXPECT_EQ(ReasonOf(client_.BindSlot(bind).status()), Reason::REASON_SLOT_NOT_FOUND);
  v1::ReleaseSlotRequest release;
  *release.mutable_slot() = By("a");
  EXPECT_EQ(client_.ReleaseSlot(release)->slot().release_reason(), v1::RELEASE_REASON_RETURNED);
  EXPECT_TRUE(client_.ReleaseSlot(release).ok()) << "again";
  *release.mutable_slot() = By("unknown");
  EXPECT_FALSE(client_.ReleaseSlot(release)->has_slot());
}

TEST_F(GovernorHandlerTest, ACallIsNotBoundOverAnAccountThatIsFull) {
  v1::SetLimitsRequest limits;
  v1::LevelLimits* level = limits.add_limits();
  level->set_level(v1::LEVEL_PROVIDER_ACCOUNT);
  level->set_subject_id("account");
  level->set_max_concurrent_calls(1);
  ASSERT_TRUE(client_.SetLimits(limits).ok());
  v1::AcquireSlotsRequest wish = Wish({"a", "b"});
  for (v1::SlotRequest& slot : *wish.mutable_slots()) slot.mutable_subject()->clear_provider_account_id();
  ASSERT_TRUE(client_.AcquireSlots(wish).ok());
  v1::BindSlotRequest bind;
  bind.set_provider_account_id("account");
  *bind.mutable_slot() = By("a");
  bind.set_call_id("call a");
  EXPECT_EQ(client_.BindSlot(bind)->slot().subject().provider_account_id(), "account");
  *bind.mutable_slot() = By("b");
  bind.set_call_id("call b");
  const absl::Status refused = client_.BindSlot(bind).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
  EXPECT_EQ(ReasonOf(refused), Reason::REASON_LIMIT_REACHED);
  EXPECT_EQ(RetryAfterOf(refused), absl::Seconds(1));
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(std::string(*refused.GetPayload("type.googleapis.com/google.rpc.ErrorInfo"))));
  EXPECT_EQ(info.metadata().at("levels"), "provider_account");
  bind.set_provider_account_id("another");
  EXPECT_TRUE(client_.BindSlot(bind).ok());
}

TEST_F(GovernorHandlerTest, ABatchIsGivenBackAtOnce) {
  ASSERT_TRUE(client_.AcquireSlots(Wish({"a", "b", "c"})).ok());
  v1::ReleaseSlotsRequest release;
  *release.add_slots() = By("a");
  *release.add_slots() = By("unknown");
  *release.add_slots() = By("b");
  for (int i = 0; i < 2; ++i) {
    const auto released = client_.ReleaseSlots(release);
    ASSERT_TRUE(released.ok()) << released.status();
    ASSERT_THAT(released->slots(), SizeIs(2));
    EXPECT_EQ(released->slots(0).request_id(), "a");
    EXPECT_EQ(released->slots(1).release_reason(), v1::RELEASE_REASON_RETURNED);
  }
  EXPECT_EQ(client_.GetUsage({})->usage().levels(0).in_use(), 1);
  EXPECT_EQ(client_.ReleaseSlots({}).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(GovernorHandlerTest, LimitsAndUsageAndGatesCanBeSeen) {
  v1::SetLimitsRequest limits;
  v1::LevelLimits* level = limits.add_limits();
  level->set_level(v1::LEVEL_BUSINESS);
  level->set_subject_id(kBusiness);
  level->set_max_concurrent_calls(4);
  level->set_weight(2);
  ASSERT_TRUE(client_.SetLimits(limits).ok());
  const auto set = client_.GetLimits({});
  ASSERT_THAT(set->limits(), SizeIs(1));
  EXPECT_EQ(set->limits(0).max_concurrent_calls(), 4);
  ASSERT_TRUE(client_.AcquireSlots(Wish({"a", "b"})).ok());

  v1::GetUsageRequest usage_request;
  usage_request.set_business_id(kBusiness);
  usage_request.set_include_slots(true);
  const auto usage = client_.GetUsage(usage_request);
  EXPECT_THAT(usage->usage().slots(), SizeIs(2));
  ASSERT_THAT(usage->usage().levels(), SizeIs(3));
  EXPECT_EQ(usage->usage().levels(1).in_use(), 2);
  EXPECT_EQ(usage->usage().levels(1).ceiling(), 4);

  v1::NoteRefusalRequest refusal;
  refusal.set_business_id(kBusiness);
  refusal.set_provider_account_id("account");
  EXPECT_EQ(client_.NoteRefusal(refusal)->learned_ceiling(), 1);
  v1::ExplainRequest explain;
  explain.mutable_subject()->set_business_id(kBusiness);
  explain.mutable_subject()->set_provider_account_id("account");
  const auto explained = client_.Explain(explain);
  ASSERT_THAT(explained->gates(), SizeIs(3));
  EXPECT_TRUE(explained->gates(0).passes());
  EXPECT_EQ(explained->gates(2).rule(), v1::GATE_RULE_LEARNED_CEILING);
  EXPECT_FALSE(explained->gates(2).passes());
}

TEST_F(GovernorHandlerTest, AWatcherIsToldOfChanges) {
  const auto stub = v1::GovernorService::NewStub(rpc::MakeChannel(address_));
  grpc::ClientContext context;
  rpc::Prepare(&context, absl::Seconds(20), "token");
  const auto watch = stub->WatchUsage(&context, {});
  v1::WatchUsageResponse told;
  ASSERT_TRUE(watch->Read(&told));
  EXPECT_EQ(told.usage().levels(0).in_use(), 0);
  ASSERT_TRUE(client_.AcquireSlots(Wish({"a"})).ok());
  do {
    ASSERT_TRUE(watch->Read(&told));
  } while (told.usage().levels(0).in_use() == 0);
  EXPECT_EQ(told.usage().levels(0).in_use(), 1);
}

TEST_F(GovernorHandlerTest, OnlyOurOwnServicesMayAsk) {
  GovernorClient stranger({.addresses = {address_}, .service_token = "guessed"});
  EXPECT_EQ(stranger.AcquireSlots(Wish({"a"})).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(stranger.GetUsage({}).status().code(), absl::StatusCode::kUnauthenticated);
}

TEST_F(GovernorHandlerTest, TheClientFindsTheLeaderByItself) {
  // A replica that does not lead, with a server of its own.
  PostgresJournal journal({.url = database_.UrlOf("trunkline_governor"), .address = "standby", .topic = "events"},
                          clock_);
  ASSERT_TRUE((*postgres::Connection::Open(database_.url()))
                  ->transaction()
                  .Execute("UPDATE governor_leadership SET address = $1", {address_})
                  .ok());
  DecisionLoop standby({journal, metrics_, clock_}, {});
  UsageFeed feed(standby);
  GovernorHandler handler({methods_, late_methods_, standby, feed, metrics_});
  const auto server = *rpc::Server::Start({}, {&handler});
  GovernorClient client({.addresses = {"127.0.0.1:1", Concat("127.0.0.1:", server->port())}, .service_token = "token"});
  const auto slots = client.AcquireSlots(Wish({"a"}));
  ASSERT_TRUE(slots.ok()) << slots.status();
  EXPECT_TRUE(slots->results(0).has_slot());

  // A watcher finds it too, and watches until it has seen enough.
  GovernorClient watcher({.addresses = {Concat("127.0.0.1:", server->port())}, .service_token = "token"});
  int seen = 0;
  const absl::Status watched = watcher.WatchUsage({}, [&](const v1::WatchUsageResponse& response) {
    ++seen;
    return response.usage().levels(0).in_use() != 1;
  });
  EXPECT_TRUE(watched.ok()) << watched;
  EXPECT_GE(seen, 1);
}

}  // namespace
}  // namespace trunkline::governor
