#include "libs/metrics/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::metrics {
namespace {

using ::testing::HasSubstr;

TEST(RegistryTest, TheSameNameAndLabelsAreTheSameMetric) {
  Registry registry;
  registry.Counter("trunkline_test_total", "For a test.", {{"outcome", "ok"}}).Increment();
  registry.Counter("trunkline_test_total", "For a test.", {{"outcome", "ok"}}).Increment();
  registry.Counter("trunkline_test_total", "For a test.", {{"outcome", "failed"}}).Increment();
  EXPECT_THAT(registry.Text(), HasSubstr("trunkline_test_total{outcome=\"ok\"} 2"));
  EXPECT_THAT(registry.Text(), HasSubstr("trunkline_test_total{outcome=\"failed\"} 1"));
}

TEST(RegistryTest, TimesAreInSeconds) {
  Registry registry;
  registry.Seconds("trunkline_test_seconds", "For a test.").Observe(0.2);
  EXPECT_THAT(registry.Text(), HasSubstr("trunkline_test_seconds_bucket{le=\"0.25\"} 1"));
}

}  // namespace
}  // namespace trunkline::metrics
