// The platforms that take part, and the fixture of every test of the suite.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/tracking/registry.h"
#include "tests/tracking-conformance/twin_platform.h"

namespace trunkline::tracking_conformance {

std::vector<TwinSetup> AllCases();
std::string NameOfCase(const testing::TestParamInfo<TwinSetup>& tested);

// Counts what passes, and closes when it is told to.
class CountingGate final : public tracking::RequestGate {
 public:
  absl::Status Admit(const tracking::Account& account, tracking::Resource resource, std::string_view endpoint) override;
  void Tell(const tracking::SentRequest& sent) override;

  absl::Status answer = absl::OkStatus();
  int admitted = 0;
  int told = 0;
  std::set<std::string> endpoints;
  tracking::v1::TrackingErrorCode last_error = tracking::v1::TRACKING_ERROR_CODE_UNSPECIFIED;
};

class TrackingConformanceTest : public testing::TestWithParam<TwinSetup> {
 protected:
  TrackingConformanceTest();

  bool Has(tracking::v1::Feature feature) const { return platform_->Features(account_).contains(feature); }
  tracking::PlatformClient& client() const { return platform_->Client(); }
  // Puts calls that began a minute apart.
  std::vector<TrueCall> PutCalls(int count);
  // All calls of the range of PutCalls, page by page.
  std::vector<tracking::PlatformCall> ListAll(int size);
  tracking::CallQuery Range(int size = 0) const;
  // What the mapper makes of a record.
  std::vector<events::v1::CallEvent> Map(const tracking::PlatformCall& call, int64_t reading = 0) const;

  SystemClock clock_;
  CountingGate gate_;
  std::unique_ptr<TwinPlatform> twin_;
  tracking::Account account_;
  std::unique_ptr<tracking::Registry> registry_;
  const tracking::TrackingPlatform* platform_ = nullptr;
};

}  // namespace trunkline::tracking_conformance

#define NEEDS(feature)                                               \
  do {                                                               \
    if (!Has(tracking::v1::feature)) GTEST_SKIP() << "no " #feature; \
  } while (false)

#define INSTANTIATE_FOR_ALL_PLATFORMS(fixture) \
  INSTANTIATE_TEST_SUITE_P(Platforms, fixture, testing::ValuesIn(AllCases()), NameOfCase)
