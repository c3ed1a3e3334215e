// ChannelService over gRPC: what the governor knows of a business's calls.
#pragma once

#include "libs/governor/governor_client.h"
#include "libs/rpc/method.h"
#include "trunkline/control/v1/channel_service.grpc.pb.h"

namespace trunkline::gateway {

// The usage of one business as its channels.
control::v1::GetActiveChannelsResponse ChannelsOf(const governor::v1::Usage& usage, bool include_calls);

class ChannelHandler final : public control::v1::ChannelService::Service {
 public:
  // Both outlive the object. `governor` is null where every call is admitted: nobody counts channels then.
  ChannelHandler(const rpc::Methods& methods, governor::GovernorClient* governor)
      : methods_(methods), governor_(governor) {}

  grpc::Status GetActiveChannels(grpc::ServerContext* context, const control::v1::GetActiveChannelsRequest* request,
                                 control::v1::GetActiveChannelsResponse* response) override;

 private:
  const rpc::Methods& methods_;
  governor::GovernorClient* const governor_;
};

}  // namespace trunkline::gateway
