#include "services/campaign-scheduler/dispatch/outcome_feed.h"

#include <utility>

#include "libs/base/status.h"
#include "services/campaign-scheduler/store/outcome_store.h"

namespace trunkline::scheduler {
namespace {

// It looks at its stop request this often, and reads without a notice after so many looks.
constexpr absl::Duration kLook = absl::Milliseconds(100);
constexpr int kLooksBetweenReads = 10;
constexpr size_t kMost = 5'000;

}  // namespace

OutcomeFeed::OutcomeFeed(std::string database_url, CampaignStore& store, Dispatcher& dispatcher)
    : database_url_(std::move(database_url)),
      store_(store),
      dispatcher_(dispatcher),
      follower_("following outcomes of attempts", absl::ZeroDuration(), [this] { return Follow(); }) {}

absl::StatusOr<bool> OutcomeFeed::Follow() {
  if (listener_ == nullptr) {
    TL_ASSIGN_OR_RETURN(std::unique_ptr<postgres::Connection> opened, postgres::Connection::Open(database_url_));
    TL_RETURN_IF_ERROR(opened->Listen(kAttemptOutcomes));
    listener_ = std::move(opened);
  } else {
    absl::StatusOr<bool> told = listener_->WaitForNotification(kLook);
    if (!told.ok()) {
      listener_.reset();
      return told;
    }
    if (!*told && ++quiet_looks_ < kLooksBetweenReads) return true;
    while (told.ok() && *told) told = listener_->WaitForNotification(absl::ZeroDuration());
  }
  quiet_looks_ = 0;
  TL_ASSIGN_OR_RETURN(const std::vector<OutcomeOfCampaign> outcomes, store_.ReadOutcomes(dispatcher_.Running(), kMost));
  dispatcher_.TellOutcomes(outcomes);
  return true;
}

}  // namespace trunkline::scheduler
