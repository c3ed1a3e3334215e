#include "services/gateway/api/channel_handler.h"

#include <string>
#include <string_view>

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

using control::v1::GetActiveChannelsRequest;
using control::v1::GetActiveChannelsResponse;

constexpr int64_t kHundredPercent = 10'000;  // in hundredths of a percent
constexpr int64_t kBusyFrom = 8'000;

control::v1::ChannelHealth HealthOf(int64_t active, int64_t limit) {
  if (active >= limit) return control::v1::CHANNEL_HEALTH_FULL;
  return active * kHundredPercent > limit * kBusyFrom ? control::v1::CHANNEL_HEALTH_BUSY
                                                      : control::v1::CHANNEL_HEALTH_GOOD;
}

std::string NameOf(governor::v1::Level level) {
  constexpr size_t kPrefix = std::string_view("LEVEL_").size();
  return Lower(governor::v1::Level_Name(level).substr(kPrefix));
}

}  // namespace

GetActiveChannelsResponse ChannelsOf(const governor::v1::Usage& usage, bool include_calls) {
  GetActiveChannelsResponse response;
  for (const governor::v1::LevelUsage& level : usage.levels()) {
    // How full the whole deployment is, is none of a business's business.
    if (level.level() == governor::v1::LEVEL_GLOBAL) continue;
    control::v1::ChannelUsage& shown = *response.add_levels();
    shown.set_level(NameOf(level.level()));
    if (level.level() != governor::v1::LEVEL_BUSINESS) shown.set_subject_id(level.subject_id());
    shown.set_in_use(level.in_use());
    if (level.has_ceiling()) shown.set_limit(level.ceiling());
    shown.set_waiting(level.waiting());
    if (level.level() != governor::v1::LEVEL_BUSINESS) continue;
    response.set_active(level.in_use());
    response.set_limit(level.ceiling());
    response.set_health(level.has_ceiling() ? HealthOf(level.in_use(), level.ceiling())
                                            : control::v1::CHANNEL_HEALTH_GOOD);
    if (level.ceiling() > 0) {
      response.set_utilization(static_cast<int32_t>(level.in_use() * kHundredPercent / level.ceiling()));
    }
  }
  if (!include_calls) return response;
  for (const governor::v1::Slot& slot : usage.slots()) {
    control::v1::ActiveChannel& call = *response.add_calls();
    call.set_call_id(slot.call_id());
    call.set_provider_account_id(slot.subject().provider_account_id());
    call.set_campaign_id(slot.subject().campaign_id());
    call.set_inbound(slot.kind() == governor::v1::SLOT_KIND_INBOUND);
    *call.mutable_since() = slot.granted_at();
  }
  return response;
}

grpc::Status ChannelHandler::GetActiveChannels(grpc::ServerContext* context, const GetActiveChannelsRequest* request,
                                               GetActiveChannelsResponse* response) {
  return methods_.Unary("ChannelService/GetActiveChannels", context, [&](const rpc::Caller& caller) -> absl::Status {
    if (!request->business_id().empty() && request->business_id() != caller.business_id) {
      return Error(absl::StatusCode::kPermissionDenied, Reason::REASON_PERMISSION_DENIED,
                   "the API key is another business's; leave business_id (clientId) out, or give the key's own");
    }
    if (governor_ == nullptr) {
      return Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE,
                   "nobody counts channels here: the gateway's setting governor-address names no governor");
    }
    governor::v1::GetUsageRequest usage;
    usage.set_business_id(caller.business_id);
    usage.set_include_slots(request->include_calls());
    TL_ASSIGN_OR_RETURN(const governor::v1::GetUsageResponse told, governor_->GetUsage(usage));
    *response = ChannelsOf(told.usage(), request->include_calls());
    return absl::OkStatus();
  });
}

}  // namespace trunkline::gateway
