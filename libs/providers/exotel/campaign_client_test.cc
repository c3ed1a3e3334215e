#include "libs/providers/exotel/campaign_client.h"

#include <gtest/gtest.h>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/providers/exotel/multipart.h"
#include "libs/providers/exotel/test_webhooks.h"
#include "tests/support/fake_api.h"

namespace trunkline::providers::exotel {
namespace {

constexpr char kUploaded[] =
    R"({"http_code":200,"response":[{"code":200,"data":{"upload_id":"up1","summary":{"url":"https://evil/csv-status/x"}}}]})";
constexpr char kWorking[] = R"({"response":[{"code":200,"status":"success","data":{"status":"in-progress"}}]})";
constexpr char kDone[] = R"({"response":[{"code":200,"status":"success","data":{"status":"completed","failed":0}}]})";
constexpr char kLists[] =
    R"({"response":[{"data":{"sid":"other","name":"x"}},{"data":{"sid":"l1","name":"trunkline-0190b2c3-0000-7000-8000-000000000003"}}]})";
constexpr char kStarted[] = R"({"http_code":200,"response":[{"code":200,"status":"success","data":{"id":"c1"}}]})";

class CampaignClientTest : public testing::Test {
 protected:
  CampaignClientTest() { account_.settings["api_url"] = api_.Url(); }
  DialOutcome Start() { return client_.Start(account_, request_); }

  testing_support::FakeApi api_;
  Account account_ = TestAccount();
  const ProviderOptions options_{.public_url = kTestBase, .api_timeout = absl::Seconds(5)};
  RestApi rest_api_{options_};
  absl::Duration waited_;
  CampaignClient client_{options_, rest_api_, [this](absl::Duration pause) { waited_ += pause; }};
  BulkDialRequest request_{
      .bulk_id = kTestBulk, .to = {"+919876543210", "+919876543211"}, .options = {.from = "+918047190000"}};
};

TEST_F(CampaignClientTest, UploadsWaitsAndStarts) {
  for (const char* body : {kUploaded, kWorking, kDone, kLists, kStarted}) api_.Answer(200, body);
  EXPECT_EQ(Start().kind, DialOutcome::Kind::kPlaced);
  EXPECT_EQ(waited_, absl::Seconds(1));
  const auto& requests = api_.requests();
  ASSERT_EQ(requests.size(), 5u);
  EXPECT_EQ(requests[0].target, "/v2/accounts/acme1/contacts/csv-upload");
  const auto upload = ParseMultipart(requests[0].Header("content-type"), requests[0].body);
  ASSERT_TRUE(upload.has_value());
  EXPECT_EQ(FindInForm(*upload, "file_name"), "\"number\"\r\n\"+919876543210\"\r\n\"+919876543211\"\r\n");
  EXPECT_EQ(requests[1].target, "/v2/accounts/acme1/csv-status/up1");
  EXPECT_EQ(requests[4].target, "/v2/accounts/acme1/campaigns");
  const auto campaign = ParseJson(requests[4].body)["campaigns"][0];
  EXPECT_EQ(campaign["lists"][0], "l1");
  EXPECT_FALSE(campaign.contains("from"));
  EXPECT_EQ(campaign["caller_id"], "08047190000");
  EXPECT_EQ(campaign["call_status_callback"], Concat(kTestBase, "/telephony/webhook/exotel/campaign?account=",
                                                     kTestAccount, "&bulk=", kTestBulk, "&token=", kTestToken));
  EXPECT_EQ(campaign["custom_field"], Concat("trunkline:bulk:", kTestBulk, ":+918047190000"));
}

TEST_F(CampaignClientTest, InlineNumbersNeedNoList) {
  account_.settings["bulk_upload"] = "inline";
  api_.Answer(200, kStarted);
  EXPECT_EQ(Start().kind, DialOutcome::Kind::kPlaced);
  EXPECT_EQ(ParseJson(api_.requests().at(0).body)["campaigns"][0]["from"].size(), 2u);
}

TEST_F(CampaignClientTest, WhatFailsBeforeTheCampaignIsCertain) {
  for (const auto& answers : std::vector<std::vector<std::pair<int, const char*>>>{
           {{500, ""}},
           {{200, "{}"}},
           {{200, kUploaded}, {503, ""}},
           {{200, kUploaded}, {200, "{}"}},
           {{200, kUploaded}, {200, R"({"response":[{"data":{"status":"completed","failed":1}}]})"}},
           {{200, kUploaded}, {200, kDone}, {200, R"({"response":[]})"}},
           {{207, R"({"response":[{"code":409,"status":"failure","error_data":{"code":1008}}]})"}}}) {
    for (const auto& [status, body] : answers) api_.Answer(status, body);
    EXPECT_EQ(Start().kind, DialOutcome::Kind::kRejected);
  }
  request_.to.push_back("=cmd()");
  const size_t asked = api_.requests().size();
  EXPECT_EQ(Start().error.code(), calls::v1::CALL_ERROR_CODE_INVALID_NUMBER);
  account_.settings.erase("app_id");
  EXPECT_EQ(Start().error.code(), calls::v1::CALL_ERROR_CODE_INVALID_CONFIG);
  EXPECT_EQ(api_.requests().size(), asked);
}

TEST_F(CampaignClientTest, AnUploadThatDoesNotEndIsGivenUp) {
  account_.settings["upload_wait_seconds"] = "3";
  api_.Answer(200, kUploaded);
  for (int i = 0; i < 4; ++i) api_.Answer(200, kWorking);
  const DialOutcome outcome = Start();
  EXPECT_EQ(outcome.kind, DialOutcome::Kind::kRejected);
  EXPECT_TRUE(outcome.error.retryable());
}

TEST_F(CampaignClientTest, OnlyTheCampaignItselfIsInDoubt) {
  account_.settings["bulk_upload"] = "inline";
  for (const auto& [status, body] : std::vector<std::pair<int, const char*>>{{500, ""}, {200, "{}"}, {200, ""}}) {
    api_.Answer(status, body);
    EXPECT_EQ(Start().kind, DialOutcome::Kind::kInDoubt) << status;
  }
  api_.Answer(400, R"({"response":[{"code":400,"error_data":{"code":1001,"description":"no"}}]})");
  EXPECT_EQ(Start().kind, DialOutcome::Kind::kRejected);
}

}  // namespace
}  // namespace trunkline::providers::exotel
