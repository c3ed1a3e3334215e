// The topics that exist from the start: "calls:4,webhooks:8".
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace trunkline {

struct EmbeddedTopic {
  std::string name;
  int partitions = 0;
};

// "name" or "name:partitions". INVALID_ARGUMENT says which piece cannot be read.
absl::StatusOr<std::vector<EmbeddedTopic>> ParseTopics(const std::vector<std::string>& pieces, int default_partitions);

}  // namespace trunkline
