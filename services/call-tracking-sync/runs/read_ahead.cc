#include "services/call-tracking-sync/runs/read_ahead.h"

#include <utility>

namespace trunkline::tracking_sync {
namespace {

// A page that was read longer ago is asked for again: a pass may have been paused meanwhile.
constexpr absl::Duration kFresh = absl::Seconds(10);

}  // namespace

ReadAhead::ReadAhead(Read read, const Clock& clock)
    : read_(std::move(read)), clock_(clock), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

ReadAhead::~ReadAhead() = default;

bool ReadAhead::IsFresh(const Slot& slot) const { return clock_.Now() - slot.read_at < kFresh; }

void ReadAhead::Begin(PageRequest request) {
  const std::lock_guard lock(mutex_);
  if (slot_.has_value()) {
    if (!slot_->page.has_value()) return;
    if (slot_->request.pass.name != request.pass.name && IsFresh(*slot_)) return;
  }
  slot_ = Slot{.request = std::move(request)};
  changed_.notify_all();
}

bool ReadAhead::Holds(std::string_view pass) const {
  const std::lock_guard lock(mutex_);
  return slot_.has_value() && slot_->request.pass.name == pass && IsFresh(*slot_);
}

std::optional<ReadAhead::Page> ReadAhead::Take(const PageRequest& request) {
  std::unique_lock lock(mutex_);
  if (!slot_.has_value() || slot_->request.pass.name != request.pass.name) return std::nullopt;
  changed_.wait(lock, [this] { return slot_->page.has_value(); });
  Slot taken = *std::move(slot_);
  slot_.reset();
  if (!(taken.request == request) || !IsFresh(taken)) return std::nullopt;
  return std::move(taken.page);
}

void ReadAhead::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return slot_.has_value() && !slot_->page.has_value(); })) {
    const PageRequest request = slot_->request;
    lock.unlock();
    Page page = read_(request);
    lock.lock();
    slot_->page = std::move(page);
    slot_->read_at = clock_.Now();
    changed_.notify_all();
  }
}

}  // namespace trunkline::tracking_sync
