// Settings of the normalizer.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "libs/base/log.h"

namespace trunkline::normalizer {

struct NormalizerConfig {
  std::string kafka_bootstrap;
  std::string topic_prefix;
  std::string group;
  std::string instance_id;
  bool static_membership = false;
  bool embedded_kafka = false;
  std::string database_url;
  std::string admin_address;
  uint16_t admin_port = 0;
  int64_t batch_size = 0;
  absl::Duration batch_linger;
  int64_t cached_calls = 0;
  absl::Duration event_source_retention;
  LogLevel log_level = LogLevel::kInfo;
};

// Reads flags and environment; ends the program when they are wrong.
NormalizerConfig ReadConfig(int argc, const char* const* argv);

}  // namespace trunkline::normalizer
