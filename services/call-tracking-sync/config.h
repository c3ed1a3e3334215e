// The settings of call-tracking-sync.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "libs/base/config.h"
#include "libs/serving/serving_settings.h"

namespace trunkline::tracking_sync {

struct SyncConfig {
  LogLevel log_level = LogLevel::kInfo;

  serving::ServingSettings serving;

  std::string database_url;  // role trunkline_tracking: requests of businesses
  int database_connections;
  std::string worker_database_url;  // role trunkline_tracking_worker: reads the platforms
  int worker_connections;
  std::string kafka_bootstrap;
  std::string topic_prefix;
  std::string instance_id;  // of this replica among the readers of webhooks; may be empty
  std::string service_token;
  std::string gateway_address;
  std::string public_url;  // base of the webhook URLs

  std::optional<absl::Duration> api_timeout;  // for one request to a platform; the platform's own unless set
  absl::Duration webhook_coalescing;          // webhooks of a call within it lead to one reading
  size_t cached_calls;                        // in memory, for those who read calls

  absl::Duration heartbeat;  // how often a replica shows that it lives
  absl::Duration silence;    // after which its accounts are taken over
};

// Reads every setting; ends the program when one is wrong (see ConfigReader::Finish).
SyncConfig ReadSyncConfig(ConfigReader& reader);

}  // namespace trunkline::tracking_sync
