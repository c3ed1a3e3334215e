// The calls that were read lately, in this replica's memory, as long as the stream of call events is followed: an event
// of a call, whichever replica or service caused it, forgets the call. Events come after their commit, so what is read
// afterwards is new.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/background_worker.h"
#include "libs/base/clock.h"
#include "libs/kafka/tail_consumer.h"
#include "services/call-tracking-sync/work/read_cache.h"
#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::tracking_sync {

using CallPtr = std::shared_ptr<const calls::v1::CallRecord>;

class CallMemory {
 public:
  using Options = ReadCache<CallPtr>::Options;

  // Without a topic (tests), Follow() is the only way to say that events come in. The clock outlives the object.
  CallMemory(Options options, const Clock& clock) : cache_(options, clock) {}

  // Nothing while the events are not followed.
  CallPtr Find(std::string_view business_id, std::string_view call_id);
  ReadTicket BeginRead() const { return cache_.BeginRead(); }
  // Keeps nothing while the events are not followed.
  void Put(const ReadTicket& ticket, CallPtr call);
  void Forget(std::string_view business_id, std::string_view call_id);

  // From now on every event forgets its call; what was read before is forgotten.
  void Follow();
  bool is_followed() const;
  CacheCounts counts() const { return cache_.counts(); }

 private:
  ReadCache<CallPtr> cache_;
  mutable std::mutex mutex_;
  bool followed_ = false;
};

// Follows the topic of call events for a memory; without Kafka it keeps trying. Every replica follows all of it.
class CallMemoryFeed {
 public:
  // The memory outlives the object.
  CallMemoryFeed(kafka::TailConsumerOptions options, CallMemory& memory);

 private:
  absl::StatusOr<bool> Start();

  const kafka::TailConsumerOptions options_;
  CallMemory& memory_;
  std::unique_ptr<kafka::TailConsumer> consumer_;
  BackgroundWorker starter_;
};

}  // namespace trunkline::tracking_sync
