// What a platform does not have is told so, never silently; and the matrix of docs/tracking.md is true.
#include <algorithm>
#include <iostream>

#include "google/rpc/error_details.pb.h"
#include "libs/base/text.h"
#include "libs/tracking/built_in_platforms.h"
#include "tests/support/written_part.h"
#include "tests/tracking-conformance/platform_case.h"

namespace trunkline::tracking_conformance {
namespace {

using namespace tracking::v1;  // NOLINT: the names of one package, in a test

class TrackingFeaturesTest : public TrackingConformanceTest {
 protected:
  // What comes of a request for the feature; nothing for features that are no requests.
  std::optional<absl::Status> Ask(Feature feature) {
    tracking::CallQuery query = Range();
    tracking::CallUpdate update;
    switch (feature) {
      case FEATURE_FETCH_CALLS_AT_ONCE:
        return client().FetchCalls(account_, {twin_->MakeId(0)}).status();
      case FEATURE_LIST_BY_END:
        query.time = tracking::CallTime::kEnded;
        return client().ListCalls(account_, query, std::nullopt).status();
      case FEATURE_LIST_LAST_CHANGED:
        query.last_changed_first = true;
        return client().ListCalls(account_, query, std::nullopt).status();
      case FEATURE_LIST_ADJUSTED:
        query.only_adjusted = true;
        return client().ListCalls(account_, query, std::nullopt).status();
      case FEATURE_LIST_LIVE_CALLS:
        query.only_live = true;
        return client().ListCalls(account_, query, std::nullopt).status();
      case FEATURE_UPDATE_MONEY:
        update.revenue = 1;
        return client().UpdateCall(account_, twin_->MakeId(0), update).status();
      case FEATURE_UPDATE_CONVERSION:
        update.converted = true;
        return client().UpdateCall(account_, twin_->MakeId(0), update).status();
      case FEATURE_WEBHOOK_DELIVERIES:
        return client().ListDeliveries(account_, twin_->MakeId(0)).status();
      case FEATURE_AREA_CODES:
        return client()
            .ProvisionNumber(account_, {.area_code = "202", .campaign_id = twin_->CampaignId(), .publisher_id = "1"})
            .status();
      default:
        return std::nullopt;
    }
  }
};

TEST_P(TrackingFeaturesTest, WhatIsMissingIsToldSoBeforeAnyRequest) {
  PutCalls(1);
  for (int number = 1; number < Feature_ARRAYSIZE; ++number) {
    const auto feature = static_cast<Feature>(number);
    const int requests = twin_->Requests();
    const std::optional<absl::Status> status = Ask(feature);
    if (!status.has_value()) continue;
    SCOPED_TRACE(Feature_Name(feature));
    if (Has(feature)) {
      EXPECT_NE(status->code(), absl::StatusCode::kUnimplemented) << *status;
      continue;
    }
    EXPECT_EQ(status->code(), absl::StatusCode::kUnimplemented) << *status;
    EXPECT_EQ(tracking::CodeOf(*status), TRACKING_ERROR_CODE_UNSUPPORTED);
    EXPECT_EQ(twin_->Requests(), requests);
    google::rpc::ErrorInfo info;
    const auto payload = status->GetPayload("type.googleapis.com/google.rpc.ErrorInfo");
    ASSERT_TRUE(payload.has_value() && info.ParseFromString(std::string(*payload)));
    EXPECT_EQ(info.metadata().at("platform"), GetParam().platform);
    EXPECT_EQ(info.metadata().at("feature"), Feature_Name(feature));
  }
}

INSTANTIATE_FOR_ALL_PLATFORMS(TrackingFeaturesTest);

// --- the matrix ----------------------------------------------------------------------------------------------------

// "FEATURE_LIST_BY_END" -> "list by end"
std::string WordsOf(Feature feature) {
  std::string words = Lower(Feature_Name(feature).substr(sizeof("FEATURE_") - 1));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

// An account with every setting that brings a feature.
tracking::Account Generous(const std::string& platform) {
  tracking::Account account;
  account.provider = platform;
  account.settings = {{"webhook_registration", platform == "ringba" ? "event_callbacks" : "timers"},
                      {"conversion_postback_url", "https://example.com/"}};
  return account;
}

std::string Matrix() {
  static const SystemClock clock;
  const tracking::Registry registry = tracking::BuiltInPlatforms({.public_url = "https://h", .clock = &clock});
  std::string head = "| |";
  std::string line = "| --- |";
  for (const std::string& name : registry.Names()) {
    head += Concat(" ", name, " |");
    line += " --- |";
  }
  std::string table = Concat(head, "\n", line, "\n");
  for (int number = 1; number < Feature_ARRAYSIZE; ++number) {
    const auto feature = static_cast<Feature>(number);
    table += Concat("| ", WordsOf(feature), " |");
    for (const std::string& name : registry.Names()) {
      const tracking::TrackingPlatform* platform = registry.Find(name);
      const bool always = platform->Features({}).contains(feature);
      const bool by_setting = platform->Features(Generous(name)).contains(feature);
      table += always ? " yes |" : by_setting ? " by setting |" : " |";
    }
    table += "\n";
  }
  return table;
}

TEST(TrackingFeatureMatrix, IsThatOfTheDocument) {
  testing_support::ExpectWrittenPart("docs/tracking.md", "features", "tracking_conformance_test", Matrix());
}

TEST(TrackingFeatureMatrix, EveryBuiltInPlatformHasACase) {
  static const SystemClock clock;
  std::vector<std::string> names;
  for (const TwinSetup& setup : AllCases()) names.push_back(setup.platform);
  EXPECT_EQ(names, tracking::BuiltInPlatforms({.public_url = "https://h", .clock = &clock}).Names());
}

// Shown at the end of every run.
class ShowMatrix final : public testing::Environment {
  void TearDown() override { std::cout << "\n" << Matrix() << std::flush; }
};

// Before main(), where nobody could catch an exception.
const testing::Environment* AddMatrix() noexcept { return testing::AddGlobalTestEnvironment(new ShowMatrix); }
[[maybe_unused]] const testing::Environment* const kShowMatrix = AddMatrix();

}  // namespace
}  // namespace trunkline::tracking_conformance
