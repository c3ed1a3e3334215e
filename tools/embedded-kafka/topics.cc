#include "tools/embedded-kafka/topics.h"

#include <optional>

#include "libs/base/text.h"

namespace trunkline {

absl::StatusOr<std::vector<EmbeddedTopic>> ParseTopics(const std::vector<std::string>& pieces, int default_partitions) {
  std::vector<EmbeddedTopic> topics;
  for (const std::string& piece : pieces) {
    const std::vector<std::string_view> parts = Split(piece, ':');
    const std::optional<int64_t> partitions = parts.size() == 1 ? default_partitions : ParseInt(parts[1]);
    if (parts.size() > 2 || parts[0].empty() || !partitions.has_value() || *partitions < 1 || *partitions > 1000) {
      return absl::InvalidArgumentError(
          Concat("--topics: '", piece, "' is not NAME or NAME:PARTITIONS with 1 to 1000 partitions"));
    }
    topics.push_back({std::string(parts[0]), static_cast<int>(*partitions)});
  }
  return topics;
}

}  // namespace trunkline
