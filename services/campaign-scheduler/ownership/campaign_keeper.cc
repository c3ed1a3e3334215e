#include "services/campaign-scheduler/ownership/campaign_keeper.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <utility>

#include "libs/base/backoff.h"
#include "libs/base/log.h"
#include "libs/base/status.h"

namespace trunkline::scheduler {
namespace {

// How soon a stop is seen, and how close two looks may be.
constexpr absl::Duration kPatience = absl::Milliseconds(100);
constexpr absl::Duration kCloseLooks = absl::Milliseconds(50);

}  // namespace

CampaignKeeper::CampaignKeeper(Parts parts, Options options)
    : parts_(parts),
      options_(std::move(options)),
      status_(absl::UnavailableError("has not joined yet")),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

CampaignKeeper::~CampaignKeeper() { Stop(); }

void CampaignKeeper::Stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
  const std::vector<Ownership> running = parts_.runs.DropAll();
  if (replica_ == nullptr) return;
  if (const absl::Status handed = replica_->HandOver(running); !handed.ok()) {
    LogWarning("campaigns could not be handed over; others take them when this process is gone", {{"error", handed}});
  }
  for (size_t i = 0; i < running.size(); ++i) parts_.metrics.CountLetGo("handed_over");
  replica_.reset();
}

absl::Status CampaignKeeper::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void CampaignKeeper::SetStatus(absl::Status status) {
  const std::lock_guard lock(mutex_);
  status_ = std::move(status);
}

void CampaignKeeper::Run(const std::stop_token& stop) {
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(2));
  std::mutex mutex;
  std::condition_variable_any never;
  while (!stop.stop_requested()) {
    const absl::Status done = Round();
    if (done.ok()) {
      backoff.Reset();
      continue;
    }
    Lose(done);
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, absl::ToChronoMilliseconds(backoff.Next()), [] { return false; });
  }
}

void CampaignKeeper::Lose(const absl::Status& cause) {
  LogWarning("this replica runs no campaigns until its session is there again", {{"error", cause}});
  SetStatus(cause);
  for (const Ownership& lost : parts_.runs.DropAll()) {
    LogWarning("a campaign was dropped", {{"campaign_id", lost.campaign_id}});
    parts_.metrics.CountLetGo("lost");
  }
  replica_.reset();
}

absl::Status CampaignKeeper::Round() {
  const absl::Time now = parts_.clock.Now();
  if (replica_ == nullptr) {
    TL_ASSIGN_OR_RETURN(replica_, Replica::Join(options_.replica));
    LogInfo("joined", {{"replica_id", replica_->id()}});
    beaten_at_ = now;
    looked_at_ = absl::InfinitePast();
    parts_.runs.MayActUntil(now + options_.replica.silence);
    SetStatus(absl::OkStatus());
  }
  if (now - beaten_at_ >= options_.replica.silence) {
    return absl::DeadlineExceededError("this replica gave no sign of life for so long that others may have taken over");
  }
  if (now - beaten_at_ >= options_.heartbeat) {
    TL_RETURN_IF_ERROR(replica_->Beat());
    beaten_at_ = now;  // when it began: what others see is not earlier
    parts_.runs.MayActUntil(now + options_.replica.silence);
  }
  if (now - looked_at_ >= (changed_ ? kCloseLooks : options_.look)) {
    changed_ = false;
    looked_at_ = now;
    TL_RETURN_IF_ERROR(Look(now));
  }
  TL_ASSIGN_OR_RETURN(const bool told, replica_->WaitForChange(changed_ ? kCloseLooks : kPatience));
  changed_ = changed_ || told;
  return absl::OkStatus();
}

absl::Status CampaignKeeper::Look(absl::Time now) {
  const std::vector<Ownership> finished = parts_.runs.TakeFinished();
  TL_RETURN_IF_ERROR(replica_->LetGo(finished));
  const std::vector<std::string> running = parts_.runs.Running();
  TL_ASSIGN_OR_RETURN(const std::vector<Claim> claims, replica_->ClaimOrphans(running.size(), now));
  for (const Claim& claim : claims) {
    LogInfo("runs a campaign",
            {{"campaign_id", claim.ownership.campaign_id}, {"epoch", claim.ownership.epoch}, {"reason", claim.reason}});
    parts_.metrics.CountTakeover(claim.reason);
    parts_.runs.Take(claim.ownership);
  }
  parts_.metrics.SetCampaigns(running.size() + claims.size());
  TL_ASSIGN_OR_RETURN(const std::vector<CampaignNews> news, parts_.store.ReadNews(running));
  parts_.runs.Tell(news);
  TL_ASSIGN_OR_RETURN(const int started, parts_.store.StartScheduled());
  changed_ = changed_ || started > 0;
  return absl::OkStatus();
}

}  // namespace trunkline::scheduler
