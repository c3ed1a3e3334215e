#include "services/gateway/calls/call_reader.h"

#include <set>

#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using control::v1::Call;
using control::v1::ListCallsRequest;

class CallReaderTest : public GatewayFixture {
 protected:
  std::vector<std::string> ListAll(
      ListCallsRequest request, const std::function<void()>& between = [] {}) {
    std::vector<std::string> ids;
    do {
      const auto page = reader_.List(kOurs, request);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      for (const Call& call : page->calls()) ids.push_back(call.record().call_id());
      request.set_page_token(page->next_page_token());
      between();
    } while (!request.page_token().empty());
    return ids;
  }
  // What the normalizer gets of a call, and the state that it is in then.
  void NormalizeAs(const Call& call, calls::v1::CallStatus status) {
    std::vector<events::v1::CallEvent> events;
    for (const auto& message : Outbox()) {
      if (message.call_id() == call.record().call_id()) events.push_back(message.fact());
    }
    events.push_back(Webhook(call, call.record().details().external_call_id(), status));
    Normalize(events);
  }
};

TEST_F(CallReaderTest, PagesAreStableWhileCallsComeAndMove) {
  std::vector<Call> calls;
  for (int i = 0; i < 9; ++i) {
    if (i % 3 == 0) clock_.Advance(absl::Seconds(1));  // three at the same time
    calls.push_back(*Place(Request()));
  }
  NormalizeAs(calls[0], calls::v1::CALL_STATUS_COMPLETED);
  NormalizeAs(calls[4], calls::v1::CALL_STATUS_RINGING);
  ListCallsRequest request;
  request.set_page_size(2);
  int next = 0;
  const std::vector<std::string> ids = ListAll(request, [&] {
    // A new call, a call that the normalizer hears of, one that ends.
    clock_.Advance(absl::Seconds(1));
    ASSERT_TRUE(Place(Request()).ok());
    if (next < 9) NormalizeAs(calls[static_cast<size_t>(next)], calls::v1::CALL_STATUS_RINGING);
    if (next >= 1) NormalizeAs(calls[static_cast<size_t>(next - 1)], calls::v1::CALL_STATUS_COMPLETED);
    ++next;
  });
  ASSERT_EQ(ids.size(), 9u);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 9u);
  EXPECT_EQ(ids.back() == calls[0].record().call_id() || ids.back() == calls[1].record().call_id() ||
                ids.back() == calls[2].record().call_id(),
            true);
}

TEST_F(CallReaderTest, FiltersFitKnownAndUnknownCallsAlike) {
  auto request = Request();
  request.set_campaign_id("spring");
  const Call fresh = *Place(request);
  request = Request();
  request.set_to("+12025550188");
  const Call ended = *Place(request);
  NormalizeAs(ended, calls::v1::CALL_STATUS_COMPLETED);

  ListCallsRequest list;
  list.set_campaign_id("spring");
  EXPECT_THAT(ListAll(list), ::testing::ElementsAre(fresh.record().call_id()));
  list.Clear();
  list.set_to("+1 202-555-0188");
  EXPECT_THAT(ListAll(list), ::testing::ElementsAre(ended.record().call_id()));
  list.Clear();
  list.add_statuses(calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_THAT(ListAll(list), ::testing::ElementsAre(ended.record().call_id()));
  list.set_statuses(0, calls::v1::CALL_STATUS_INITIATED);
  EXPECT_THAT(ListAll(list), ::testing::ElementsAre(fresh.record().call_id()));
  list.Clear();
  list.set_direction(calls::v1::CALL_DIRECTION_INBOUND);
  EXPECT_THAT(ListAll(list), ::testing::IsEmpty());
  list.Clear();
  list.set_from(kOurNumber);
  list.set_provider_account_id(our_account_);
  *list.mutable_started_after() = telephony::ToProto(clock_.Now());
  *list.mutable_started_before() = telephony::ToProto(clock_.Now() + absl::Seconds(1));
  EXPECT_THAT(ListAll(list), ::testing::SizeIs(2));
  *list.mutable_started_before() = telephony::ToProto(clock_.Now());
  EXPECT_THAT(ListAll(list), ::testing::IsEmpty());
}

TEST_F(CallReaderTest, ATokenFitsItsListOnly) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Place(Request()).ok());
  ListCallsRequest request;
  request.set_page_size(1);
  const std::string token = reader_.List(kOurs, request)->next_page_token();
  request.set_page_token(token);
  EXPECT_TRUE(reader_.List(kOurs, request).ok());
  EXPECT_EQ(ReasonOf(reader_.List(kTheirs, request).status()), Reason::REASON_INVALID_PAGE_TOKEN);
  request.set_campaign_id("other");
  EXPECT_EQ(ReasonOf(reader_.List(kOurs, request).status()), Reason::REASON_INVALID_PAGE_TOKEN);
  request.set_page_size(501);
  EXPECT_EQ(ReasonOf(reader_.List(kOurs, request).status()), Reason::REASON_INVALID_FIELD);
}

TEST_F(CallReaderTest, WhatTheGatewayKnowsFirstIsNotForgottenWhileTheNormalizerIsBehind) {
  client_.on_place = [](const providers::DialRequest&) {
    return providers::DialOutcome{.kind = providers::DialOutcome::Kind::kRejected, .external_call_id = {}, .error = {}};
  };
  const Call call = *Place(Request());
  Normalize({Outbox()[0].fact()});  // REQUESTED only
  EXPECT_EQ(Read(call.record().call_id()).record().status(), calls::v1::CALL_STATUS_FAILED);
}

}  // namespace
}  // namespace trunkline::gateway
