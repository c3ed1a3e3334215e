#include "services/call-tracking-sync/budget/account_budget.h"

#include <algorithm>
#include <utility>

namespace trunkline::tracking_sync {
namespace {

using tracking::Resource;
using tracking::SentRequest;
namespace v1 = tracking::v1;

constexpr absl::Duration kLongestPause = absl::Hours(25);
// Without Retry-After.
constexpr absl::Duration kUsualPause = absl::Seconds(1);

enum class Health { kWell, kFailed, kNoSign };

Health HealthOf(const SentRequest& sent) {
  switch (sent.error) {
    case v1::TRACKING_ERROR_CODE_SERVER_ERROR:
    case v1::TRACKING_ERROR_CODE_NETWORK:
    case v1::TRACKING_ERROR_CODE_TIMEOUT:
    case v1::TRACKING_ERROR_CODE_MAINTENANCE:
      return Health::kFailed;
    case v1::TRACKING_ERROR_CODE_RATE_LIMITED:
    case v1::TRACKING_ERROR_CODE_AUTH_INVALID:
      return Health::kNoSign;
    default:
      return Health::kWell;
  }
}

}  // namespace

Allowance::Allowance() {
  paused_until.fill(absl::InfinitePast());
  pace.fill(1);
}

AccountBudget::AccountBudget(const ResourceLimits& limits, absl::Duration margin) {
  for (const tracking::RequestLimits& limit : limits) parts_.push_back({.ledger = RequestLedger(limit, margin)});
}

void AccountBudget::SetLimits(const ResourceLimits& limits) {
  for (size_t i = 0; i < kResources; ++i) {
    if (!(parts_[i].ledger.limits() == limits[i])) parts_[i].ledger.SetLimits(limits[i]);
  }
}

void AccountBudget::Restore(const std::vector<JournaledRequest>& journal, const Allowance& allowance) {
  for (const JournaledRequest& request : journal)
    PartOf(request.resource).ledger.Add(request.sent_at, request.priority);
  for (size_t i = 0; i < kResources; ++i) {
    parts_[i].paused_until = allowance.paused_until[i];
    parts_[i].pace = Pace(allowance.pace[i], allowance.paced_at);
  }
  circuit_ = Circuit(allowance.circuit);
}

absl::Time AccountBudget::EarliestAt(absl::Time now, Resource resource, Priority priority) const {
  const Part& part = PartOf(resource);
  return std::max(
      {part.ledger.EarliestAt(now, priority, part.pace.At(now)), part.paused_until, circuit_.OpenUntil(credentials_)});
}

bool AccountBudget::HasRoom(Resource resource) const {
  if (circuit_.IsHalfOpen()) {
    return std::all_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.in_flight == 0; });
  }
  const Part& part = PartOf(resource);
  return part.in_flight < std::max(1, part.ledger.limits().in_flight);
}

std::optional<int64_t> AccountBudget::Left(absl::Time now, Resource resource, Priority priority) const {
  return PartOf(resource).ledger.Left(now, priority);
}

void AccountBudget::Send(absl::Time now, Resource resource, Priority priority) {
  Part& part = PartOf(resource);
  part.ledger.Add(now, priority);
  ++part.in_flight;
}

void AccountBudget::Withdraw(Resource resource) {
  Part& part = PartOf(resource);
  part.in_flight = std::max(0, part.in_flight - 1);
}

bool AccountBudget::Answer(absl::Time now, const SentRequest& sent) {
  Withdraw(sent.resource);
  const Allowance before = allowance(now);
  Part& part = PartOf(sent.resource);
  if (sent.error == v1::TRACKING_ERROR_CODE_RATE_LIMITED) {
    part.pace.Slow(now);
    part.paused_until = std::max(part.paused_until, now + kUsualPause);
  }
  if (sent.retry_after.has_value() && sent.error != v1::TRACKING_ERROR_CODE_UNSPECIFIED) {
    part.paused_until = std::max(part.paused_until, now + std::min(*sent.retry_after, kLongestPause));
  }
  switch (HealthOf(sent)) {
    case Health::kFailed:
      circuit_.Fail(now);
      break;
    case Health::kWell:
      circuit_.Succeed();
      break;
    case Health::kNoSign:
      break;
  }
  return !(allowance(now) == before);
}

Allowance AccountBudget::allowance(absl::Time now) const {
  Allowance out;
  for (size_t i = 0; i < kResources; ++i) {
    out.paused_until[i] = parts_[i].paused_until;
    out.pace[i] = parts_[i].pace.At(now);
  }
  out.paced_at = now;
  out.circuit = circuit_.state();
  return out;
}

}  // namespace trunkline::tracking_sync
