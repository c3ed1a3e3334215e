// What a provider does not have is told so, never silently; and the matrix of docs/providers.md is true.
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <iostream>

#include "google/rpc/error_details.pb.h"
#include "libs/providers/built_in_providers.h"
#include "tests/conformance/conformance_test.h"
#include "tests/support/fetch_whole.h"
#include "tests/support/written_part.h"

namespace trunkline::conformance {
namespace {

using providers::LiveCall;
using providers::v1::Feature;
using Statuses = std::vector<absl::Status>;

class FeaturesTest : public ConformanceTest {
 protected:
  // What comes of everything that the feature is for; nothing for features that are no requests.
  Statuses Ask(Feature feature) {
    const LiveCall call{.call_id = NewCallId(), .external_call_id = "x"};
    switch (feature) {
      case providers::v1::FEATURE_FETCH_CALL:
        return {client().FetchCall(account_, "x").status()};
      case providers::v1::FEATURE_LIST_CALLS:
        if (Has(providers::v1::FEATURE_LIST_LIVE_CALLS)) return {};
        return {client().ListCalls(account_, {}).status()};
      case providers::v1::FEATURE_END_CALL:
        return {client().EndCall(account_, "x")};
      case providers::v1::FEATURE_UPDATE_CALL:
        return {controls().Update(account_, call, {}).status()};
      case providers::v1::FEATURE_ANSWER:
        return {controls().Answer(account_, call, {}).status()};
      case providers::v1::FEATURE_HOLD:
        return {controls().Hold(account_, call, "").status(), controls().Resume(account_, call).status()};
      case providers::v1::FEATURE_BLIND_TRANSFER:
        return {controls().Transfer(account_, call, {.target = Number(1)}).status()};
      case providers::v1::FEATURE_ATTENDED_TRANSFER:
        return {controls().Transfer(account_, call, {.target = Number(1), .attended = true}).status(),
                controls().CompleteTransfer(account_, call).status(),
                controls().CancelTransfer(account_, call).status()};
      case providers::v1::FEATURE_CONFERENCE:
        return {controls().JoinConference(account_, call, {.name = "room"}).status()};
      case providers::v1::FEATURE_SEND_DIGITS:
        return {controls().SendDigits(account_, call, "1").status()};
      case providers::v1::FEATURE_PLAY:
        return {controls().Play(account_, call, {.text = "Hello"}).status(),
                controls().StopPlaying(account_, call).status()};
      case providers::v1::FEATURE_RECORD:
        return {recordings().Start(account_, call).status(), recordings().Stop(account_, call, "")};
      case providers::v1::FEATURE_LIST_RECORDINGS:
        return {recordings().List(account_, "x").status(), recordings().Get(account_, "x").status(),
                testing_support::FetchWhole(recordings(), account_, {}).status()};
      case providers::v1::FEATURE_DELETE_RECORDING:
        return {recordings().Delete(account_, "x")};
      default:
        return {};
    }
  }
};

TEST_P(FeaturesTest, WhatIsMissingIsToldSo) {
  for (int number = 1; number < providers::v1::Feature_ARRAYSIZE; ++number) {
    const auto feature = static_cast<Feature>(number);
    if (!providers::v1::Feature_IsValid(number)) continue;
    for (const absl::Status& status : Ask(feature)) {
      SCOPED_TRACE(providers::v1::Feature_Name(feature));
      if (Has(feature)) {
        EXPECT_NE(status.code(), absl::StatusCode::kUnimplemented) << status;
        continue;
      }
      EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented) << status;
      google::rpc::ErrorInfo info;
      const auto payload = status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo");
      ASSERT_TRUE(payload.has_value() && info.ParseFromString(std::string(*payload)));
      EXPECT_EQ(info.metadata().at("provider"), GetParam().provider);
      EXPECT_EQ(info.metadata().at("feature"), providers::v1::Feature_Name(feature));
    }
  }
}

TEST_P(FeaturesTest, BulkIsRejectedWhereThereIsNone) {
  if (Has(providers::v1::FEATURE_BULK_DIAL)) GTEST_SKIP() << "has it";
  const auto outcomes = client().PlaceCalls(
      account_, {.bulk_id = NewCallId(), .to = {Number(1)}, .options = {.from = GetParam().own_number}});
  ASSERT_EQ(outcomes.size(), 1);
  EXPECT_EQ(outcomes[0].kind, providers::DialOutcome::Kind::kRejected);
  EXPECT_EQ(outcomes[0].error.code(), calls::v1::CALL_ERROR_CODE_UNSUPPORTED);
}

INSTANTIATE_FOR_ALL_PROVIDERS(FeaturesTest);

// --- the matrix ----------------------------------------------------------------------------------------------------

// "FEATURE_BLIND_TRANSFER" -> "blind transfer"
std::string WordsOf(Feature feature) {
  std::string words = Lower(providers::v1::Feature_Name(feature).substr(sizeof("FEATURE_") - 1));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string Matrix() {
  const providers::Registry registry = providers::BuiltInProviders({.public_url = "https://hooks.example.com"});
  std::string head = "| |";
  std::string line = "| --- |";
  for (const std::string& name : registry.Names()) {
    head += Concat(" ", name, " |");
    line += " --- |";
  }
  std::string table = Concat(head, "\n", line, "\n");
  for (int number = 1; number < providers::v1::Feature_ARRAYSIZE; ++number) {
    if (!providers::v1::Feature_IsValid(number)) continue;
    const auto feature = static_cast<Feature>(number);
    table += Concat("| ", WordsOf(feature), " |");
    for (const std::string& name : registry.Names()) {
      table += registry.Find(name)->Features().contains(feature) ? " yes |" : " |";
    }
    table += "\n";
  }
  return table;
}

TEST(FeatureMatrix, IsThatOfTheDocument) {
  testing_support::ExpectWrittenPart("docs/providers.md", "features", "provider_conformance_test", Matrix());
}

TEST(FeatureMatrix, EveryBuiltInProviderHasACase) {
  std::vector<std::string> names;
  for (const ProviderCase& provider_case : AllCases()) names.push_back(provider_case.provider);
  EXPECT_EQ(names, providers::BuiltInProviders({.public_url = "https://hooks.example.com"}).Names());
}

// Shown at the end of every run.
class ShowMatrix final : public testing::Environment {
  void TearDown() override { std::cout << "\n" << Matrix() << std::flush; }
};

// Before main(), where nobody could catch an exception.
const testing::Environment* AddMatrix() noexcept { return testing::AddGlobalTestEnvironment(new ShowMatrix); }
[[maybe_unused]] const testing::Environment* const kShowMatrix = AddMatrix();

}  // namespace
}  // namespace trunkline::conformance
