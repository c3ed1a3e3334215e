// Where calls get their plans: from Trunkline's own webhook-ingest, by a signed webhook like that of any provider.
//
//   POST {public_url}/telephony/webhook/mock/voice?account=...[&call=...][&step=...]
//   Content-Type: application/json
//   X-Mock-Signature: hex of HMAC-SHA256 with the account's webhook_secret, of the URL, a line feed, and the body
//
//   {"call": "...", "direction": "inbound", "from": "...", "to": "...", "digits": "1", "speech": "..."}
//
// The answer is the plan, as the JSON form of trunkline.plans.v1.CallPlan.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/providers/provider.h"
#include "trunkline/plans/v1/call_plan.pb.h"

namespace trunkline::providers::mock {

struct PlanQuestion {
  std::string account_id;
  std::string secret;
  std::string call_id;  // empty for calls that Trunkline did not place
  std::string external_call_id;
  std::string step;
  bool inbound = false;
  std::string from;
  std::string to;
  std::string digits;
  std::string speech;
};

class PlanSource {
 public:
  using Answer = std::function<void(absl::StatusOr<plans::v1::CallPlan> plan)>;

  // Whoever still waits gets no answer.
  virtual ~PlanSource() = default;
  // Answers later, from a thread of its own.
  virtual void Ask(PlanQuestion question, Answer answer) = 0;
};

std::unique_ptr<PlanSource> MakeWebhookPlanSource(const ProviderOptions& options);

// The value of X-Mock-Signature.
std::string SignatureOf(std::string_view secret, std::string_view url, std::string_view body);

}  // namespace trunkline::providers::mock
