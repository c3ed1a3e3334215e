// The gateway's settings.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/config.h"
#include "libs/tracking/environment_account.h"
#include "services/gateway/dialing/bot_warmer.h"

namespace trunkline::gateway {

struct GatewayConfig {
  LogLevel log_level = LogLevel::kInfo;

  std::string grpc_address;
  uint16_t grpc_port;
  int grpc_threads;  // calls that may block at the same time
  int grpc_queue;    // calls that may wait for one of them to end
  std::string admin_address;
  uint16_t admin_port;
  std::string http_address;
  uint16_t http_port;  // 0: not served
  int http_threads;
  int recording_downloads;             // recordings that are sent on at the same time
  std::string http_public_url;         // base of the HTTP API as clients reach it, without a slash at its end
  std::set<std::string> cors_origins;  // whose pages browsers may let use the HTTP API
  std::string link_key;                // signs download links

  std::string database_url;  // role trunkline_gateway: one business at a time
  int database_connections;
  std::string worker_database_url;  // role trunkline_gateway_worker: the gateway's own work across businesses
  int worker_connections;

  std::string kafka_bootstrap;
  std::string topic_prefix;

  std::string public_url;      // base of the webhook URLs, without a slash at its end
  std::string service_token;   // of Trunkline's own services
  std::string credential_key;  // 32 bytes, for AES-256-GCM
  std::string secrets_directory;
  std::string single_tenant_business;  // whose accounts the environment describes; empty: none
  tracking::Environment environment;   // which may describe accounts
  std::string account_secret_prefix;   // names of the secrets that accounts may refer to begin with it

  std::string scheduler_address;                // of the campaign-scheduler; empty: campaigns are not served
  std::vector<std::string> governor_addresses;  // empty: every call is admitted
  absl::Duration admission_wait;                // how long a call may wait for a slot

  BotWarmer::Options bots;  // how bots are made ready before a dial

  absl::Duration provider_api_timeout;
  absl::Duration dial_margin;       // beyond the API timeout before an outcome counts as in doubt
  absl::Duration dial_settle_time;  // how long a provider's listing may lag behind what it accepted
  absl::Duration dial_clock_skew;   // between the provider's clock and ours
  absl::Duration dial_lease;        // of a dial that is looked after: how soon another looks after the dead's
  int reconciler_threads;
  std::vector<std::string> high_risk_prefixes;  // blocked unless a business allows them

  int watchers;       // at the same time, WatchCalls streams and WebSockets together
  int watcher_queue;  // events that may wait for one watcher

  absl::Duration socket_idle_timeout;  // of a WebSocket's client; it is pinged after half of that

  absl::Duration drain_delay;  // ready is off, and calls are still served
  absl::Duration drain_limit;  // for calls under way
};

// Reads every setting; ends the program when one is wrong (see ConfigReader::Finish).
GatewayConfig ReadGatewayConfig(ConfigReader& reader);

}  // namespace trunkline::gateway
