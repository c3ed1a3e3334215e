#include "services/call-tracking-sync/reconciliation/provider_records.h"

#include <utility>

#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"
#include "trunkline/control/v1/provider_call_service.grpc.pb.h"

namespace trunkline::tracking_sync {
namespace {

using control::v1::ProviderCallService;

class GatewayRecords final : public ProviderRecords {
 public:
  explicit GatewayRecords(GatewayRecordsOptions options)
      : options_(std::move(options)), stub_(ProviderCallService::NewStub(rpc::MakeChannel(options_.address))) {}

  absl::StatusOr<std::vector<ConversationSide>> List(const RecordsQuery& query) override {
    control::v1::ListProviderCallsRequest request;
    request.set_business_id(query.business_id);
    request.set_provider_account_id(query.account_id);
    request.set_to(query.to);
    *request.mutable_created_since() = telephony::ToProto(query.created_since);
    *request.mutable_created_before() = telephony::ToProto(query.created_before);
    grpc::ClientContext context;
    rpc::Prepare(&context, options_.timeout, options_.service_token);
    control::v1::ListProviderCallsResponse response;
    absl::Status status = rpc::FromGrpc(stub_->ListProviderCalls(&context, request, &response));
    if (!status.ok()) return status;
    std::vector<ConversationSide> sides;
    for (const control::v1::ProviderCall& call : response.calls()) sides.push_back(SideOf(call, query.account_id));
    return sides;
  }

 private:
  const GatewayRecordsOptions options_;
  const std::unique_ptr<ProviderCallService::Stub> stub_;
};

}  // namespace

ConversationSide SideOf(const control::v1::ProviderCall& call, const std::string& account_id) {
  const calls::v1::CallDetails& details = call.event().details();
  ConversationSide side;
  side.account_id = account_id;
  side.external_call_id = call.external_call_id();
  side.from = call.from();
  side.to = call.to();
  side.started_at = telephony::FromProto(call.created_at());
  side.is_over = telephony::IsEnded(call.event().status());
  if (details.has_talk_duration()) {
    side.talk_seconds = absl::ToInt64Seconds(telephony::FromProto(details.talk_duration()));
  }
  side.was_answered = call.event().status() == calls::v1::CALL_STATUS_COMPLETED || side.talk_seconds.value_or(0) > 0;
  if (details.has_cost() && !details.cost().currency().empty()) side.cost = details.cost();
  return side;
}

std::unique_ptr<ProviderRecords> MakeGatewayRecords(const GatewayRecordsOptions& options) {
  return std::make_unique<GatewayRecords>(options);
}

}  // namespace trunkline::tracking_sync
