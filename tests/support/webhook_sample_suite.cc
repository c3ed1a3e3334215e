#include "tests/support/webhook_sample_suite.h"

#include <google/protobuf/util/json_util.h>

#include <cstdlib>
#include <fstream>
#include <utility>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tests/support/webhook_samples.h"

namespace trunkline::testing_support {
namespace {

nlohmann::json ToJson(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &text, options).ok());
  return ParseJson(text);
}

nlohmann::json ToJson(const providers::WebhookSubject& subject) {
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

}  // namespace

void ChangeAByte(providers::WebhookRequest* request) {
  (request->body.empty() ? request->url : request->body).append("1");
}

std::vector<WebhookSample> SamplesOf(SampledProvider provider) {
  const auto shared = std::make_shared<const SampledProvider>(std::move(provider));
  std::vector<WebhookSample> samples;
  for (std::string& name : WebhookSampleNames(shared->account.provider)) samples.push_back({std::move(name), shared});
  return samples;
}

std::string NameOfSample(const testing::TestParamInfo<WebhookSample>& sample) { return sample.param.name; }

WebhookSampleTest::WebhookSampleTest()
    : request_(ReadWebhookSample(provider_.account.provider, GetParam().name, provider_.received_at)) {
  provider_.prepare(&request_);
}

webhooks::v1::RawWebhook WebhookSampleTest::Raw(absl::Duration later) const {
  return RawOf(request_, provider_.account, *provider_.receiver, provider_.received_at + later);
}

TEST_P(WebhookSampleTest, IsGenuine) {
  const absl::Status status = provider_.receiver->Verify(request_, provider_.account);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_P(WebhookSampleTest, IsRefusedWhenItIsForged) {
  providers::WebhookRequest forged = request_;
  provider_.forge(&forged);
  EXPECT_FALSE(provider_.receiver->Verify(forged, provider_.account).ok());
}

TEST_P(WebhookSampleTest, IsKeptWithoutASecret) {
  const std::string kept = Raw().SerializeAsString();
  for (const auto& [name, secret] : provider_.account.credentials) {
    EXPECT_EQ(kept.find(secret), std::string::npos) << name;
  }
}

TEST_P(WebhookSampleTest, TellsWhatStandsBesideIt) {
  const absl::StatusOr<providers::WebhookSubject> subject = provider_.receiver->Describe(request_, provider_.account);
  const auto events = provider_.mapper->Map(Raw());
  ASSERT_TRUE(subject.ok()) << subject.status();
  ASSERT_TRUE(events.ok()) << events.status();
  nlohmann::json told = {{"subject", ToJson(*subject)}, {"events", nlohmann::json::array()}};
  for (const events::v1::CallEvent& event : *events) {
    EXPECT_EQ(event.call_id(), subject->call_id);
    told["events"].push_back(ToJson(event));
  }
  const std::string golden = Concat("webhooks/", GetParam().name, ".json");
  if (std::getenv("TRUNKLINE_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(TestDataPath(provider_.account.provider, golden)) << told.dump(2) << "\n";
  }
  EXPECT_EQ(told, ParseJson(ReadTestData(provider_.account.provider, golden)));
}

TEST_P(WebhookSampleTest, TellsTheSameWhenSentAgain) {
  const auto first = provider_.mapper->Map(Raw());
  const auto second = provider_.mapper->Map(Raw(absl::Seconds(7)));
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_EQ(first->size(), second->size());
  for (size_t i = 0; i < first->size(); ++i) EXPECT_EQ((*first)[i].event_id(), (*second)[i].event_id());
}

}  // namespace trunkline::testing_support
