#include "services/call-tracking-sync/work/read_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "libs/base/text.h"

namespace trunkline::tracking_sync {
namespace {

using ::testing::Eq;
using ::testing::Optional;

class ReadCacheTest : public ::testing::Test {
 protected:
  void Put(const std::string& key, int value) { EXPECT_TRUE(cache_.Put(cache_.BeginRead(), key, value)); }

  ManualClock clock_{absl::FromUnixSeconds(1'780'000'000)};
  ReadCache<int> cache_{{.most = 3, .life = absl::Minutes(5)}, clock_};
};

TEST_F(ReadCacheTest, AValueIsKeptForItsTime) {
  EXPECT_EQ(cache_.Find("a"), std::nullopt);
  Put("a", 1);
  clock_.Advance(absl::Minutes(5) - absl::Nanoseconds(1));
  EXPECT_THAT(cache_.Find("a"), Optional(1));
  clock_.Advance(absl::Nanoseconds(1));
  EXPECT_EQ(cache_.Find("a"), std::nullopt);
  EXPECT_EQ(cache_.counts().hits, 1);
  EXPECT_EQ(cache_.counts().misses, 2);
  EXPECT_EQ(cache_.counts().expired, 1);
  EXPECT_EQ(cache_.counts().entries, 0);
}

TEST_F(ReadCacheTest, ReadingDoesNotLengthenAValuesTime) {
  Put("a", 1);
  clock_.Advance(absl::Minutes(4));
  EXPECT_THAT(cache_.Find("a"), Optional(1));
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(cache_.Find("a"), std::nullopt);
}

TEST_F(ReadCacheTest, WhatWasUsedLeastRecentlyGoesFirst) {
  for (const char* key : {"a", "b", "c"}) Put(key, 1);
  EXPECT_THAT(cache_.Find("a"), Optional(1));
  Put("d", 1);
  EXPECT_EQ(cache_.Find("b"), std::nullopt);
  for (const char* key : {"a", "c", "d"}) EXPECT_THAT(cache_.Find(key), Optional(1)) << key;
  EXPECT_EQ(cache_.counts().evicted, 1);
  EXPECT_EQ(cache_.counts().entries, 3);
}

TEST_F(ReadCacheTest, AForgottenValueIsGone) {
  Put("a", 1);
  Put("b", 2);
  cache_.Forget("a");
  EXPECT_EQ(cache_.Find("a"), std::nullopt);
  EXPECT_THAT(cache_.Find("b"), Optional(2));
  Put("a", 3);
  EXPECT_THAT(cache_.Find("a"), Optional(3));
}

TEST_F(ReadCacheTest, WhatWasReadBeforeTheChangeDoesNotComeInAfterIt) {
  const ReadTicket ticket = cache_.BeginRead();
  cache_.Forget("a");  // while the value is being read
  EXPECT_FALSE(cache_.Put(ticket, "a", 1));
  EXPECT_EQ(cache_.Find("a"), std::nullopt);
  EXPECT_TRUE(cache_.Put(ticket, "b", 1));
  const ReadTicket another = cache_.BeginRead();
  cache_.ForgetAll();
  EXPECT_FALSE(cache_.Put(another, "c", 1));
  EXPECT_EQ(cache_.counts().entries, 0);
}

// Writers change a value and then forget it, as a commit is followed by its event; readers go through the cache. Once
// all is quiet, nobody reads an old value, and while it is not, nobody reads one older than what was forgotten before.
TEST(ReadCacheConcurrencyTest, NobodyReadsAValueThatWasForgottenBefore) {
  SystemClock clock;
  ReadCache<int64_t> cache({.most = 8, .life = absl::Hours(1)}, clock);
  constexpr int kKeys = 16;
  std::vector<std::atomic<int64_t>> truth(kKeys);
  std::vector<std::atomic<int64_t>> announced(kKeys);
  std::atomic<bool> wrong = false;
  {
    std::vector<std::jthread> threads;
    threads.emplace_back([&] {
      std::mt19937 random(1);
      for (int i = 1; i <= 30'000; ++i) {
        const size_t key = random() % kKeys;
        truth[key] = i;
        cache.Forget(Concat(key));
        announced[key] = i;
      }
    });
    for (int reader = 0; reader < 3; ++reader) {
      threads.emplace_back([&, reader] {
        std::mt19937 random(static_cast<unsigned>(reader) + 2);
        for (int i = 0; i < 30'000; ++i) {
          const size_t key = random() % kKeys;
          const int64_t at_least = announced[key];
          std::optional<int64_t> value = cache.Find(Concat(key));
          if (!value.has_value()) {
            const ReadTicket ticket = cache.BeginRead();
            value = truth[key];
            cache.Put(ticket, Concat(key), *value);
          }
          if (*value < at_least) wrong = true;
        }
      });
    }
  }
  EXPECT_FALSE(wrong);
  for (size_t key = 0; key < kKeys; ++key) {
    const std::optional<int64_t> value = cache.Find(Concat(key));
    if (value.has_value()) {
      EXPECT_THAT(*value, Eq(truth[key].load()));
    }
  }
}

}  // namespace
}  // namespace trunkline::tracking_sync
