// Trunkline's topics: the one table of their names and settings, and their creation.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace trunkline::kafka {

// Names under a prefix, "trunkline." unless configured otherwise.
struct Topics {
  explicit Topics(const std::string& prefix = "trunkline.");

  std::string raw_webhooks;        // RawWebhook by call_id
  std::string call_events;         // CallEvent by call_id
  std::string calls;               // CallRecord by call_id, compacted
  std::string campaign_events;     // CampaignEvent by campaign_id
  std::string call_discrepancies;  // CallDiscrepancy by discrepancy_id
  std::string dead_letters;        // DeadLetter by the key of the raw message
};

struct TopicSettings {
  std::string name;
  bool compacted = false;
  absl::Duration retention;  // of topics that are not compacted
};

// Every topic with its settings.
std::vector<TopicSettings> SettingsOf(const Topics& topics);

struct TopicCreation {
  std::string bootstrap;
  int partitions = 4;
  int replication = 1;
  absl::Duration limit = absl::Seconds(30);
};

// Creates the topics that are missing and returns their names; existing ones stay as they are. The embedded broker
// gives every topic its own number of partitions. UNAVAILABLE when the cluster cannot be reached, or refuses.
absl::StatusOr<std::vector<std::string>> CreateTopics(const TopicCreation& creation, const Topics& topics);

}  // namespace trunkline::kafka
