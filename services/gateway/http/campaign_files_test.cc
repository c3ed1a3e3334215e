#include "services/gateway/http/campaign_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace trunkline::gateway {
namespace {

constexpr char kCampaign[] = "0190b2c3-0000-7000-8000-0000000000c1";

http::Request Upload(std::string query, http::Headers headers = {}) {
  return {.method = "POST", .target = "/x?" + query, .headers = std::move(headers), .body = {}, .peer_address = {}};
}

TEST(CampaignFilesTest, AnImportIsNamedByItsQueryOrItsIdempotencyKey) {
  const auto question = ImportQuestionOf(
      Upload("importId=i&duplicates=DUPLICATE_POLICY_UPDATE&defaultRegion=US&offset=7&more=true"), kCampaign);
  ASSERT_TRUE(question.ok()) << question.status();
  EXPECT_EQ(question->head.import_id(), "i");
  EXPECT_EQ(question->head.campaign_id(), kCampaign);
  EXPECT_EQ(question->head.duplicates(), campaigns::v1::DUPLICATE_POLICY_UPDATE);
  EXPECT_EQ(question->head.offset(), 7);
  EXPECT_TRUE(question->more);
  const auto by_header =
      ImportQuestionOf(Upload("", {{"idempotency-key", "key"}, {"content-type", "application/x-ndjson"}}), kCampaign);
  EXPECT_EQ(by_header->head.import_id(), "key");
  EXPECT_EQ(by_header->head.format(), campaigns::v1::FILE_FORMAT_JSON_LINES);
  EXPECT_FALSE(by_header->more);
}

TEST(CampaignFilesTest, WhatIsNoParameterIsRefused) {
  for (const char* query : {"more=maybe", "nonsense=1", "offset=x", "campaignId=other"}) {
    EXPECT_EQ(ReasonOf(ImportQuestionOf(Upload(query), kCampaign).status()), Reason::REASON_INVALID_FIELD) << query;
  }
}

TEST(CampaignFilesTest, WithoutASchedulerThatIsSaid) {
  CampaignFiles files("");
  EXPECT_EQ(ReasonOf(files.Import({}, {}, "", false).status()), Reason::REASON_DEPENDENCY_UNAVAILABLE);
  EXPECT_THAT(std::string(files.Export({}, {}).status().message()), ::testing::HasSubstr("scheduler-address"));
}

TEST(CampaignFilesTest, AnExportIsAFileWithAName) {
  campaigns::v1::ExportCampaignRequest request;
  request.set_campaign_id(kCampaign);
  const http::Response reply = ExportReply(request, "a,b\r\n");
  EXPECT_EQ(http::FindHeader(reply.headers, "content-type"), "text/csv; charset=utf-8");
  EXPECT_THAT(std::string(http::FindHeader(reply.headers, "content-disposition")),
              ::testing::HasSubstr("contacts.csv"));
}

}  // namespace
}  // namespace trunkline::gateway
