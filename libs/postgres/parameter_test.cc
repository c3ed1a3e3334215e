#include "libs/postgres/parameter.h"

#include <gtest/gtest.h>

#include <random>
#include <type_traits>

namespace trunkline::postgres {
namespace {

TEST(ParameterTest, TimesAreWrittenLikeAbseilWritesThem) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const int64_t micros = static_cast<int64_t>(random() % 200'000'000'000'000'000) - 60'000'000'000'000'000;
    EXPECT_EQ(FormatTimestamp(micros),
              absl::FormatTime("%E4Y-%m-%d %H:%M:%E6S+00", absl::FromUnixMicros(micros), absl::UTCTimeZone()));
  }
}

TEST(ParameterTest, ArraysQuoteTheirValues) {
  EXPECT_EQ(*Parameter::Array(std::vector<std::string>{"a", "b\"c", "\\", ""}).value(), R"({"a","b\"c","\\",""})");
  EXPECT_EQ(*Parameter::Array(std::vector<int64_t>{1, -2}).value(), "{1,-2}");
  EXPECT_EQ(*Parameter::Array(std::vector<int64_t>{}).value(), "{}");
}

TEST(ParameterTest, NothingButABoolIsABoolean) {
  EXPECT_EQ(*Parameter(true).value(), "t");
  EXPECT_EQ(*Parameter(std::optional<bool>(false)).value(), "f");
  enum Plain { kPlain };
  enum class Scoped { kScoped };
  static_assert(!std::is_constructible_v<Parameter, Plain>);
  static_assert(!std::is_constructible_v<Parameter, Scoped>);
  static_assert(!std::is_constructible_v<Parameter, std::optional<Plain>>);
  static_assert(!std::is_constructible_v<Parameter, const int*>);
  static_assert(!std::is_constructible_v<Parameter, double>);
  EXPECT_EQ(*Parameter(static_cast<int>(kPlain)).value(), "0");
}

TEST(ParameterTest, NothingIsNull) {
  EXPECT_FALSE(Parameter(std::nullopt).value().has_value());
  EXPECT_FALSE(Parameter(std::optional<int64_t>()).value().has_value());
  EXPECT_FALSE(Parameter::TextOrNull("").value().has_value());
  EXPECT_EQ(*Parameter(std::optional<int64_t>(5)).value(), "5");
}

}  // namespace
}  // namespace trunkline::postgres
