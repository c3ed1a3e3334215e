#include "libs/providers/twilio/call_identity.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/providers/twilio/test_webhooks.h"
#include "libs/telephony/event_id.h"

namespace trunkline::providers::twilio {
namespace {

constexpr char kOther[] = "0190b2c3-0000-7000-8000-00000000beef";
constexpr char kForm[] = "application/x-www-form-urlencoded";

absl::StatusOr<CallIdentity> IdentityOf(std::string_view method, std::string_view event, std::string_view query,
                                        const Form& form) {
  const std::string url = Concat(kTestBase, "/telephony/webhook/twilio/", event, query);
  const std::string body = EncodeForm(form);
  const auto webhook = Webhook::Read({.event = event,
                                      .account_id = kTestAccount,
                                      .method = method,
                                      .url = url,
                                      .content_type = kForm,
                                      .body = body,
                                      .idempotency_token = {},
                                      .received_at = absl::UnixEpoch()});
  if (!webhook.has_value()) return absl::InvalidArgumentError("unknown kind");
  return IdentifyCall(*webhook);
}

std::string DerivedFrom(std::string_view sid) { return telephony::CallIdOf(kTestAccount, sid); }

TEST(CallIdentityTest, TheUrlComesFirst) {
  const auto identity = IdentityOf("POST", "status", Concat("?call=", kTestCall), {{"CallSid", kTestSid}});
  EXPECT_EQ(identity->call_id, kTestCall);
  EXPECT_EQ(identity->external_call_id, kTestSid);
  EXPECT_EQ(IdentityOf("POST", "status", "", {{"CallSid", kTestSid}})->call_id, DerivedFrom(kTestSid));
}

TEST(CallIdentityTest, AParameterOfTheCallerIsNotOurUrl) {
  EXPECT_EQ(IdentityOf("POST", "voice", "", {{"CallSid", kTestSid}, {"call", kTestCall}})->call_id,
            DerivedFrom(kTestSid));
  // In a GET, Twilio's parameters and the caller's follow ours.
  const std::string behind = Concat("?account=x&CallSid=", kTestSid, "&call=", kTestCall);
  EXPECT_EQ(IdentityOf("GET", "voice", behind, {})->call_id, DerivedFrom(kTestSid));
  const std::string in_front = Concat("?account=x&call=", kTestCall, "&CallSid=", kTestSid);
  EXPECT_EQ(IdentityOf("GET", "voice", in_front, {})->call_id, kTestCall);
}

TEST(CallIdentityTest, AChildLegIsACallOfItsOwn) {
  const Form form = {{"CallSid", "CAchild"}, {"ParentCallSid", kTestSid}};
  const auto named = IdentityOf("POST", "status", Concat("?leg=child&parent=", kTestCall), form);
  EXPECT_EQ(named->call_id, DerivedFrom("CAchild"));
  EXPECT_EQ(named->parent_call_id, kTestCall);
  const auto derived = IdentityOf("POST", "status", "?leg=child", form);
  EXPECT_EQ(derived->parent_call_id, DerivedFrom(kTestSid));
  EXPECT_EQ(IdentityOf("POST", "status", "", form)->parent_call_id, DerivedFrom(kTestSid));
}

TEST(CallIdentityTest, AConferenceNamesItsParticipant) {
  const std::string query = Concat("?call=", kOther);
  const auto identity = [&](const Form& form) { return IdentityOf("POST", "conference", query, form); };
  EXPECT_EQ(identity({{"CallSid", kTestSid}, {"ParticipantLabel", kTestCall}})->call_id, kTestCall);
  // The URL is the first participant's and says nothing of the others.
  EXPECT_EQ(identity({{"CallSid", kTestSid}, {"ParticipantLabel", "agent-17"}})->call_id, DerivedFrom(kTestSid));
  EXPECT_EQ(identity({{"CallSidEndingConference", kTestSid}})->call_id, DerivedFrom(kTestSid));
  EXPECT_EQ(identity({{"CallSidEndingConference", kTestSid}, {"ParticipantLabelEndingConference", kTestCall}})->call_id,
            kTestCall);
  EXPECT_EQ(identity({{"StatusCallbackEvent", "conference-start"}})->call_id, kOther);
}

TEST(CallIdentityTest, ARoomOfOursNamesItsCall) {
  const auto identity = [](std::string_view room) {
    return IdentityOf("POST", "conference", "",
                      {{"StatusCallbackEvent", "conference-start"}, {"FriendlyName", std::string(room)}});
  };
  EXPECT_EQ(identity(Concat("trunkline-call-", kTestCall))->call_id, kTestCall);
  EXPECT_EQ(identity(Concat("trunkline-hold-", kTestCall))->call_id, kTestCall);
  EXPECT_FALSE(identity("trunkline-call-everybody").ok());
  EXPECT_FALSE(identity(kTestCall).ok());
}

TEST(CallIdentityTest, TheDialedLegOfADialActionHasTheIdOfItsOwnWebhooks) {
  const auto child = IdentityOf("POST", "status", "?leg=child", {{"CallSid", "CAchild"}});
  EXPECT_EQ(child->call_id, DerivedFrom("CAchild"));
}

}  // namespace
}  // namespace trunkline::providers::twilio
