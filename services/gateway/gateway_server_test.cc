// The API over gRPC, as clients see it: keys, rich errors, watches.
#include <grpcpp/grpcpp.h>

#include "libs/access/api_key_authenticator.h"
#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"
#include "libs/rpc/queued_methods.h"
#include "libs/rpc/server.h"
#include "services/gateway/api/call_control_handler.h"
#include "services/gateway/api/provider_account_handler.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using control::v1::CallControlService;
using control::v1::WatchCallsRequest;
using control::v1::WatchCallsResponse;

class GatewayServerTest : public GatewayFixture {
 protected:
  GatewayServerTest() {
    for (const char* business : {kOurs, kTheirs}) {
      Run(Concat("INSERT INTO api_keys (api_key_id, business_id, name, key_sha256) VALUES ('", NewId(), "', '",
                 business, "', 'test', decode('", HexEncode(Sha256(KeyOf(business))), "', 'hex'))"));
    }
    server_ = *rpc::Server::Start({.max_threads = 16}, {&call_control_, &accounts_});
    channel_ = rpc::MakeChannel(Concat("127.0.0.1:", server_->port()));
    stub_ = CallControlService::NewStub(channel_);
  }
  ~GatewayServerTest() override { hub_.Close(); }

  static std::string KeyOf(const std::string& business) { return "tl_" + std::string(43, business.back()); }

  struct Watch {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReader<WatchCallsResponse>> reader;
    WatchCallsResponse update;
    bool Next() { return reader->Read(&update); }
    absl::Status Finish() {
      while (Next()) {
      }
      return rpc::FromGrpc(reader->Finish());
    }
  };
  std::unique_ptr<Watch> StartWatch(const std::string& key, const WatchCallsRequest& request = {}) {
    auto watch = std::make_unique<Watch>();
    rpc::Prepare(&watch->context, absl::Seconds(60), key);
    watch->context.set_wait_for_ready(true);
    watch->reader = stub_->WatchCalls(&watch->context, request);
    return watch;
  }
  events::v1::CallEvent Event(const std::string& business, const std::string& call_id) const {
    events::v1::CallEvent event;
    event.set_event_id(NewId());
    event.set_business_id(business);
    event.set_call_id(call_id);
    event.set_type(events::v1::CALL_EVENT_TYPE_RINGING);
    return event;
  }

  // Fails as a database or a library does that nobody put into words for clients.
  class FailingAuthenticator final : public rpc::Authenticator {
   public:
    explicit FailingAuthenticator(rpc::Authenticator& real) : real_(real) {}
    absl::StatusOr<rpc::Caller> Authenticate(std::string_view key) override {
      if (!failure.ok()) return failure;
      return real_.Authenticate(key);
    }
    absl::Status failure;

   private:
    rpc::Authenticator& real_;
  };

  access::ApiKeyAuthenticator authenticator_{pool_, clock_, {}};
  FailingAuthenticator watch_authenticator_{authenticator_};
  rpc::ServiceAuthenticator services_{"service token"};
  rpc::BusinessAuthenticator businesses_{authenticator_, services_};
  const rpc::Methods methods_{businesses_, registry_of_metrics_, clock_};
  WorkQueue waiting_calls_{2, 2};
  const rpc::QueuedMethods queued_methods_{methods_, waiting_calls_};
  CallEventHub hub_{100, metrics_};
  WorkQueue work_{2, 100};
  absl::Status source_;
  CallWatch watch_{{watch_authenticator_, hub_, work_, metrics_, clock_, [this] { return source_; }, 4}};
  BulkDialer bulk_{pipeline_, requests_};
  CallTimeline timeline_{pool_, reader_};
  CallController controller_{
      {carriers_, reader_, ledger_, plans_, directory_, destinations_, requests_, clock_, [] {}}};
  CallExplainer explainer_{{pool_, directory_, registry_, guard_, destinations_, bots_, nullptr, clock_}};
  CallControlHandler call_control_{
      {queued_methods_, pipeline_, bulk_, reader_, timeline_, ender_, controller_, watch_, explainer_}};
  ProviderAccountHandler accounts_{methods_, account_commands_};
  std::unique_ptr<rpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<CallControlService::Stub> stub_;
};

TEST_F(GatewayServerTest, TrunklinesOwnServicesActForABusinessWithTheirToken) {
  const auto place = [&](const std::string& key, const std::string& business) {
    grpc::ClientContext context;
    rpc::Prepare(&context, absl::Seconds(60), key);
    context.set_wait_for_ready(true);
    if (!business.empty()) context.AddMetadata(rpc::kBusinessMetadata, business);
    control::v1::InitiateCallResponse response;
    const absl::Status status = rpc::FromGrpc(stub_->InitiateCall(&context, Request(), &response));
    return status.ok() ? absl::StatusOr<std::string>(response.call().record().business_id()) : status;
  };
  const auto placed = place("service token", kOurs);
  ASSERT_TRUE(placed.ok()) << placed.status();
  EXPECT_EQ(*placed, kOurs);
  EXPECT_EQ(ReasonOf(place("service token", "").status()), Reason::REASON_UNAUTHENTICATED) << "for whom?";
  EXPECT_EQ(ReasonOf(place("service token", "acme").status()), Reason::REASON_UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(place("another token", kOurs).status()), Reason::REASON_UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(place(KeyOf(kTheirs), kOurs).status()), Reason::REASON_UNAUTHENTICATED)
      << "a key does not act for others";
}

TEST_F(GatewayServerTest, ACallIsPlacedWithAKeyAndOnlyWithAKey) {
  for (const std::string& key : {KeyOf(kOurs), std::string("tl_wrong"), std::string()}) {
    grpc::ClientContext context;
    rpc::Prepare(&context, absl::Seconds(60), key);
    context.set_wait_for_ready(true);
    control::v1::InitiateCallResponse response;
    const absl::Status status = rpc::FromGrpc(stub_->InitiateCall(&context, Request(), &response));
    if (key == KeyOf(kOurs)) {
      EXPECT_TRUE(status.ok()) << status;
      EXPECT_EQ(response.call().record().business_id(), kOurs);
    } else {
      EXPECT_EQ(ReasonOf(status), Reason::REASON_UNAUTHENTICATED);
    }
  }
}

TEST_F(GatewayServerTest, WrongFieldsReachTheClientByName) {
  grpc::ClientContext context;
  rpc::Prepare(&context, absl::Seconds(60), KeyOf(kOurs));
  context.set_wait_for_ready(true);
  auto request = Request();
  request.set_to("nobody");
  request.mutable_plan()->mutable_verbs(0)->mutable_continue_()->set_step("missing");
  control::v1::InitiateCallResponse response;
  const absl::Status status = rpc::FromGrpc(stub_->InitiateCall(&context, request, &response));
  EXPECT_EQ(ReasonOf(status), Reason::REASON_INVALID_FIELD);
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("plan.verbs[0].continue.step"));
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("to:"));
}

TEST_F(GatewayServerTest, AnAccountComesWithTheUrlsToEnter) {
  auto stub = accounts::v1::ProviderAccountService::NewStub(channel_);
  grpc::ClientContext context;
  rpc::Prepare(&context, absl::Seconds(60), KeyOf(kOurs));
  context.set_wait_for_ready(true);
  accounts::v1::GetProviderAccountRequest request;
  request.set_provider_account_id(our_account_);
  accounts::v1::GetProviderAccountResponse response;
  ASSERT_TRUE(stub->GetProviderAccount(&context, request, &response).ok());
  EXPECT_EQ(response.account().credentials().at("token"), "(stored)");
  EXPECT_EQ(response.webhook_urls().at("voice"), Concat("https://hooks.example.com/voice?account=", our_account_));
}

TEST_F(GatewayServerTest, AWatchDeliversTheEventsOfItsBusinessAndItsFilter) {
  const std::string call_id = NewId();
  WatchCallsRequest one_call;
  one_call.add_call_ids(call_id);
  auto ours = StartWatch(KeyOf(kOurs));
  auto single = StartWatch(KeyOf(kOurs), one_call);
  auto theirs = StartWatch(KeyOf(kTheirs));
  for (auto* watch : {ours.get(), single.get(), theirs.get()}) {
    ASSERT_TRUE(watch->Next());
    EXPECT_TRUE(watch->update.has_started());
  }
  hub_.Publish(Event(kTheirs, NewId()));
  hub_.Publish(Event(kOurs, NewId()));
  hub_.Publish(Event(kOurs, call_id));
  ASSERT_TRUE(ours->Next());
  EXPECT_EQ(ours->update.event().business_id(), kOurs);
  ASSERT_TRUE(ours->Next());
  EXPECT_EQ(ours->update.event().call_id(), call_id);
  ASSERT_TRUE(single->Next());
  EXPECT_EQ(single->update.event().call_id(), call_id);
  ASSERT_TRUE(theirs->Next());
  EXPECT_EQ(theirs->update.event().business_id(), kTheirs);
  hub_.Close();
  EXPECT_EQ(ReasonOf(theirs->Finish()), Reason::REASON_SHUTTING_DOWN);
  EXPECT_EQ(ReasonOf(ours->Finish()), Reason::REASON_SHUTTING_DOWN);
  EXPECT_EQ(ReasonOf(single->Finish()), Reason::REASON_SHUTTING_DOWN);
}

TEST_F(GatewayServerTest, AWatcherThatDoesNotReadIsEnded) {
  auto watch = StartWatch(KeyOf(kOurs));
  ASSERT_TRUE(watch->Next());
  events::v1::CallEvent event = Event(kOurs, NewId());
  (*event.mutable_details()->mutable_custom_data())["large"] = std::string(1'000'000, 'x');
  for (int i = 0; i < 50; ++i) hub_.Publish(event);
  const absl::Status end = watch->Finish();
  EXPECT_EQ(end.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(end), Reason::REASON_WATCHER_TOO_SLOW);
}

TEST_F(GatewayServerTest, AWatchNeedsAKeyAndALiveSource) {
  EXPECT_EQ(ReasonOf(StartWatch("tl_wrong")->Finish()), Reason::REASON_UNAUTHENTICATED);
  WatchCallsRequest wrong;
  wrong.add_call_ids("x");
  EXPECT_EQ(ReasonOf(StartWatch(KeyOf(kOurs), wrong)->Finish()), Reason::REASON_INVALID_FIELD);
  source_ = absl::UnavailableError("Kafka is away");
  EXPECT_EQ(ReasonOf(StartWatch(KeyOf(kOurs))->Finish()), Reason::REASON_DEPENDENCY_UNAVAILABLE);
}

TEST_F(GatewayServerTest, AWatchThatCannotBeginTellsNoInnerWords) {
  for (const absl::StatusCode code : {absl::StatusCode::kUnavailable, absl::StatusCode::kInternal}) {
    watch_authenticator_.failure = absl::Status(code, "no route to 10.0.0.7:5432");
    const absl::Status end = StartWatch(KeyOf(kOurs))->Finish();
    EXPECT_EQ(end.code(), code);
    EXPECT_EQ(ReasonOf(end),
              code == absl::StatusCode::kInternal ? Reason::REASON_INTERNAL : Reason::REASON_DEPENDENCY_UNAVAILABLE);
    EXPECT_THAT(std::string(end.message()), ::testing::Not(::testing::HasSubstr("10.0.0.7")));
  }
}

TEST_F(GatewayServerTest, WatchersThatLeaveAreForgotten) {
  for (int i = 0; i < 20; ++i) {
    auto watch = StartWatch(KeyOf(kOurs));
    if (i % 2 == 0) {
      EXPECT_TRUE(watch->Next());
    }
    watch->context.TryCancel();
    EXPECT_FALSE(watch->Finish().ok());
  }
  server_->Drain(absl::Seconds(10));
  EXPECT_THAT(registry_of_metrics_.Text(),
              ::testing::Not(::testing::ContainsRegex("trunkline_gateway_watchers [1-9]")));
}

}  // namespace
}  // namespace trunkline::gateway
