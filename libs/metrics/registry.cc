#include "libs/metrics/registry.h"

#include <prometheus/text_serializer.h>

#include <utility>

namespace trunkline::metrics {

template <typename Metric>
Metric& Registry::Known<Metric>::Find(std::string_view name, const Labels& labels,
                                      const std::function<Metric&()>& make) {
  std::string key(name);
  for (const auto& [label, value] : labels) {
    key += '\0';
    key += label;
    key += '\0';
    key += value;
  }
  const std::lock_guard lock(mutex_);
  Metric*& metric = metrics_[std::move(key)];
  if (metric == nullptr) metric = &make();
  return *metric;
}

Registry::Registry() : registry_(std::make_shared<prometheus::Registry>()) {}

prometheus::Counter& Registry::Counter(const std::string& name, const std::string& help, const Labels& labels) {
  return counters_.Find(name, labels, [&]() -> prometheus::Counter& {
    return prometheus::BuildCounter().Name(name).Help(help).Register(*registry_).Add(labels);
  });
}

prometheus::Gauge& Registry::Gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return gauges_.Find(name, labels, [&]() -> prometheus::Gauge& {
    return prometheus::BuildGauge().Name(name).Help(help).Register(*registry_).Add(labels);
  });
}

prometheus::Histogram& Registry::Seconds(const std::string& name, const std::string& help, const Labels& labels) {
  static const prometheus::Histogram::BucketBoundaries buckets = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                                  0.25,   0.5,   1,      2.5,   5,    10,    30,   60};
  return histograms_.Find(name, labels, [&]() -> prometheus::Histogram& {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(*registry_).Add(labels, buckets);
  });
}

std::string Registry::Text() const { return prometheus::TextSerializer().Serialize(registry_->Collect()); }

}  // namespace trunkline::metrics
