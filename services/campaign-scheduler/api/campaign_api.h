// Everything that businesses ask of campaigns, as services of a gRPC server.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/governor/governor_client.h"
#include "libs/metrics/registry.h"
#include "libs/postgres/pool.h"
#include "services/campaign-scheduler/campaigns/campaign_progress.h"
#include "services/campaign-scheduler/campaigns/explainer.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace trunkline::scheduler {

class CampaignApi {
 public:
  struct Parts {  // all of them outlive the object
    postgres::Pool& worker_pool;
    governor::GovernorClient& governor;
    metrics::Registry& metrics;
    const Clock& clock;
  };
  struct Options {
    std::string database_url;  // role trunkline_scheduler: one business at a time
    int database_connections = 16;
    std::string gateway_address;
    std::string service_token;
    OwnerLimits owner;
    Explainer::Options explain;
  };

  CampaignApi(Parts parts, const Options& options);
  ~CampaignApi();

  // For rpc::Server, which ends before this.
  std::vector<grpc::Service*> services();

 private:
  struct Wiring;
  std::unique_ptr<Wiring> wiring_;
};

}  // namespace trunkline::scheduler
