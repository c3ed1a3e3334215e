#include "services/campaign-scheduler/dispatch/governor_slots.h"

#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {
namespace {

absl::Status StatusOf(const governor::v1::SlotResult& result) {
  if (!result.has_error() || result.error().code() == static_cast<int>(absl::StatusCode::kOk)) {
    return Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "no slot is free");
  }
  return Error(static_cast<absl::StatusCode>(result.error().code()), result.error().reason(), result.error().message());
}

SlotAnswer AnswerOf(const SlotWish& wish, const governor::v1::SlotResult& result) {
  SlotAnswer answer{.wish = wish};
  if (!result.slot().slot_id().empty()) {
    answer.slot_id = result.slot().slot_id();
    answer.expires_at =
        result.slot().has_expires_at() ? telephony::FromProto(result.slot().expires_at()) : absl::InfiniteFuture();
  } else {
    answer.status = StatusOf(result);
    answer.retry_after = telephony::FromProto(result.retry_delay());
  }
  return answer;
}

SlotsDecided AllFailed(const std::vector<SlotWish>& wishes, const absl::Status& status) {
  SlotsDecided decided;
  for (const SlotWish& wish : wishes) {
    decided.answers.push_back(
        {.wish = wish, .status = status, .retry_after = RetryAfterOf(status).value_or(absl::ZeroDuration())});
  }
  return decided;
}

}  // namespace

void GovernorSlots::Acquire(const Campaign& campaign, const AcquireSlots& wanted, Done done) {
  governor::v1::AcquireSlotsRequest request;
  if (wanted.wait > absl::ZeroDuration()) *request.mutable_wait() = telephony::ToProto(wanted.wait);
  for (const SlotWish& wish : wanted.wishes) {
    governor::v1::SlotRequest* slot = request.add_slots();
    slot->set_request_id(wish.request_id);
    slot->set_kind(governor::v1::SLOT_KIND_ORDINARY);
    slot->mutable_subject()->set_business_id(campaign.business_id);
    slot->mutable_subject()->set_provider_account_id(campaign.settings.provider_account_id());
    slot->mutable_subject()->set_caller_number(campaign.settings.from());
    slot->mutable_subject()->set_campaign_id(campaign.campaign_id);
  }
  bool settled = false;
  {
    const std::lock_guard lock(mutex_);
    settled = !wanted_limits_.contains(campaign.campaign_id);
  }
  if (settled) return Ask(std::move(request), wanted.wishes, std::move(done));
  const bool waits = limits_.Add(
      [this, campaign_id = campaign.campaign_id, request = std::move(request), wishes = wanted.wishes, done] {
        const absl::Status limited = SettleLimit(campaign_id);
        if (!limited.ok()) return done(AllFailed(wishes, limited));
        Ask(request, wishes, done);
      });
  if (!waits) done(AllFailed(wanted.wishes, absl::UnavailableError("too many campaigns wait for their limits")));
}

void GovernorSlots::Ask(governor::v1::AcquireSlotsRequest request, std::vector<SlotWish> wishes, Done done) {
  governor_.AcquireSlotsLater(
      std::move(request), [wishes = std::move(wishes),
                           done = std::move(done)](const absl::StatusOr<governor::v1::AcquireSlotsResponse>& response) {
        if (!response.ok()) return done(AllFailed(wishes, response.status()));
        if (std::cmp_not_equal(response->results_size(), wishes.size())) {
          return done(AllFailed(wishes, absl::InternalError("the governor left a wish out")));
        }
        SlotsDecided decided;
        for (size_t i = 0; i < wishes.size(); ++i) {
          decided.answers.push_back(AnswerOf(wishes[i], response->results(static_cast<int>(i))));
        }
        done(std::move(decided));
      });
}

void GovernorSlots::Release(const std::string& business_id, const std::vector<std::string>& slot_ids) {
  releases_.Add([this, business_id, slot_ids] {
    for (const std::string& slot_id : slot_ids) {
      governor::v1::ReleaseSlotRequest request;
      request.mutable_slot()->set_business_id(business_id);
      request.mutable_slot()->set_slot_id(slot_id);
      if (const absl::Status released = governor_.ReleaseSlot(request).status(); !released.ok()) {
        LogWarning("a slot could not be given back; it expires", {{"slot_id", slot_id}, {"error", released}});
      }
    }
  });
}

void GovernorSlots::LimitCampaign(const std::string& campaign_id, int max_concurrent_calls) {
  {
    const std::lock_guard lock(mutex_);
    wanted_limits_[campaign_id] = max_concurrent_calls;
  }
  limits_.Add([this, campaign_id] { SettleLimit(campaign_id).IgnoreError(); });
}

absl::Status GovernorSlots::SettleLimit(const std::string& campaign_id) {
  int wanted = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = wanted_limits_.find(campaign_id);
    if (found == wanted_limits_.end()) return absl::OkStatus();
    wanted = found->second;
  }
  governor::v1::SetLimitsRequest request;
  governor::v1::LevelLimits* limits = wanted > 0 ? request.add_limits() : request.add_cleared();
  limits->set_level(governor::v1::LEVEL_CAMPAIGN);
  limits->set_subject_id(campaign_id);
  if (wanted > 0) limits->set_max_concurrent_calls(wanted);
  if (absl::Status set = governor_.SetLimits(request).status(); !set.ok()) {
    LogWarning("the limit of a campaign could not be set; nobody is called until it is",
               {{"campaign_id", campaign_id}, {"error", set}});
    return set;
  }
  const std::lock_guard lock(mutex_);
  // Another one may be wanted by now.
  if (const auto found = wanted_limits_.find(campaign_id); found != wanted_limits_.end() && found->second == wanted) {
    wanted_limits_.erase(found);
  }
  return absl::OkStatus();
}

}  // namespace trunkline::scheduler
