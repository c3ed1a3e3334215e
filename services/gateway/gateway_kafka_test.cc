// The whole gateway against a Kafka: facts reach the topic of raw webhooks, and call events reach watchers.
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <future>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "libs/kafka/producer.h"
#include "libs/kafka/tail_consumer.h"
#include "libs/kafka/topics.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"
#include "services/gateway/gateway.h"
#include "services/gateway/testing/gateway_fixture.h"
#include "tests/support/environment.h"
#include "trunkline/control/v1/call_control_service.grpc.pb.h"

namespace trunkline::gateway {
namespace {

using control::v1::CallControlService;

class GatewayKafkaTest : public GatewayFixture {
 protected:
  GatewayKafkaTest() {
    EXPECT_TRUE(kafka::CreateTopics({.bootstrap = bootstrap_}, kafka::Topics(prefix_)).ok());
    Run(Concat("INSERT INTO api_keys (api_key_id, business_id, name, key_sha256) VALUES ('", NewId(), "', '", kOurs,
               "', 'test', decode('", HexEncode(Sha256(key_)), "', 'hex'))"));
    const std::string database = Concat("--database-url=", database_.UrlOf("trunkline_gateway"));
    const std::string worker = Concat("--worker-database-url=", database_.UrlOf("trunkline_gateway_worker"));
    const std::string kafka = Concat("--kafka-bootstrap=", bootstrap_);
    const std::string prefix = Concat("--topic-prefix=", prefix_);
    const std::string credential_key = Concat("--credential-key=", HexEncode(kKey));
    const std::vector<const char*> arguments = {"gateway",
                                                database.c_str(),
                                                worker.c_str(),
                                                kafka.c_str(),
                                                prefix.c_str(),
                                                credential_key.c_str(),
                                                "--public-url=https://hooks.example.com/",
                                                "--service-token=token",
                                                "--grpc-port=0",
                                                "--admin-port=0"};
    ConfigReader reader("gateway", "test", static_cast<int>(arguments.size()), arguments.data());
    gateway_ = *Gateway::Start(ReadGatewayConfig(reader), registry_, platforms_);
    stub_ = CallControlService::NewStub(rpc::MakeChannel(Concat("127.0.0.1:", gateway_->grpc_port())));
  }

  const std::string bootstrap_ = testing_support::EmbeddedKafka();
  const std::string prefix_ = Concat("gateway-", NewId(), ".");
  const std::string key_ = "tl_" + std::string(43, 'k');
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<CallControlService::Stub> stub_;
};

TEST_F(GatewayKafkaTest, FactsReachKafkaAndEventsReachWatchers) {
  const kafka::Topics topics(prefix_);
  std::promise<webhooks::v1::RawWebhook> first;
  std::atomic<int> seen = 0;
  const auto tail = kafka::TailConsumer::Start({.bootstrap = bootstrap_, .topic = topics.raw_webhooks},
                                               [&](const kafka::Message& message) {
                                                 webhooks::v1::RawWebhook raw;
                                                 raw.ParseFromString(std::string(message.value()));
                                                 if (seen++ == 0) first.set_value(raw);
                                               });
  ASSERT_TRUE(tail.ok()) << tail.status();
  grpc::ClientContext context;
  rpc::Prepare(&context, absl::Seconds(60), key_);
  context.set_wait_for_ready(true);
  control::v1::InitiateCallResponse placed;
  ASSERT_TRUE(stub_->InitiateCall(&context, Request(), &placed).ok());
  const webhooks::v1::RawWebhook raw = first.get_future().get();
  EXPECT_EQ(raw.call_id(), placed.call().record().call_id());
  EXPECT_EQ(raw.fact().type(), events::v1::CALL_EVENT_TYPE_REQUESTED);

  // The watch may be refused while the gateway still looks for the topic.
  std::unique_ptr<grpc::ClientContext> watching;
  std::unique_ptr<grpc::ClientReader<control::v1::WatchCallsResponse>> watch;
  control::v1::WatchCallsResponse update;
  do {
    watching = std::make_unique<grpc::ClientContext>();
    rpc::Prepare(watching.get(), absl::Seconds(60), key_);
    watch = stub_->WatchCalls(watching.get(), {});
  } while (!watch->Read(&update));
  EXPECT_TRUE(update.has_started());
  const auto producer = *kafka::Producer::Start({.bootstrap = bootstrap_});
  const events::v1::CallEvent event = Webhook(placed.call(), "external-1", calls::v1::CALL_STATUS_RINGING);
  ASSERT_TRUE(
      producer
          ->Send(
              {.topic = topics.call_events, .key = event.call_id(), .value = event.SerializeAsString(), .headers = {}},
              [](const absl::Status& delivered) { EXPECT_TRUE(delivered.ok()) << delivered; })
          .ok());
  ASSERT_TRUE(watch->Read(&update));
  EXPECT_EQ(update.event().event_id(), event.event_id());
  gateway_->Drain();
  EXPECT_FALSE(watch->Read(&update));
  EXPECT_EQ(ReasonOf(rpc::FromGrpc(watch->Finish())), Reason::REASON_SHUTTING_DOWN);
}

}  // namespace
}  // namespace trunkline::gateway
