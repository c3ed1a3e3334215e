#include "services/gateway/links/link_keeper.h"

#include <thread>

#include "libs/base/text.h"
#include "libs/telephony/event_id.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using ::testing::IsEmpty;

class LinkKeeperTest : public GatewayFixture {
 protected:
  LinkKeeperTest() {
    client_.has_link = true;
    // One account is enough.
    Run("UPDATE telephony_providers SET enabled = false WHERE business_id <> '0190b2c3-0000-7000-8000-00000000000a'");
  }

  LinkKeeper::Parts Parts() {
    return {worker_pool_, vault_, registry_, metrics_, clock_, [] {}};
  }
  // Waits for the keeper's own thread.
  providers::LinkSink* WaitForSink() {
    while (client_.sink == nullptr) std::this_thread::yield();
    return client_.sink;
  }
};

TEST_F(LinkKeeperTest, AMessageGoesTheWayOfEveryWebhook) {
  LinkKeeper keeper(Parts());
  webhooks::v1::RawWebhook message;
  message.set_event("hangup");
  message.set_call_id(telephony::CallIdOf(our_account_, "1795.1"));
  message.mutable_link()->set_body("Event: Hangup");
  WaitForSink()->OnMessage(message);
  const auto outbox = Outbox();
  ASSERT_EQ(outbox.size(), 1u);
  EXPECT_EQ(outbox[0].provider(), "scripted");
  EXPECT_EQ(outbox[0].provider_account_id(), our_account_);
  EXPECT_EQ(outbox[0].business_id(), kOurs);
  EXPECT_EQ(outbox[0].link().body(), "Event: Hangup");
  EXPECT_FALSE(outbox[0].webhook_id().empty());
}

TEST_F(LinkKeeperTest, CallsThatAreGoneAfterAReconnectionHaveEnded) {
  const auto lost = Place(Request());
  const auto alive = Place(Request());
  Normalize({Webhook(*lost, "external-1", calls::v1::CALL_STATUS_ANSWERED)});
  Normalize({Webhook(*alive, "external-2", calls::v1::CALL_STATUS_ANSWERED)});
  clock_.Advance(absl::Minutes(1));
  const auto young = Place(Request());
  Normalize({Webhook(*young, "external-3", calls::v1::CALL_STATUS_RINGING)});
  Run("DELETE FROM call_facts_outbox");

  LinkKeeper keeper(Parts());
  providers::ProviderCall listed = ListedCall("external-2", clock_.Now());
  listed.call_id = alive->record().call_id();
  const providers::ProviderCall unknown = ListedCall("1795.9", clock_.Now());
  WaitForSink()->OnLiveCalls({listed, unknown}, clock_.Now());

  std::map<std::string, calls::v1::CallStatus> told;
  for (const webhooks::v1::RawWebhook& message : Outbox()) {
    EXPECT_EQ(message.fact().source(), events::v1::EVENT_SOURCE_RECONCILIATION);
    told[message.call_id()] = message.fact().status();
  }
  const std::map<std::string, calls::v1::CallStatus> expected = {
      {lost->record().call_id(), calls::v1::CALL_STATUS_COMPLETED},
      {alive->record().call_id(), calls::v1::CALL_STATUS_RINGING},
      {telephony::CallIdOf(our_account_, "1795.9"), calls::v1::CALL_STATUS_RINGING}};
  EXPECT_EQ(told, expected);
}

TEST_F(LinkKeeperTest, OneReplicaKeepsTheLinkUntilItEnds) {
  auto first = std::make_unique<LinkKeeper>(Parts());
  const providers::LinkSink* sink = WaitForSink();
  // Its lease is not another's to take, nor to give up.
  { const LinkKeeper second(Parts()); }
  EXPECT_EQ(Count("SELECT count(*) FROM provider_links"), 1);
  EXPECT_EQ(client_.sink, sink);
  first.reset();
  EXPECT_EQ(client_.sink, nullptr);
  EXPECT_EQ(Count("SELECT count(*) FROM provider_links"), 0);
  const LinkKeeper third(Parts());
  WaitForSink();
}

TEST_F(LinkKeeperTest, TheLeaseOfADeadReplicaIsTakenOver) {
  Run(Concat("INSERT INTO provider_links VALUES ('", our_account_, "', '", NewId(), "', ", "to_timestamp(",
             absl::ToUnixSeconds(clock_.Now() - absl::Seconds(1)), "))"));
  const LinkKeeper keeper(Parts());
  WaitForSink();
}

TEST_F(LinkKeeperTest, ALinkEndsWithItsAccount) {
  LinkKeeper keeper(Parts());
  WaitForSink();
  Run("UPDATE telephony_providers SET enabled = false");
  while (client_.sink != nullptr) {
    keeper.Wake();
    std::this_thread::yield();
  }
  EXPECT_THAT(Outbox(), IsEmpty());
}

}  // namespace
}  // namespace trunkline::gateway
