#include "libs/ownership/keeper.h"

#include <chrono>
#include <condition_variable>
#include <utility>

#include "libs/base/backoff.h"
#include "libs/base/log.h"
#include "libs/base/status.h"

namespace trunkline::ownership {
namespace {

// How soon a stop is seen, and how close two looks may be.
constexpr absl::Duration kPatience = absl::Milliseconds(100);
constexpr absl::Duration kCloseLooks = absl::Milliseconds(50);
constexpr absl::Duration kFirstRetry = absl::Milliseconds(100);
constexpr absl::Duration kLongestRetry = absl::Seconds(2);

}  // namespace

Keeper::Keeper(Options options, Owner& owner, const Clock& clock)
    : options_(std::move(options)),
      owner_(owner),
      clock_(clock),
      status_(absl::UnavailableError("has not joined yet")),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Keeper::~Keeper() { Stop(); }

void Keeper::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  const std::vector<Ownership> owned = owner_.DropAll(Owner::Drop::kHandedOver);
  if (replica_ == nullptr) return;
  if (const absl::Status handed = replica_->HandOver(owned); !handed.ok()) {
    LogWarning("nothing could be handed over; others take it when this process is gone",
               {{"owned", options_.name}, {"error", handed}});
  }
  replica_.reset();
}

absl::Status Keeper::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void Keeper::SetStatus(absl::Status status) {
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
}

void Keeper::Run(const std::stop_token& stop) {
  Backoff backoff(kFirstRetry, kLongestRetry);
  std::mutex mutex;
  std::condition_variable_any never;
  while (!stop.stop_requested()) {
    const absl::Status done = Round();
    if (done.ok()) {
      backoff.Reset();
      continue;
    }
    LogWarning("this replica owns nothing until its session is there again",
               {{"owned", options_.name}, {"error", done}});
    SetStatus(done);
    owner_.DropAll(Owner::Drop::kLost);
    replica_.reset();
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, absl::ToChronoMilliseconds(backoff.Next()), [] { return false; });
  }
}

absl::Status Keeper::Round() {
  const absl::Time now = clock_.Now();
  const absl::Duration silence = options_.replica.silence;
  if (replica_ == nullptr) {
    TL_ASSIGN_OR_RETURN(replica_, Replica::Join(options_.replica));
    LogInfo("joined", {{"replica_id", replica_->id()}});
    beaten_at_ = now;
    looked_at_ = absl::InfinitePast();
    owner_.Joined();
    owner_.MayActUntil(now + silence);
    SetStatus(absl::OkStatus());
  }
  if (now - beaten_at_ >= silence) {
    return absl::DeadlineExceededError("this replica gave no sign of life for so long that others may have taken over");
  }
  if (now - beaten_at_ >= options_.heartbeat) {
    TL_RETURN_IF_ERROR(replica_->Beat());
    beaten_at_ = now;  // when it began: what others see is not earlier
    owner_.MayActUntil(now + silence);
  }
  if (now - looked_at_ >= (changed_ ? kCloseLooks : options_.look)) {
    looked_at_ = now;
    TL_ASSIGN_OR_RETURN(changed_, owner_.Look(*replica_, now));
  }
  TL_ASSIGN_OR_RETURN(const bool told, replica_->WaitForChange(changed_ ? kCloseLooks : kPatience));
  changed_ = changed_ || told;
  return absl::OkStatus();
}

}  // namespace trunkline::ownership
