#include "services/call-tracking-sync/work/notices.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::tracking_sync {
namespace {

// It looks at its stop request this often.
constexpr absl::Duration kLook = absl::Milliseconds(100);

}  // namespace

Notices::Notices(std::string database_url, std::string channel, std::function<void()> on_notice)
    : database_url_(std::move(database_url)),
      channel_(std::move(channel)),
      on_notice_(std::move(on_notice)),
      follower_(Concat("listening on ", channel_), absl::ZeroDuration(), [this] { return Follow(); }) {}

absl::StatusOr<bool> Notices::Follow() {
  if (listener_ == nullptr) {
    TL_ASSIGN_OR_RETURN(std::unique_ptr<postgres::Connection> opened, postgres::Connection::Open(database_url_));
    TL_RETURN_IF_ERROR(opened->Listen(channel_));
    listener_ = std::move(opened);
    Tell();  // what was said before
    return true;
  }
  absl::StatusOr<bool> told = listener_->WaitForNotification(kLook);
  if (told.ok() && !*told) return true;
  while (told.ok() && *told) told = listener_->WaitForNotification(absl::ZeroDuration());
  if (!told.ok()) listener_.reset();
  Tell();
  return told.ok() ? absl::StatusOr<bool>(true) : told;
}

void Notices::Tell() {
  if (on_notice_) on_notice_();
  const std::lock_guard lock(mutex_);
  ++count_;
  told_.notify_all();
}

uint64_t Notices::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

void Notices::WaitPast(uint64_t count, absl::Duration limit) {
  std::unique_lock lock(mutex_);
  told_.wait_for(lock, absl::ToChronoMicroseconds(limit), [&] { return count_ > count; });
}

}  // namespace trunkline::tracking_sync
