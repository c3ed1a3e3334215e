#include "tests/tracking-conformance/platform_case.h"

#include <cstdlib>

#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/built_in_platforms.h"
#include "tests/support/tracking_samples.h"
#include "tests/tracking-conformance/twin_setups.h"

namespace trunkline::tracking_conformance {
namespace {

// Longer than any reply, shorter than patience.
constexpr absl::Duration kApiTimeout = absl::Seconds(20);

}  // namespace

std::vector<TwinSetup> AllCases() { return {RetreaverSetup(), RingbaSetup(), TrackDriveSetup()}; }

std::string NameOfCase(const testing::TestParamInfo<TwinSetup>& tested) { return tested.param.platform; }

absl::Status CountingGate::Admit(const tracking::Account&, tracking::Resource, std::string_view endpoint) {
  if (!answer.ok()) return answer;
  ++admitted;
  endpoints.emplace(endpoint);
  return absl::OkStatus();
}

void CountingGate::Tell(const tracking::SentRequest& sent) {
  ++told;
  last_error = sent.error;
}

TrackingConformanceTest::TrackingConformanceTest()
    : twin_(std::make_unique<TwinPlatform>(GetParam())),
      account_(testing_support::TrackingAccount(GetParam().platform)) {
  twin_->Fill(&account_);
  registry_ = std::make_unique<tracking::Registry>(tracking::BuiltInPlatforms(
      {.public_url = "https://hooks.example.com", .api_timeout = kApiTimeout, .gate = &gate_, .clock = &clock_}));
  platform_ = registry_->Find(GetParam().platform);
}

std::vector<TrueCall> TrackingConformanceTest::PutCalls(int count) {
  std::vector<TrueCall> calls;
  for (int i = 0; i < count; ++i) {
    TrueCall call{.id = twin_->MakeId(i),
                  .started_at = testing_support::TrackingTime() + absl::Minutes(i),
                  .revenue = 325'000 + i * 1'000,
                  .payout = 250'000,
                  .converted = i % 2 == 0,
                  .tags = {{"geo", "us"}}};
    call.changed_at = call.EndedAt() + absl::Seconds(30);
    twin_->Put(call);
    calls.push_back(std::move(call));
  }
  return calls;
}

tracking::CallQuery TrackingConformanceTest::Range(int size) const {
  return {
      .from = testing_support::TrackingTime(), .to = testing_support::TrackingTime() + absl::Hours(1), .size = size};
}

std::vector<tracking::PlatformCall> TrackingConformanceTest::ListAll(int size) {
  std::vector<tracking::PlatformCall> all;
  std::optional<tracking::Position> position;
  for (int i = 0; i < 100; ++i) {
    auto page = client().ListCalls(account_, Range(size), position);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return all;
    EXPECT_TRUE(page->bad.empty());
    for (tracking::PlatformCall& call : page->items) all.push_back(std::move(call));
    if (!page->next.has_value()) return all;
    position = page->next;
  }
  ADD_FAILURE() << "the list does not end";
  return all;
}

std::vector<events::v1::CallEvent> TrackingConformanceTest::Map(const tracking::PlatformCall& call,
                                                                int64_t reading) const {
  const auto events =
      platform_->Mapper().Map(testing_support::RawRecord(account_, call.body, call.requested_at, reading));
  EXPECT_TRUE(events.ok()) << events.status();
  return events.value_or(std::vector<events::v1::CallEvent>());
}

}  // namespace trunkline::tracking_conformance
