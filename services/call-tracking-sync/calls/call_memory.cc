#include "services/call-tracking-sync/calls/call_memory.h"

#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::tracking_sync {
namespace {

std::string KeyOf(std::string_view business_id, std::string_view call_id) { return Concat(business_id, " ", call_id); }

}  // namespace

CallPtr CallMemory::Find(std::string_view business_id, std::string_view call_id) {
  if (!is_followed()) return nullptr;
  return cache_.Find(KeyOf(business_id, call_id)).value_or(nullptr);
}

void CallMemory::Put(const ReadTicket& ticket, CallPtr call) {
  if (!is_followed()) return;
  const std::string key = KeyOf(call->business_id(), call->call_id());
  cache_.Put(ticket, key, std::move(call));
}

void CallMemory::Forget(std::string_view business_id, std::string_view call_id) {
  cache_.Forget(KeyOf(business_id, call_id));
}

void CallMemory::Follow() {
  const std::lock_guard lock(mutex_);
  cache_.ForgetAll();
  followed_ = true;
}

bool CallMemory::is_followed() const {
  const std::lock_guard lock(mutex_);
  return followed_;
}

CallMemoryFeed::CallMemoryFeed(kafka::TailConsumerOptions options, CallMemory& memory)
    : options_(std::move(options)),
      memory_(memory),
      starter_("following call events", absl::Minutes(1), [this] { return Start(); }) {}

absl::StatusOr<bool> CallMemoryFeed::Start() {
  if (consumer_ != nullptr) return false;
  TL_ASSIGN_OR_RETURN(consumer_, kafka::TailConsumer::Start(options_, [this](const kafka::Message& message) {
                        events::v1::CallEvent event;
                        if (event.ParseFromArray(message.value().data(), static_cast<int>(message.value().size()))) {
                          memory_.Forget(event.business_id(), event.call_id());
                        } else {
                          LogWarning("a message of the call events cannot be read",
                                     {{"partition", message.partition()}, {"offset", message.offset()}});
                        }
                      }));
  memory_.Follow();
  return false;
}

}  // namespace trunkline::tracking_sync
