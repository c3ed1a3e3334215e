// Every wire sample of testdata/webhooks goes through the receiver and the mapper, as a webhook does in production.
// What must come out stands beside it as JSON. After a change that is meant, run with TRUNKLINE_UPDATE_GOLDEN=1 and
// review.
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "libs/base/text.h"
#include "libs/providers/exotel/test_webhooks.h"
#include "libs/providers/exotel/webhook_mapper.h"
#include "libs/providers/exotel/webhook_receiver.h"

namespace trunkline::providers::exotel {
namespace {

nlohmann::json ToJson(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &text, options).ok());
  return nlohmann::json::parse(text);
}

nlohmann::json ToJson(const WebhookSubject& subject) {
  return {{"call_id", subject.call_id},
          {"external_call_id", subject.external_call_id},
          {"wants_plan", subject.wants_plan},
          {"step", subject.step},
          {"inbound", subject.inbound},
          {"from", subject.from},
          {"to", subject.to},
          {"digits", subject.digits},
          {"speech", subject.speech}};
}

class WebhookSampleTest : public testing::TestWithParam<std::string> {
 protected:
  const WebhookRequest request_ = ReadSample(GetParam());
  const ExotelReceiver receiver_{};
  const ExotelMapper mapper_{};
};

TEST_P(WebhookSampleTest, IsGenuine) {
  const absl::Status status = receiver_.Verify(request_, TestAccount());
  EXPECT_TRUE(status.ok()) << status;
}

TEST_P(WebhookSampleTest, IsRefusedWhenTheSecretChanges) {
  WebhookRequest forged = request_;
  const size_t at = forged.url.find("token=");
  ASSERT_NE(at, std::string::npos);
  forged.url[at + 6] = forged.url[at + 6] == 'x' ? 'y' : 'x';
  EXPECT_FALSE(receiver_.Verify(forged, TestAccount()).ok());
}

TEST_P(WebhookSampleTest, IsKeptWithoutTheSecret) {
  EXPECT_EQ(RawOf(request_).http().url().find(kTestToken), std::string::npos);
}

TEST_P(WebhookSampleTest, TellsWhatStandsBesideIt) {
  const absl::StatusOr<WebhookSubject> subject = receiver_.Describe(request_, TestAccount());
  const auto events = mapper_.Map(RawOf(request_));
  ASSERT_TRUE(subject.ok()) << subject.status();
  ASSERT_TRUE(events.ok()) << events.status();
  nlohmann::json told = {{"subject", ToJson(*subject)}, {"events", nlohmann::json::array()}};
  for (const events::v1::CallEvent& event : *events) {
    EXPECT_EQ(event.call_id(), subject->call_id);
    told["events"].push_back(ToJson(event));
  }
  const std::string golden = Concat("webhooks/", GetParam(), ".json");
  if (std::getenv("TRUNKLINE_UPDATE_GOLDEN") != nullptr) std::ofstream(TestDataPath(golden)) << told.dump(2) << "\n";
  EXPECT_EQ(told, nlohmann::json::parse(ReadTestFile(golden), nullptr, false));
}

TEST_P(WebhookSampleTest, TellsTheSameWhenSentAgain) {
  webhooks::v1::RawWebhook again = RawOf(request_);
  again.mutable_received_at()->set_seconds(again.received_at().seconds() + 7);
  const auto first = mapper_.Map(RawOf(request_));
  const auto second = mapper_.Map(again);
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_EQ(first->size(), second->size());
  for (size_t i = 0; i < first->size(); ++i) EXPECT_EQ((*first)[i].event_id(), (*second)[i].event_id());
}

INSTANTIATE_TEST_SUITE_P(Samples, WebhookSampleTest, testing::ValuesIn(SampleNames()),
                         [](const auto& sample) { return sample.param; });

}  // namespace
}  // namespace trunkline::providers::exotel
