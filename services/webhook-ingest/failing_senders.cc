#include "services/webhook-ingest/failing_senders.h"

namespace trunkline::webhook_ingest {
namespace {

constexpr int kMostFailures = 20;
constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr size_t kMostSenders = 10'000;
constexpr absl::Duration kBetweenSweeps = absl::Seconds(1);

}  // namespace

FailingSenders::Verdict FailingSenders::Failed(std::string_view address, absl::Time now) {
  const std::lock_guard lock(mutex_);
  auto found = senders_.find(address);
  if (found != senders_.end() && now - found->second.since >= kMinute) {
    senders_.erase(found);
    found = senders_.end();
  }
  if (found == senders_.end()) {
    if (senders_.size() >= kMostSenders) ForgetSome(now);
    if (senders_.size() >= kMostSenders) return Verdict::kTell;
    found = senders_.emplace(std::string(address), Sender{.since = now}).first;
  }
  Sender& sender = found->second;
  if (sender.is_held_off) return Verdict::kHoldOff;
  if (++sender.failures <= kMostFailures) return Verdict::kTell;
  sender.is_held_off = true;
  sender.since = now;
  return Verdict::kHoldOffFromNow;
}

void FailingSenders::ForgetSome(absl::Time now) {
  if (now - forgot_at_ < kBetweenSweeps) return;
  forgot_at_ = now;
  std::erase_if(senders_, [now](const auto& entry) { return now - entry.second.since >= kMinute; });
}

}  // namespace trunkline::webhook_ingest
