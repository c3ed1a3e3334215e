#include "services/campaign-scheduler/api/campaign_api.h"

#include <string_view>

#include "libs/access/api_key_authenticator.h"
#include "libs/rpc/method.h"
#include "services/campaign-scheduler/api/campaign_handler.h"
#include "services/campaign-scheduler/api/contact_handler.h"
#include "services/campaign-scheduler/api/suppression_handler.h"
#include "services/campaign-scheduler/campaigns/gateway_gates.h"

namespace trunkline::scheduler {

// Members are made from the first to the last: whoever uses a part stands below it.
struct CampaignApi::Wiring {
  Wiring(const Parts& outside, const Options& given) : parts(outside), options(given) {}

  const Parts parts;
  const Options options;
  postgres::Pool pool{{.url = options.database_url, .size = options.database_connections}};
  access::ApiKeyAuthenticator api_keys{pool, parts.clock, {}};
  const rpc::Methods methods{api_keys, parts.metrics, parts.clock};
  const GatewayGates gateway{{.address = options.gateway_address, .service_token = options.service_token}};

  CampaignCommands commands{pool, parts.clock};
  CampaignQueries queries{pool};
  ProgressReader progress{pool, options.owner};
  StatisticsReader statistics{pool};
  SuppressionList suppressions{pool, parts.clock};
  ContactQueries contacts{pool, parts.clock};
  ImportStore imports{pool, parts.clock};
  const Explainer explainer{
      {pool, parts.worker_pool, progress, parts.clock,
       [this](const governor::v1::ExplainRequest& request) { return parts.governor.Explain(request); },
       [this](std::string_view business_id, const control::v1::ExplainCallRequest& request) {
         return gateway.Ask(business_id, request);
       }},
      options.explain};
  StreamLimit streams{{}};

  CampaignHandler campaign_handler{{methods, commands, queries, progress, statistics, explainer, pool, streams}};
  ContactHandler contact_handler{{methods, contacts, imports, streams}};
  SuppressionHandler suppression_handler{{methods, suppressions}};
};

CampaignApi::CampaignApi(Parts parts, const Options& options) : wiring_(std::make_unique<Wiring>(parts, options)) {}
CampaignApi::~CampaignApi() = default;

std::vector<grpc::Service*> CampaignApi::services() {
  return {&wiring_->campaign_handler, &wiring_->contact_handler, &wiring_->suppression_handler};
}

}  // namespace trunkline::scheduler
