#include "services/campaign-scheduler/rules/pacer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {
namespace {

constexpr absl::Duration kSecond = absl::Seconds(1);
constexpr absl::Duration kMinute = absl::Minutes(1);

}  // namespace

Pacer::Pacer(const v1::Pacing& pacing, absl::Duration usual_spacing, absl::Time running_since)
    : running_since_(running_since) {
  Change(pacing, usual_spacing);
}

void Pacer::Change(const v1::Pacing& pacing, absl::Duration usual_spacing) {
  per_second_ = pacing.calls_per_second();
  per_minute_ = pacing.calls_per_minute();
  spacing_ = pacing.has_call_spacing() ? telephony::FromProto(pacing.call_spacing()) : usual_spacing;
  ramp_up_ = telephony::FromProto(pacing.ramp_up());
  ramp_used_ = begun_.empty() || !Ramps(begun_.back()) ? 0 : RampedCalls(begun_.back());
}

void Pacer::Resume(absl::Time running_since) {
  running_since_ = running_since;
  ramp_used_ = 0;
}

int Pacer::Admit(absl::Time now, int wanted) {
  Trim(now);
  int admitted = 0;
  while (admitted < wanted && NextAdmission(now) <= now) {
    ++under_way_;
    ++admitted;
  }
  return admitted;
}

void Pacer::Begun(absl::Time at, int count) {
  under_way_ = std::max(under_way_ - count, 0);
  const absl::Time latest = begun_.empty() ? at : std::max(at, begun_.back());
  for (int i = 0; i < count; ++i) {
    begun_.push_back(latest);
    if (latest >= running_since_ && Ramps(latest)) {
      ramp_used_ = std::max(ramp_used_, RampedCalls(latest) - KeptCalls(latest)) + 1;
    }
  }
  Trim(latest);
}

void Pacer::Returned(int count) { under_way_ = std::max(under_way_ - count, 0); }

absl::Time Pacer::NextAdmission(absl::Time now) const {
  absl::Time next = now;
  if (per_second_ > 0) next = std::max(next, NextOfWindow(per_second_, kSecond));
  if (per_minute_ > 0) next = std::max(next, NextOfWindow(per_minute_, kMinute));
  if (spacing_ > absl::ZeroDuration()) {
    if (under_way_ > 0) return absl::InfiniteFuture();
    if (!begun_.empty()) next = std::max(next, begun_.back() + spacing_);
  }
  if (Ramps(now)) next = std::max(next, std::min(NextOfRamp(), running_since_ + ramp_up_));
  return next;
}

double Pacer::SpeedAt(absl::Time now) const {
  const double full = FullSpeed();
  if (!Ramps(now) || std::isinf(full)) return full;
  return full * std::max(0.0, absl::FDivDuration(now - running_since_, ramp_up_));
}

double Pacer::FullSpeed() const {
  double speed = std::numeric_limits<double>::infinity();
  if (per_second_ > 0) speed = std::min(speed, static_cast<double>(per_second_));
  if (per_minute_ > 0) speed = std::min(speed, per_minute_ / 60.0);
  if (spacing_ > absl::ZeroDuration()) speed = std::min(speed, 1 / absl::ToDoubleSeconds(spacing_));
  return speed;
}

double Pacer::RampedCalls(absl::Time at) const {
  const double elapsed = std::max(0.0, absl::ToDoubleSeconds(at - running_since_));
  return FullSpeed() * elapsed * elapsed / (2 * absl::ToDoubleSeconds(ramp_up_));
}

double Pacer::KeptCalls(absl::Time at) const { return std::max(1.0, RampedCalls(at) - RampedCalls(at - kSecond)); }

absl::Time Pacer::NextOfRamp() const {
  const double full = FullSpeed();
  if (std::isinf(full)) return absl::InfinitePast();
  const double calls = under_way_ + 1;
  const double length = absl::ToDoubleSeconds(ramp_up_);
  double elapsed = std::sqrt((ramp_used_ + calls) * 2 * length / full);
  if (calls > 1) elapsed = std::max(elapsed, calls * length / full + 0.5);  // when KeptCalls() are so many
  return running_since_ + absl::Ceil(absl::Seconds(elapsed), absl::Microseconds(1));
}

absl::Time Pacer::NextOfWindow(int most, absl::Duration length) const {
  // With those under way, so many of the latest that began may still be in the window.
  const int room = most - under_way_ - 1;
  if (room < 0) return absl::InfiniteFuture();
  const auto begun = static_cast<int>(begun_.size());
  return begun <= room ? absl::InfinitePast() : begun_[static_cast<size_t>(begun - 1 - room)] + length;
}

void Pacer::Trim(absl::Time now) {
  while (begun_.size() > 1 && begun_.front() + kMinute <= now) begun_.pop_front();
}

}  // namespace trunkline::scheduler
