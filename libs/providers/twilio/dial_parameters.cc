#include "libs/providers/twilio/dial_parameters.h"

#include <algorithm>

#include "libs/base/text.h"
#include "libs/providers/twilio/ring_time.h"
#include "libs/providers/twilio/webhook_urls.h"

namespace trunkline::providers::twilio {
namespace {

constexpr int64_t kShortestDuration = 1;
constexpr int64_t kLongestCall = 86'400;

std::string Seconds(absl::Duration duration, int64_t longest) {
  return Concat(std::clamp(absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))), kShortestDuration, longest));
}

}  // namespace

Form DialParameters(const ProviderOptions& options, const Account& account, const DialRequest& request) {
  const WebhookUrls urls(options.public_url, account.id, request.call_id);
  Form form = {
      {"To", request.to},
      {"From", request.options.from},
      {"Url", urls.ForPlan("voice")},
      {"Method", "POST"},
      {"FallbackUrl", urls.ForPlan("fallback")},
      {"FallbackMethod", "POST"},
      {"StatusCallback", urls.ForNews("status")},
      {"StatusCallbackMethod", "POST"},
      {"StatusCallbackEvent", "initiated"},
      {"StatusCallbackEvent", "ringing"},
      {"StatusCallbackEvent", "answered"},
      {"StatusCallbackEvent", "completed"},
      {"Timeout", Seconds(request.options.ring_timeout, kLongestRing)},
  };
  if (request.options.time_limit.has_value())
    form.emplace_back("TimeLimit", Seconds(*request.options.time_limit, kLongestCall));
  if (request.options.record) {
    form.emplace_back("Record", "true");
    form.emplace_back("RecordingChannels", "dual");
    form.emplace_back("RecordingStatusCallback", urls.ForNews("recording"));
    form.emplace_back("RecordingStatusCallbackMethod", "POST");
    for (const char* event : {"in-progress", "completed", "absent"}) {
      form.emplace_back("RecordingStatusCallbackEvent", event);
    }
  }
  if (request.options.detect_machine) {
    // Asynchronous: the plan runs at once, and nobody who picks up hears silence.
    form.emplace_back("MachineDetection", "Enable");
    form.emplace_back("AsyncAmd", "true");
    form.emplace_back("AsyncAmdStatusCallback", urls.ForNews("amd"));
    form.emplace_back("AsyncAmdStatusCallbackMethod", "POST");
  }
  return form;
}

}  // namespace trunkline::providers::twilio
