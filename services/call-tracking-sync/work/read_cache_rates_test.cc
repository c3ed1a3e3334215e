// How often a read finds its call in memory, by how many replicas share the readers. docs/decisions/0026 has the
// figures; run with --gtest_filter=ReadCacheRates* to see them.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <random>
#include <vector>

#include "libs/base/text.h"
#include "services/call-tracking-sync/work/read_cache.h"

namespace trunkline::tracking_sync {
namespace {

struct Model {
  int replicas = 1;
  double reads_a_second = 10;
  double changes_a_second = 1;  // events of calls; each makes every replica forget its call
  int calls = 20'000;           // that are looked at at all
  // Some calls are looked at far more often than others (Zipf's law with exponent 1).
};

// Hits of all reads over twenty minutes, after as many to warm up.
double HitRate(const Model& model) {
  ManualClock clock(absl::FromUnixSeconds(1'780'000'000));
  std::vector<std::unique_ptr<ReadCache<int>>> caches;
  for (int i = 0; i < model.replicas; ++i) {
    caches.push_back(std::make_unique<ReadCache<int>>(ReadCache<int>::Options{}, clock));
  }
  std::mt19937 random(20260302);
  std::uniform_real_distribution<double> part(0, 1);
  const auto some_call = [&] { return Concat(static_cast<int>(std::pow(model.calls, part(random)))); };
  int64_t hits = 0;
  int64_t reads = 0;
  const double events_a_second = model.reads_a_second + model.changes_a_second;
  const auto seconds = [&] { return absl::Seconds(-std::log(1 - part(random)) / events_a_second); };
  const absl::Time begin = clock.Now();
  while (clock.Now() - begin < absl::Minutes(40)) {
    clock.Advance(seconds());
    const std::string call = some_call();
    if (part(random) * events_a_second < model.changes_a_second) {
      for (const auto& cache : caches) cache->Forget(call);
      continue;
    }
    ReadCache<int>& cache = *caches[random() % caches.size()];
    const bool hit = cache.Find(call).has_value();
    if (!hit) cache.Put(cache.BeginRead(), call, 1);
    if (clock.Now() - begin < absl::Minutes(20)) continue;
    ++reads;
    hits += hit ? 1 : 0;
  }
  return static_cast<double>(hits) / static_cast<double>(reads);
}

TEST(ReadCacheRates, MoreReplicasFindLess) {
  for (const double reads : {1.0, 10.0, 100.0}) {
    double before = 1;
    for (const int replicas : {1, 2, 4, 8}) {
      const double rate = HitRate({.replicas = replicas, .reads_a_second = reads});
      std::printf("%.0f reads a second, %d replicas: %.1f %% in memory\n", reads, replicas, 100 * rate);
      EXPECT_LT(rate, before);
      before = rate;
    }
  }
}

}  // namespace
}  // namespace trunkline::tracking_sync
