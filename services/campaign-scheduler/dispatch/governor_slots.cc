#include "services/campaign-scheduler/dispatch/governor_slots.h"

#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {
namespace {

constexpr absl::string_view kPrefix = "REASON_";

absl::Status StatusOf(const governor::v1::SlotResult& result) {
  if (!result.has_error()) {
    return Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "no slot is free");
  }
  Reason reason = Reason::REASON_LIMIT_REACHED;
  errors::v1::Reason_Parse(std::string(kPrefix) + result.error().reason(), &reason);
  return Error(reason == Reason::REASON_LIMIT_REACHED ? absl::StatusCode::kResourceExhausted
                                                      : absl::StatusCode::kFailedPrecondition,
               reason, result.error().message());
}

SlotAnswer AnswerOf(const SlotWish& wish, const governor::v1::SlotResult& result) {
  SlotAnswer answer{.wish = wish};
  if (result.has_slot()) {
    answer.slot_id = result.slot().slot_id();
    answer.expires_at =
        result.slot().has_expires_at() ? telephony::FromProto(result.slot().expires_at()) : absl::InfiniteFuture();
  } else {
    answer.status = StatusOf(result);
    answer.retry_after = telephony::FromProto(result.retry_delay());
  }
  return answer;
}

}  // namespace

void GovernorSlots::Acquire(const Campaign& campaign, const AcquireSlots& wanted,
                            std::function<void(SlotsDecided)> done) {
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
  governor_.AcquireSlotsLater(
      std::move(request), [wishes = wanted.wishes,
                           done = std::move(done)](const absl::StatusOr<governor::v1::AcquireSlotsResponse>& response) {
        SlotsDecided decided;
        for (size_t i = 0; i < wishes.size(); ++i) {
          if (response.ok() && static_cast<int>(i) < response->results_size()) {
            decided.answers.push_back(AnswerOf(wishes[i], response->results(static_cast<int>(i))));
            continue;
          }
          const absl::Status status =
              response.ok() ? absl::InternalError("the governor left a wish out") : response.status();
          decided.answers.push_back({.wish = wishes[i],
                                     .status = status,
                                     .retry_after = RetryAfterOf(status).value_or(absl::ZeroDuration())});
        }
        done(std::move(decided));
      });
}

void GovernorSlots::Release(const std::string& business_id, const std::vector<std::string>& slot_ids) {
  later_.Add([this, business_id, slot_ids] {
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
  later_.Add([this, campaign_id, max_concurrent_calls] {
    governor::v1::SetLimitsRequest request;
    governor::v1::LevelLimits* limits = max_concurrent_calls > 0 ? request.add_limits() : request.add_cleared();
    limits->set_level(governor::v1::LEVEL_CAMPAIGN);
    limits->set_subject_id(campaign_id);
    if (max_concurrent_calls > 0) limits->set_max_concurrent_calls(max_concurrent_calls);
    if (const absl::Status set = governor_.SetLimits(request).status(); !set.ok()) {
      LogError("the limit of a campaign could not be set", {{"campaign_id", campaign_id}, {"error", set}});
    }
  });
}

}  // namespace trunkline::scheduler
