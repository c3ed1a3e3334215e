#include "libs/providers/exotel/webhook_mapper.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/providers/exotel/test_webhooks.h"
#include "libs/telephony/call_status.h"

namespace trunkline::providers::exotel {
namespace {

using telephony::NameOf;

// "ringing/ringing ended/completed": type and status of each event.
std::string Told(const WebhookRequest& request) {
  const auto events = ExotelMapper().Map(RawOf(request));
  if (!events.ok()) return std::string(ToStd(events.status().message()));
  std::string told;
  for (const events::v1::CallEvent& event : *events) {
    told += Concat(told.empty() ? "" : " ", NameOf(event.type()), "/", NameOf(event.status()));
  }
  return told;
}
std::string ToldJson(std::string body) { return Told(PostOf("status", "", "application/json", std::move(body))); }

TEST(WebhookMapperTest, LegsDecideWhatAnsweredMeans) {
  EXPECT_EQ(ToldJson(R"({"CallSid":"a","EventType":"answered","Status":"in-progress",
                        "Legs":[{"Status":"in-progress"},{"Status":"null"}]})"),
            "ringing/ringing");
  EXPECT_EQ(ToldJson(R"({"CallSid":"a","EventType":"answered","Status":"in-progress",
                        "Legs":[{"Status":"completed"},{"Status":"in-progress"}]})"),
            "answered/answered");
  EXPECT_EQ(ToldJson(R"({"CallSid":"a","EventType":"answered","Status":"in-progress"})"), "answered/answered");
}

TEST(WebhookMapperTest, WordsThatAreNotKnown) {
  EXPECT_EQ(ToldJson(R"({"CallSid":"a","EventType":"terminal","Status":"levitating"})"), "ended/failed");
  EXPECT_EQ(ToldJson(R"({"CallSid":"a","Status":"in-progress"})"), "updated/unknown");
  EXPECT_EQ(Told(GetOf("passthru", "CallSid=a&CallType=levitating")), "updated/unknown");
  EXPECT_EQ(ToldJson(R"({"heartbeat":1})"), "the webhook is of no known kind");
  EXPECT_EQ(ToldJson("{"), "the webhook is of no known kind");
}

TEST(WebhookMapperTest, AnAgentThatIsBusyIsNoBusyCall) {
  EXPECT_EQ(Told(GetOf("popup", "CallSid=a&EventType=Ringing&Status=busy")), "ringing/ringing");
  EXPECT_EQ(Told(GetOf("popup", "CallSid=a&EventType=Answered&Status=busy")), "answered/answered");
  EXPECT_EQ(Told(GetOf("passthru", "CallSid=a&DialWhomNumber=1&Status=busy")), "");
}

TEST(WebhookMapperTest, FlowsOfCallsThatWerePlaced) {
  EXPECT_EQ(Told(GetOf("passthru", Concat("CallSid=a&CallType=call-attempt&call=", kTestCall))), "answered/answered");
  EXPECT_EQ(Told(GetOf("end", "CallSid=a&CallType=call-attempt&Direction=incoming")), "ended/abandoned");
  EXPECT_EQ(Told(GetOf("passthru", "CallSid=a&CallType=incomplete&DialCallStatus=busy&Direction=outbound-dial")),
            "dialed_leg_ended/unknown ended/busy");
}

TEST(WebhookMapperTest, TwoAnswersOfOneCallAreTwoFacts) {
  const auto id_of = [](std::string_view legs) {
    const auto events = ExotelMapper().Map(
        RawOf(PostOf("status", "", "application/json",
                     Concat(R"({"CallSid":"a","EventType":"answered","Status":"in-progress","Legs":)", legs, "}"))));
    return events->at(0).event_id();
  };
  EXPECT_NE(id_of(R"([{"Status":"in-progress"},{"Status":"in-progress"}])"),
            id_of(R"([{"Status":"completed"},{"Status":"in-progress"}])"));
}

TEST(WebhookMapperTest, TheUrlSaysWhereTheAccountIs) {
  const auto events =
      ExotelMapper().Map(RawOf(GetOf("passthru",
                                     "zone=%2B04%3A00&prefix=971&CallSid=a&CallType=call-attempt&CallFrom=0501234567"
                                     "&CallStatus=ringing&CurrentTime=2026-01-15+12%3A00%3A00")));
  ASSERT_TRUE(events.ok());
  EXPECT_EQ(events->at(0).occurred_at().seconds(), 1'768'464'000);  // 08:00 UTC
  EXPECT_EQ(events->at(0).details().from(), "+971501234567");
}

}  // namespace
}  // namespace trunkline::providers::exotel
