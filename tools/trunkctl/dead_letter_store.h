// Dead letters: reading and choosing them, and the message that tries one again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/kafka/message.h"
#include "trunkline/webhooks/v1/dead_letter.pb.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::trunkctl {

struct StoredDeadLetter {
  std::string id;   // where the raw message lies: TOPIC/PARTITION/OFFSET
  std::string key;  // of the raw message
  webhooks::v1::DeadLetter letter;
  std::optional<webhooks::v1::RawWebhook> webhook;  // unless the raw message is none
};

// What is chosen; an empty part chooses everything.
struct DeadLetterFilter {
  std::vector<std::string> ids;
  std::string reason;
  std::string account;  // provider_account_id
  absl::Time since = absl::InfinitePast();
  absl::Time before = absl::InfiniteFuture();
};

// One for each raw message, oldest first. NOT_FOUND names an id of the filter that is not there.
absl::StatusOr<std::vector<StoredDeadLetter>> ReadDeadLetters(const std::string& bootstrap, const std::string& topic,
                                                              const DeadLetterFilter& filter);

// The raw message byte for byte under its own key, with the headers that its sender gave it, and the header "attempt":
// how often it is tried with this time.
kafka::OutgoingMessage ReplayOf(const StoredDeadLetter& dead, const std::string& topic);

}  // namespace trunkline::trunkctl
