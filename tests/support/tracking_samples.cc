#include "tests/support/tracking_samples.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"
#include "tests/support/source_path.h"

namespace trunkline::testing_support {
namespace {

using nlohmann::json;

constexpr char kBase[] = "https://hooks.example.com";
constexpr char kToken[] = "kX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3";

// Within the checkout.
std::string TestDataPath(std::string_view platform, std::string_view name) {
  return Concat("libs/tracking/", platform, "/testdata/", name);
}

json ToJson(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &text, options).ok());
  return ParseJson(text);
}

}  // namespace

tracking::Account TrackingAccount(std::string_view platform) {
  tracking::Account account;
  account.id = "0190b2c3-0000-7000-8000-00000000000a";
  account.business_id = "0190b2c3-0000-7000-8000-00000000000b";
  account.provider = std::string(platform);
  account.settings = {{"webhook_modes", "url_token"}};
  account.credentials = {{"webhook_token", kToken}};
  return account;
}

absl::Time TrackingTime() { return absl::FromUnixSeconds(1'772'460'600); }  // 2026-03-02T14:10:00Z

std::string ReadTrackingAnswerText(std::string_view platform, std::string_view name) {
  return ReadSourceFile(TestDataPath(platform, Concat("answers/", name, ".json")));
}

json ReadTrackingAnswer(std::string_view platform, std::string_view name) {
  return ParseJson(ReadTrackingAnswerText(platform, name));
}

providers::WebhookRequest ReadTrackingWebhook(std::string_view platform, std::string_view name) {
  const std::string text = ReadSourceFile(TestDataPath(platform, Concat("webhooks/", name, ".http")));
  const size_t head_end = text.find("\n\n");
  providers::WebhookRequest request;
  request.received_at = TrackingTime();
  if (head_end != std::string::npos) request.body = text.substr(head_end + 2);
  while (request.body.ends_with('\n')) request.body.pop_back();
  for (const std::string_view line : Split(std::string_view(text).substr(0, head_end), '\n')) {
    if (request.method.empty()) {
      const auto words = Split(line, ' ');
      request.method = words.at(0);
      request.url = Concat(kBase, words.at(1));
    } else if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
      request.headers.emplace_back(Lower(line.substr(0, colon)), Trim(line.substr(colon + 1)));
    }
  }
  return request;
}

webhooks::v1::RawWebhook RawRecord(const tracking::Account& account, std::string body, absl::Time requested_at,
                                   int64_t reading) {
  webhooks::v1::RawWebhook raw;
  raw.set_provider(account.provider);
  raw.set_provider_account_id(account.id);
  raw.set_business_id(account.business_id);
  *raw.mutable_received_at() = telephony::ToProto(requested_at);
  raw.mutable_record()->set_body(std::move(body));
  *raw.mutable_record()->mutable_requested_at() = telephony::ToProto(requested_at);
  raw.mutable_record()->set_reading(reading);
  return raw;
}

std::vector<TrackingSample> TrackingSamplesOf(std::string_view platform, PlatformMaker make) {
  std::vector<TrackingSample> samples;
  for (const auto& entry : std::filesystem::directory_iterator(SourcePath(TestDataPath(platform, "webhooks")))) {
    if (entry.path().extension() != ".http") continue;
    samples.push_back({std::string(platform), entry.path().stem().string(), make});
  }
  std::sort(samples.begin(), samples.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return samples;
}

std::string NameOfTrackingSample(const testing::TestParamInfo<TrackingSample>& sample) { return sample.param.name; }

TrackingSampleTest::TrackingSampleTest()
    : account_(TrackingAccount(GetParam().platform)),
      platform_(GetParam().make({.public_url = kBase, .clock = &clock_})),
      request_(ReadTrackingWebhook(GetParam().platform, GetParam().name)) {}

tracking::ReceivedWebhook TrackingSampleTest::Receive() const {
  auto received = platform_->Receiver().Read(request_, account_);
  EXPECT_TRUE(received.ok()) << received.status();
  return received.value_or(tracking::ReceivedWebhook());
}

std::vector<events::v1::CallEvent> TrackingSampleTest::Map() const {
  std::vector<events::v1::CallEvent> all;
  for (const webhooks::v1::RawWebhook& raw : Receive().messages) {
    const auto events = platform_->Mapper().Map(raw);
    EXPECT_TRUE(events.ok()) << events.status();
    for (const events::v1::CallEvent& event : events.value_or(std::vector<events::v1::CallEvent>())) {
      EXPECT_EQ(event.call_id(), raw.call_id());
      all.push_back(event);
    }
  }
  return all;
}

// Programs that want the samples alone link this too.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TrackingSampleTest);

TEST_P(TrackingSampleTest, IsGenuine) {
  const absl::Status status = platform_->Receiver().Verify(request_, account_);
  EXPECT_TRUE(status.ok()) << status;
}

TEST_P(TrackingSampleTest, IsRefusedWithAnotherToken) {
  providers::WebhookRequest forged = request_;
  forged.url.replace(forged.url.find(kToken), 1, "x");
  EXPECT_EQ(platform_->Receiver().Verify(forged, account_).message(), "TOKEN_MISMATCH");
}

TEST_P(TrackingSampleTest, IsKeptWithoutItsToken) {
  for (const webhooks::v1::RawWebhook& raw : Receive().messages) {
    EXPECT_EQ(raw.SerializeAsString().find(kToken), std::string::npos);
  }
}

TEST_P(TrackingSampleTest, TellsWhatStandsBesideIt) {
  const tracking::ReceivedWebhook received = Receive();
  json told = {{"external_ids", received.external_ids}, {"remark", received.remark}, {"events", json::array()}};
  for (const events::v1::CallEvent& event : Map()) told["events"].push_back(ToJson(event));
  const std::string golden = TestDataPath(GetParam().platform, Concat("webhooks/", GetParam().name, ".json"));
  if (std::getenv("TRUNKLINE_UPDATE_GOLDEN") != nullptr) std::ofstream(SourcePath(golden)) << told.dump(2) << "\n";
  EXPECT_EQ(told, ParseJson(ReadSourceFile(golden)));
}

TEST_P(TrackingSampleTest, IsTheSameFactsWhenItIsSentAgain) {
  const auto first = Map();
  request_.received_at += absl::Seconds(7);
  const auto second = Map();
  ASSERT_EQ(first.size(), second.size());
  for (size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].event_id(), second[i].event_id());
}

TEST_P(TrackingSampleTest, TellsNothingWhereOnlyTheRecordIsBelieved) {
  account_.settings["webhook_modes"] = "url_token, verify_by_fetch";
  for (const webhooks::v1::RawWebhook& raw : Receive().messages) EXPECT_TRUE(raw.hint_only());
  EXPECT_TRUE(Map().empty());
}

}  // namespace trunkline::testing_support
