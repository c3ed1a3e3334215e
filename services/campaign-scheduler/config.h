// The scheduler's settings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/config.h"
#include "libs/serving/serving_settings.h"
#include "services/campaign-scheduler/engine/campaign_engine.h"

namespace trunkline::scheduler {

struct SchedulerConfig {
  LogLevel log_level = LogLevel::kInfo;

  serving::ServingSettings serving;

  std::string database_url;  // role trunkline_scheduler: requests of businesses
  int database_connections;
  std::string worker_database_url;  // role trunkline_scheduler_worker: runs campaigns
  int worker_connections;
  std::string kafka_bootstrap;
  std::string topic_prefix;
  std::string instance_id;  // of this replica among the readers of call events; may be empty
  std::string service_token;
  std::string gateway_address;
  std::vector<std::string> governor_addresses;

  std::vector<std::string> blocked_prefixes;  // of all campaigns
  EngineOptions engine;
  absl::Duration heartbeat;  // how often a replica shows that it lives
  absl::Duration silence;    // after which its campaigns are taken over
};

// Reads every setting; ends the program when one is wrong (see ConfigReader::Finish). Those that operators know as
// plain environment variables, in milliseconds, may also come from there: SUBSEQUENT_CALL_WAIT,
// MAX_CONCURRENT_CALL_WAIT, HEARTBEAT_INTERVAL, ORPHAN_DETECTION_THRESHOLD, BOT_WARMUP_TIMEOUT and BOT_WARMUP_RETRIES.
SchedulerConfig ReadSchedulerConfig(ConfigReader& reader);

}  // namespace trunkline::scheduler
