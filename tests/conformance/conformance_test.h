// The fixture of every test of the suite: one provider, its account, its twin, and the harness that takes its news in.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "libs/providers/registry.h"
#include "tests/conformance/harness.h"
#include "tests/conformance/provider_case.h"

namespace trunkline::conformance {

// A second of a call takes so long.
inline constexpr double kQuick = 0.01;
// For calls that are controlled while they last: long enough for a slow machine.
inline constexpr double kLasting = 0.05;

class ConformanceTest : public testing::TestWithParam<ProviderCase> {
 protected:
  ConformanceTest();
  ~ConformanceTest() override;

  // Before anything else, in a test that needs another pace than kQuick.
  void SetPace(double time_scale);
  bool Has(providers::v1::Feature feature) const { return features_.contains(feature); }

  providers::CallClient& client() const { return provider_->Client(); }
  providers::CallControls& controls() const { return provider_->Controls(); }
  providers::RecordingClient& recordings() const { return provider_->Recordings(); }
  std::string Number(int story) const { return GetParam().number(story); }

  // Places a call to the number of a story.
  providers::DialOutcome Dial(const std::string& call_id, int story, providers::DialOptions options = {});
  // The same, which must work.
  providers::LiveCall Place(int story, providers::DialOptions options = {});
  // A call that is answered and lasts. With `joined`, its plan has connected it with somebody.
  providers::LiveCall PlaceLasting(bool joined);
  // Lets a call come in.
  providers::LiveCall Receive();
  // Ends the call and waits for it.
  void End(const providers::LiveCall& call);

  const TwinProcess* twin_ = nullptr;
  providers::Account account_;
  Harness harness_;
  std::unique_ptr<providers::Registry> registry_;
  const providers::Provider* provider_ = nullptr;
  std::set<providers::v1::Feature> features_;
  std::unique_ptr<providers::EventLink> link_;
};

// The plan of a call that waits.
plans::v1::CallPlan PausePlan(int seconds);
std::string NewCallId();
// The name of a test for a provider.
std::string NameOfCase(const testing::TestParamInfo<ProviderCase>& tested);

}  // namespace trunkline::conformance

// Tests of a feature that the provider does not claim pass by.
#define NEEDS(feature)                                                \
  do {                                                                \
    if (!Has(providers::v1::feature)) GTEST_SKIP() << "no " #feature; \
  } while (false)

#define INSTANTIATE_FOR_ALL_PROVIDERS(fixture) \
  INSTANTIATE_TEST_SUITE_P(Providers, fixture, testing::ValuesIn(AllCases()), NameOfCase)
