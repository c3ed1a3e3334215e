#include "services/campaign-scheduler/engine/failure_window.h"

#include <algorithm>

namespace trunkline::scheduler {
namespace {

constexpr size_t kMost = 10'000;
constexpr size_t kUsual = 100;

}  // namespace

void FailureWindow::Note(bool failed) {
  latest_.push_back(failed);
  if (latest_.size() > kMost) latest_.pop_front();
}

void FailureWindow::Clear() { latest_.clear(); }

bool FailureWindow::IsTooMuch(const campaigns::v1::AutoPause& limit) const {
  if (limit.failure_percent() <= 0) return false;
  const size_t looked_at = std::min(kMost, limit.attempts() > 0 ? static_cast<size_t>(limit.attempts()) : kUsual);
  if (latest_.size() < looked_at) return false;
  const auto failed = std::count(latest_.end() - static_cast<std::ptrdiff_t>(looked_at), latest_.end(), true);
  return static_cast<size_t>(failed) * 100 >= static_cast<size_t>(limit.failure_percent()) * looked_at;
}

}  // namespace trunkline::scheduler
