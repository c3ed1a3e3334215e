#include "libs/providers/exotel/dial_parameters.h"

#include <algorithm>

#include "libs/base/text.h"
#include "libs/providers/exotel/account_settings.h"
#include "libs/providers/exotel/call_identity.h"
#include "libs/providers/exotel/local_rules.h"
#include "libs/providers/exotel/webhook.h"
#include "libs/providers/exotel/webhook_urls.h"

namespace trunkline::providers::exotel {
namespace {

constexpr int64_t kLongestCall = 14'400;
constexpr int64_t kLongestRing = 600;

std::string Seconds(absl::Duration duration, int64_t longest) {
  return Concat(std::clamp<int64_t>(absl::ToInt64Seconds(duration), 1, longest));
}

}  // namespace

std::string CallerIdFor(const Account& account, const std::string& from) {
  if (from.empty()) return account.Setting(kCallerId);
  return account.Setting(kCallerIdFormat) == "e164" ? from : NationalForm(from, RulesOf(account));
}

absl::StatusOr<Form> DialParameters(const ProviderOptions& options, const Account& account,
                                    const DialRequest& request) {
  const std::string agent = account.Setting(kAgentNumber);
  const std::string flow = FlowUrlOf(account);
  const std::string caller_id = CallerIdFor(account, request.options.from);
  if (agent.empty() && flow.empty()) {
    return absl::FailedPreconditionError("the account has neither agent_number nor app_id to connect calls to");
  }
  if (caller_id.empty()) return absl::FailedPreconditionError("the account has no caller_id, and the call names none");

  Form form;
  if (agent.empty()) {
    form = {{"From", request.to}, {"Url", flow}};
  } else {
    form = {{"From", agent}, {"To", request.to}};
  }
  form.emplace_back("CallerId", caller_id);
  form.emplace_back("CallType", "trans");
  form.emplace_back("TimeOut", Seconds(request.options.ring_timeout, kLongestRing));
  if (request.options.time_limit.has_value()) {
    form.emplace_back("TimeLimit", Seconds(*request.options.time_limit, kLongestCall));
  }
  if (request.options.record) {
    form.emplace_back("Record", "true");
    form.emplace_back("RecordingChannels", "dual");
  }
  form.emplace_back("CustomField", CustomFieldOfCall(request.call_id));
  form.emplace_back("StatusCallback", CallWebhookUrl(options.public_url, account, kStatusEvent, request.call_id));
  form.emplace_back("StatusCallbackContentType", "application/json");
  if (!agent.empty()) {
    form.emplace_back("StatusCallbackEvents[0]", "terminal");
    form.emplace_back("StatusCallbackEvents[1]", "answered");
  }
  return form;
}

}  // namespace trunkline::providers::exotel
