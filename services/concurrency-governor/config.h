// The governor's settings.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "libs/base/config.h"
#include "libs/serving/serving_settings.h"
#include "services/concurrency-governor/ledger/slot_ledger.h"

namespace trunkline::governor {

struct GovernorConfig {
  LogLevel log_level = LogLevel::kInfo;

  serving::ServingSettings serving;

  std::string database_url;  // role trunkline_governor
  std::string kafka_bootstrap;
  std::string topic_prefix;
  std::string service_token;    // of Trunkline's own services
  std::string gateway_address;  // asked about silent calls

  LedgerOptions ledger;
  absl::Duration cleanup_interval;  // between two looks for silent calls
  absl::Duration inquiry_timeout;   // for one question about a call
  absl::Duration leader_silence;    // after which a leader is replaced

  absl::Duration drain_delay;  // ready is off, and requests are still served
};

// Reads every setting; ends the program when one is wrong (see ConfigReader::Finish). The limits may also come from the
// plain environment variables GLOBAL_MAX_CALLS, CALL_TIMEOUT_MINUTES and CLEANUP_INTERVAL.
GovernorConfig ReadGovernorConfig(ConfigReader& reader);

}  // namespace trunkline::governor
