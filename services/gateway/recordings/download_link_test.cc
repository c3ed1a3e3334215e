#include "services/gateway/recordings/download_link.h"

#include <gtest/gtest.h>

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

constexpr char kRecording[] = "0190b2c3-0000-7000-8000-000000000001";
constexpr char kOtherRecording[] = "0190b2c3-0000-7000-8000-000000000002";
constexpr char kBusiness[] = "0190b2c3-0000-7000-8000-00000000000a";
constexpr absl::Time kEnd = absl::FromUnixSeconds(1'780'000'300);
constexpr absl::Time kBefore = absl::FromUnixSeconds(1'780'000'299);

class DownloadLinkTest : public ::testing::Test {
 protected:
  static std::string QueryOf(const std::string& url) { return url.substr(url.find('?') + 1); }
  bool Refuses(std::string_view recording, std::string_view query, absl::Time now = kBefore) const {
    const auto link = links_.Read(recording, query, now);
    return !link.ok() && absl::IsPermissionDenied(link.status()) &&
           ReasonOf(link.status()) == Reason::REASON_INVALID_LINK;
  }

  const DownloadLinks links_{std::string(32, 'k'), "https://calls.example.com"};
  const DownloadLink link_{.recording_id = kRecording, .business_id = kBusiness, .expires_at = kEnd};
  const std::string url_ = links_.UrlOf(link_);
  const std::string query_ = QueryOf(url_);
};

TEST_F(DownloadLinkTest, ALinkOpensItsRecordingUntilItsEnd) {
  EXPECT_TRUE(url_.starts_with(Concat("https://calls.example.com/api/recordings/", kRecording, "/media?"))) << url_;
  const auto link = links_.Read(kRecording, query_, kBefore);
  ASSERT_TRUE(link.ok()) << link.status();
  EXPECT_EQ(link->recording_id, kRecording);
  EXPECT_EQ(link->business_id, kBusiness);
  EXPECT_EQ(link->expires_at, kEnd);
  EXPECT_TRUE(Refuses(kRecording, query_, kEnd));
}

TEST_F(DownloadLinkTest, ALinkOpensNothingElse) {
  EXPECT_TRUE(Refuses(kOtherRecording, query_));
  std::string other_business = query_;
  other_business.replace(other_business.find("00000a&"), 6, "00000b");
  EXPECT_TRUE(Refuses(kRecording, other_business));
  std::string later = query_;
  later.replace(later.find("1780000300"), 10, "1780009999");
  EXPECT_TRUE(Refuses(kRecording, later));
}

TEST_F(DownloadLinkTest, EveryChangedDigitOfTheSignatureIsSeen) {
  for (size_t i = query_.find("signature=") + 10; i < query_.size(); ++i) {
    std::string changed = query_;
    changed[i] = changed[i] == '0' ? '1' : '0';
    EXPECT_TRUE(Refuses(kRecording, changed)) << i;
  }
  EXPECT_TRUE(Refuses(kRecording, query_.substr(0, query_.size() - 1)));
}

TEST_F(DownloadLinkTest, AnotherKeyMakesOtherLinks) {
  const DownloadLinks others(std::string(32, 'x'), "https://calls.example.com");
  EXPECT_TRUE(Refuses(kRecording, QueryOf(others.UrlOf(link_))));
}

TEST_F(DownloadLinkTest, WhatIsNoLinkIsRefused) {
  for (const std::string& query :
       {std::string(), std::string("business=&expires=&signature="), Concat(query_, "&expires=1780000300"),
        Concat("business=", kBusiness, "&expires=99999999999999999999&signature=00"), std::string("%")}) {
    EXPECT_TRUE(Refuses(kRecording, query)) << query;
  }
  EXPECT_TRUE(Refuses("../../etc", query_));
}

}  // namespace
}  // namespace trunkline::gateway
