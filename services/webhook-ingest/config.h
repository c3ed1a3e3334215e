// Settings of webhook-ingest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/log.h"

namespace trunkline::webhook_ingest {

struct WebhookIngestConfig {
  std::string http_address;
  uint16_t http_port = 0;
  int http_threads = 0;
  int64_t max_body_bytes = 0;
  int64_t max_fields = 0;
  int64_t max_in_flight = 0;
  std::string public_url;
  std::vector<std::string> trusted_proxies;
  std::string gateway_address;
  std::string service_token;
  absl::Duration plan_timeout;
  std::string fallback_text;
  std::string kafka_bootstrap;
  std::string topic_prefix;
  absl::Duration kafka_timeout;
  absl::Duration kafka_linger;
  int kafka_max_in_flight = 0;
  std::string spool_directory;
  int64_t spool_max_bytes = 0;
  std::string admin_address;
  uint16_t admin_port = 0;
  absl::Duration drain_delay;
  absl::Duration drain_limit;
  LogLevel log_level = LogLevel::kInfo;
};

// Reads flags and environment; ends the program when they are wrong.
WebhookIngestConfig ReadConfig(int argc, const char* const* argv);

}  // namespace trunkline::webhook_ingest
