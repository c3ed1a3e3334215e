// Why nobody is called, or may be: every gate in order, as the campaign's owner would find it now. Nothing is dialled,
// and nothing is changed.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "services/campaign-scheduler/campaigns/campaign_progress.h"
#include "services/campaign-scheduler/rules/decision.h"
#include "trunkline/campaigns/v1/campaign_service.pb.h"
#include "trunkline/control/v1/call_control_service.pb.h"
#include "trunkline/governor/v1/governor_service.pb.h"

namespace trunkline::scheduler {

class Explainer {
 public:
  struct Parts {  // all of them outlive the object
    postgres::Pool& pool;
    postgres::Pool& worker_pool;  // sees the deployment's own do-not-call list
    const ProgressReader& progress;
    const Clock& clock;
    // Ask the governor, and the gateway on behalf of a business. Not set: there is none to ask.
    std::function<absl::StatusOr<governor::v1::ExplainResponse>(const governor::v1::ExplainRequest&)> ask_governor;
    std::function<absl::StatusOr<control::v1::ExplainCallResponse>(std::string_view business_id,
                                                                   const control::v1::ExplainCallRequest&)>
        ask_gateway;
  };
  struct Options {
    std::vector<std::string> blocked_prefixes;                 // of the whole service
    absl::Duration usual_spacing = absl::Milliseconds(6'000);  // SUBSEQUENT_CALL_WAIT
  };

  Explainer(Parts parts, Options options) : parts_(std::move(parts)), options_(std::move(options)) {}

  absl::StatusOr<campaigns::v1::ExplainContactResponse> ExplainContact(
      std::string_view business_id, const campaigns::v1::ExplainContactRequest& request) const;
  absl::StatusOr<campaigns::v1::ExplainCampaignResponse> ExplainCampaign(
      std::string_view business_id, const campaigns::v1::ExplainCampaignRequest& request) const;

 private:
  using Gates = google::protobuf::RepeatedPtrField<control::v1::CallGate>;

  absl::StatusOr<NumberFacts> FactsOf(postgres::Transaction& tx, const std::string& campaign_id,
                                      const std::string& number) const;
  absl::Status AddPacing(postgres::Transaction& tx, const campaigns::v1::Campaign& campaign, Gates* gates) const;
  // The limits of the governor, and what the gateway keeps. `number` may be empty: then only the governor is asked.
  void AddOthers(const campaigns::v1::Campaign& campaign, const std::string& number, Gates* gates) const;

  const Parts parts_;
  const Options options_;
};

}  // namespace trunkline::scheduler
