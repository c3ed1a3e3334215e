// Every wire sample of testdata/webhooks goes through the receiver and the mapper, as a webhook does in production.
// What must come out stands beside it as JSON. After a change that is meant, run with TRUNKLINE_UPDATE_GOLDEN=1 and
// review.
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "libs/base/text.h"
#include "libs/providers/sip/webhook_mapper.h"
#include "libs/providers/sip/webhook_receiver.h"
#include "libs/telephony/timestamps.h"
#include "tests/support/source_path.h"

namespace trunkline::providers::sip {
namespace {

constexpr char kAccount[] = "0190b2c3-0000-7000-8000-000000000001";
const absl::Time kReceived = absl::FromUnixSeconds(1'772'532'000);

Account TestAccount() {
  Account account;
  account.id = kAccount;
  account.provider = "sip";
  account.settings = {{"mode", "http"}, {"pbx_id", "office-1"}};
  account.credentials = {{"webhook_secret", "pbx-shared-secret-1"}};
  return account;
}

std::string PathOf(std::string_view name) { return SourcePath(Concat("libs/providers/sip/testdata/webhooks/", name)); }

std::string ReadFile(std::string_view name) {
  std::ifstream file(PathOf(name), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::vector<std::string> SampleNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(PathOf(""))) {
    if (entry.path().extension() == ".http") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

WebhookRequest ReadSample(std::string_view name) {
  const std::string text = ReadFile(Concat(name, ".http"));
  const size_t head_end = text.find("\n\n");
  WebhookRequest request;
  request.body = text.substr(head_end + 2);
  request.received_at = kReceived;
  const std::string head = text.substr(0, head_end);
  for (const std::string_view line : Split(head, '\n')) {
    if (request.method.empty()) {
      const auto words = Split(line, ' ');
      request.method = words.at(0);
      request.url = Concat("https://hooks.example.com", words.at(1));
    } else if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
      request.headers.emplace_back(Lower(line.substr(0, colon)), Trim(line.substr(colon + 1)));
    }
  }
  request.event = "events";
  return request;
}

webhooks::v1::RawWebhook RawOf(const WebhookRequest& request, absl::Time received_at) {
  webhooks::v1::RawWebhook raw;
  raw.set_provider("sip");
  raw.set_provider_account_id(kAccount);
  raw.set_event(request.event);
  *raw.mutable_received_at() = telephony::ToProto(received_at);
  raw.mutable_http()->set_method(request.method);
  raw.mutable_http()->set_url(request.url);
  raw.mutable_http()->set_body(request.body);
  for (const std::string_view name : SipReceiver().HeadersToKeep()) {
    webhooks::v1::Header* header = raw.mutable_http()->add_headers();
    header->set_name(std::string(name));
    header->set_value(std::string(request.Header(name)));
  }
  return raw;
}

nlohmann::json ToJson(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &text, options).ok());
  return nlohmann::json::parse(text);
}

class WebhookSampleTest : public testing::TestWithParam<std::string> {
 protected:
  const WebhookRequest request_ = ReadSample(GetParam());
  const SipReceiver receiver_{};
};

TEST_P(WebhookSampleTest, IsGenuineUntilAByteChanges) {
  const absl::Status status = receiver_.Verify(request_, TestAccount());
  EXPECT_TRUE(status.ok()) << status;
  WebhookRequest forged = request_;
  forged.body.append("1");
  EXPECT_FALSE(receiver_.Verify(forged, TestAccount()).ok());
}

TEST_P(WebhookSampleTest, TellsWhatStandsBesideIt) {
  const absl::StatusOr<WebhookSubject> subject = receiver_.Describe(request_, TestAccount());
  const auto events = SipMapper().Map(RawOf(request_, kReceived));
  ASSERT_TRUE(subject.ok()) << subject.status();
  ASSERT_TRUE(events.ok()) << events.status();
  nlohmann::json told = {{"subject",
                          {{"call_id", subject->call_id},
                           {"external_call_id", subject->external_call_id},
                           {"inbound", subject->inbound},
                           {"from", subject->from},
                           {"to", subject->to},
                           {"digits", subject->digits}}},
                         {"events", nlohmann::json::array()}};
  for (const events::v1::CallEvent& event : *events) {
    EXPECT_EQ(event.call_id(), subject->call_id);
    told["events"].push_back(ToJson(event));
  }
  const std::string golden = Concat(GetParam(), ".json");
  if (std::getenv("TRUNKLINE_UPDATE_GOLDEN") != nullptr) std::ofstream(PathOf(golden)) << told.dump(2) << "\n";
  EXPECT_EQ(told, nlohmann::json::parse(ReadFile(golden), nullptr, false));
}

TEST_P(WebhookSampleTest, TellsTheSameWhenSentAgain) {
  const auto first = SipMapper().Map(RawOf(request_, kReceived));
  const auto second = SipMapper().Map(RawOf(request_, kReceived + absl::Seconds(7)));
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_EQ(first->size(), second->size());
  for (size_t i = 0; i < first->size(); ++i) EXPECT_EQ((*first)[i].event_id(), (*second)[i].event_id());
}

INSTANTIATE_TEST_SUITE_P(Samples, WebhookSampleTest, testing::ValuesIn(SampleNames()),
                         [](const auto& sample) { return sample.param; });

}  // namespace
}  // namespace trunkline::providers::sip
