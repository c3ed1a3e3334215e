#include "services/campaign-scheduler/rules/campaign_state.h"

#include <array>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::scheduler {
namespace {

using Transition = std::pair<v1::CampaignState, v1::CampaignState>;

constexpr auto kLegal = std::to_array<Transition>({
    {v1::CAMPAIGN_STATE_DRAFT, v1::CAMPAIGN_STATE_SCHEDULED},
    {v1::CAMPAIGN_STATE_DRAFT, v1::CAMPAIGN_STATE_RUNNING},
    {v1::CAMPAIGN_STATE_DRAFT, v1::CAMPAIGN_STATE_CANCELLED},
    {v1::CAMPAIGN_STATE_SCHEDULED, v1::CAMPAIGN_STATE_DRAFT},
    {v1::CAMPAIGN_STATE_SCHEDULED, v1::CAMPAIGN_STATE_RUNNING},
    {v1::CAMPAIGN_STATE_SCHEDULED, v1::CAMPAIGN_STATE_CANCELLED},
    {v1::CAMPAIGN_STATE_SCHEDULED, v1::CAMPAIGN_STATE_FAILED},
    {v1::CAMPAIGN_STATE_RUNNING, v1::CAMPAIGN_STATE_PAUSED},
    {v1::CAMPAIGN_STATE_RUNNING, v1::CAMPAIGN_STATE_COMPLETED},
    {v1::CAMPAIGN_STATE_RUNNING, v1::CAMPAIGN_STATE_CANCELLED},
    {v1::CAMPAIGN_STATE_RUNNING, v1::CAMPAIGN_STATE_FAILED},
    {v1::CAMPAIGN_STATE_PAUSED, v1::CAMPAIGN_STATE_RUNNING},
    {v1::CAMPAIGN_STATE_PAUSED, v1::CAMPAIGN_STATE_CANCELLED},
});

constexpr std::string_view kStatePrefix = "CAMPAIGN_STATE_";

std::string StatesAfter(v1::CampaignState from) {
  std::string names;
  for (const auto& [before, after] : kLegal) {
    if (before == from) names += Concat(names.empty() ? "" : ", ", StateName(after));
  }
  return names;
}

}  // namespace

bool IsFinal(v1::CampaignState state) {
  return state == v1::CAMPAIGN_STATE_COMPLETED || state == v1::CAMPAIGN_STATE_CANCELLED ||
         state == v1::CAMPAIGN_STATE_FAILED;
}

bool IsLegalTransition(v1::CampaignState from, v1::CampaignState to) {
  for (const Transition& legal : kLegal) {
    if (legal == Transition(from, to)) return true;
  }
  return false;
}

absl::Status CheckTransition(v1::CampaignState from, v1::CampaignState to) {
  if (IsLegalTransition(from, to)) return absl::OkStatus();
  const std::string after = StatesAfter(from);
  return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_ILLEGAL_TRANSITION,
               Concat("the campaign is ", StateName(from), " and cannot become ", StateName(to), "; ",
                      after.empty() ? "nothing changes that any more: clone it" : Concat("it can become ", after)),
               {{"from", StateName(from)}, {"to", StateName(to)}});
}

std::string StateName(v1::CampaignState state) {
  if (state == v1::CAMPAIGN_STATE_UNSPECIFIED || !v1::CampaignState_IsValid(state)) return "";
  return Lower(std::string_view(v1::CampaignState_Name(state)).substr(kStatePrefix.size()));
}

bool IsFinished(v1::ContactState state) {
  return state == v1::CONTACT_STATE_REACHED || state == v1::CONTACT_STATE_EXHAUSTED ||
         state == v1::CONTACT_STATE_SUPPRESSED || state == v1::CONTACT_STATE_REMOVED;
}

}  // namespace trunkline::scheduler
