#include "services/normalizer/call_cache.h"

#include <gtest/gtest.h>

namespace trunkline::normalizer {
namespace {

std::unique_ptr<StoredCall> CallOfVersion(uint32_t version) {
  auto call = std::make_unique<StoredCall>();
  call->version = version;
  return call;
}

TEST(CallCacheTest, WhatIsTakenIsNotThereAnyMore) {
  CallCache cache(10);
  EXPECT_EQ(cache.Take({1, 1}), nullptr);
  cache.Put({1, 1}, CallOfVersion(7));
  EXPECT_EQ(cache.Take({1, 1})->version, 7u);
  EXPECT_EQ(cache.Take({1, 1}), nullptr);
}

TEST(CallCacheTest, TheOldestFallOut) {
  CallCache cache(10);
  for (uint64_t i = 0; i < 1000; ++i) {
    cache.Put({0, i}, CallOfVersion(static_cast<uint32_t>(i)));
    EXPECT_LE(cache.size(), 10u);
  }
  for (uint64_t i = 995; i < 1000; ++i) EXPECT_NE(cache.Take({0, i}), nullptr) << i;
  EXPECT_EQ(cache.Take({0, 980}), nullptr);
}

TEST(CallCacheTest, ACallThatIsUsedStays) {
  CallCache cache(10);
  cache.Put({9, 9}, CallOfVersion(1));
  for (uint64_t i = 0; i < 1000; ++i) {
    cache.Put({0, i}, CallOfVersion(2));
    auto used = cache.Take({9, 9});
    ASSERT_NE(used, nullptr);
    cache.Put({9, 9}, std::move(used));
  }
}

TEST(CallCacheTest, NothingIsKeptWithoutALimit) {
  CallCache cache(0);
  cache.Put({1, 1}, CallOfVersion(7));
  EXPECT_EQ(cache.Take({1, 1}), nullptr);
}

TEST(CallCacheTest, ClearForgetsAll) {
  CallCache cache(4);
  for (uint64_t i = 0; i < 4; ++i) cache.Put({0, i}, CallOfVersion(1));
  cache.Clear();
  EXPECT_EQ(cache.size(), 0u);
}

}  // namespace
}  // namespace trunkline::normalizer
