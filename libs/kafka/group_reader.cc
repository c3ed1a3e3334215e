#include "libs/kafka/group_reader.h"

#include <utility>

#include "libs/base/status.h"

namespace trunkline::kafka {
namespace {

// How soon a stop is seen.
constexpr absl::Duration kPatience = absl::Milliseconds(200);
// Between two questions whether it may begin.
constexpr absl::Duration kLookForBegin = absl::Milliseconds(100);

}  // namespace

GroupReader::GroupReader(Options options, Keep keep, TellLag tell_lag)
    : options_(std::move(options)),
      keep_(std::move(keep)),
      tell_lag_(std::move(tell_lag)),
      worker_(options_.name, kLookForBegin, [this] { return Read(); }) {}

absl::StatusOr<bool> GroupReader::Read() {
  if (consumer_ == nullptr) {
    if (options_.may_begin && !options_.may_begin()) return false;
    TL_ASSIGN_OR_RETURN(consumer_, Consumer::Start(options_.consumer));
  }
  absl::Status done = ReadBatch();
  if (done.ok()) return true;
  // A new one reads from the last committed offsets again.
  consumer_.reset();
  return done;
}

absl::Status GroupReader::ReadBatch() {
  TL_ASSIGN_OR_RETURN(const std::vector<Message> batch, consumer_->Poll(options_.batch, kPatience, options_.linger));
  tell_lag_(consumer_->Lag());
  if (batch.empty()) return absl::OkStatus();
  TL_RETURN_IF_ERROR(keep_(batch));
  return consumer_->Commit(batch);
}

}  // namespace trunkline::kafka
