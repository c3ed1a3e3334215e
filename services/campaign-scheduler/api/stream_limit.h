// How many streams may go on at the same time. Each of them holds a thread of the server, also while its client sends
// or reads nothing: a business with slow clients keeps neither other businesses nor short requests waiting.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"

namespace trunkline::scheduler {

class StreamLimit {
 public:
  struct Options {
    int of_business = 4;
    int in_all = 32;
  };

  explicit StreamLimit(Options options) : options_(options) {}

  // The right to have one, as long as it lives. RESOURCE_EXHAUSTED LIMIT_REACHED. The object outlives it.
  using Pass = std::shared_ptr<void>;
  absl::StatusOr<Pass> Enter(const std::string& business_id);

 private:
  void Leave(const std::string& business_id);

  const Options options_;
  std::mutex mutex_;
  std::map<std::string, int> of_business_;
  int in_all_ = 0;
};

}  // namespace trunkline::scheduler
