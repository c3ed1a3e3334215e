// The metrics of a process, over prometheus-cpp.
//
//   prometheus::Counter& refused = metrics.Counter("trunkline_ingest_webhooks_total", "Webhooks received.",
//                                                  {{"provider", "mock"}, {"outcome", "refused"}});
//   refused.Increment();
//
// Names begin with trunkline_ and end in their unit (_seconds, _bytes) or _total. Labels come from closed sets: never
// an id, a number or a URL. Asking again for the same name and labels gives the same metric.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/time/time.h"

namespace trunkline::metrics {

using Labels = std::map<std::string, std::string>;

class Registry {
 public:
  Registry();

  prometheus::Counter& Counter(const std::string& name, const std::string& help, const Labels& labels = {});
  prometheus::Gauge& Gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // Buckets from half a millisecond to a minute.
  prometheus::Histogram& Seconds(const std::string& name, const std::string& help, const Labels& labels = {});

  // Everything in Prometheus' text format.
  std::string Text() const;

 private:
  // prometheus-cpp looks through all families and builds a new one for each question.
  template <typename Metric>
  class Known {
   public:
    Metric& Find(std::string_view name, const Labels& labels, const std::function<Metric&()>& make);

   private:
    std::mutex mutex_;
    std::unordered_map<std::string, Metric*> metrics_;  // by name and labels
  };

  std::shared_ptr<prometheus::Registry> registry_;
  Known<prometheus::Counter> counters_;
  Known<prometheus::Gauge> gauges_;
  Known<prometheus::Histogram> histograms_;
};

}  // namespace trunkline::metrics
