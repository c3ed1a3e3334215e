#include "services/gateway/readiness.h"

#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(1);

}  // namespace

Readiness::Readiness(std::vector<Check> checks, std::function<void(bool)> on_change)
    : checks_(std::move(checks)),
      on_change_(std::move(on_change)),
      status_(absl::UnavailableError("starting")),
      asker_("asking dependencies", kInterval, [this]() -> absl::StatusOr<bool> {
        Ask();
        return false;
      }) {}

absl::Status Readiness::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void Readiness::Leave() {
  const std::lock_guard lock(mutex_);
  left_ = true;
  status_ = absl::UnavailableError("stopping");
  on_change_(false);
}

void Readiness::Ask() {
  std::string missing;
  for (const Check& check : checks_) {
    const absl::Status status = check.ask();
    if (!status.ok()) missing += Concat(missing.empty() ? "" : "; ", check.part, ": ", ToStd(status.message()));
  }
  Set(missing.empty() ? absl::OkStatus() : absl::UnavailableError(missing));
}

void Readiness::Set(absl::Status status) {
  // Told under the lock, so that what was told last is what holds.
  const std::lock_guard lock(mutex_);
  if (left_) return;
  const bool changed = status.ok() != status_.ok();
  status_ = std::move(status);
  if (changed) on_change_(status_.ok());
}

}  // namespace trunkline::gateway
