// Brings what the call events told of attempts to the campaigns that run here: at once when a notice comes, and again
// and again, in case one was lost. What is told twice does no harm.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/background_worker.h"
#include "libs/postgres/connection.h"
#include "services/campaign-scheduler/dispatch/dispatcher.h"
#include "services/campaign-scheduler/store/campaign_store.h"

namespace trunkline::scheduler {

class OutcomeFeed {
 public:
  // Store and dispatcher outlive the object.
  OutcomeFeed(std::string database_url, CampaignStore& store, Dispatcher& dispatcher);

 private:
  absl::StatusOr<bool> Follow();

  const std::string database_url_;
  CampaignStore& store_;
  Dispatcher& dispatcher_;
  std::unique_ptr<postgres::Connection> listener_;
  int quiet_looks_ = 0;
  BackgroundWorker follower_;
};

}  // namespace trunkline::scheduler
