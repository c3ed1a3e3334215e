// A webhook as the receiver and the mapper both see it: its kind, the parameters that the signature covers, and what
// its URL says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/encoding.h"

namespace trunkline::providers::twilio {

// The header that is the same on every try of one webhook, in lower case.
inline constexpr std::string_view kIdempotencyHeader = "i-twilio-idempotency-token";
inline constexpr std::string_view kContentTypeHeader = "content-type";

// One for each URL that Twilio can be given.
enum class WebhookKind {
  kVoice,
  kFallback,
  kStatus,
  kRecording,
  kMachineDetection,
  kGather,
  kPartialSpeech,
  kDial,
  kRecord,
  kTranscription,
  kConference,
  kQueue,  // the action of <Enqueue>: the caller left the queue
  kWait,   // the caller waits in the queue
  kStream,
  kRefer,
};

// What a webhook is made of, not interpreted yet.
struct WebhookSource {
  std::string_view event;  // from the path; see KindOf
  std::string_view account_id;
  std::string_view method;
  std::string_view url;
  std::string_view content_type;
  std::string_view body;
  std::string_view idempotency_token;
  absl::Time received_at;
  const Form* form = nullptr;  // the body parsed, from a caller that has it already
};

class Webhook {
 public:
  // Of the form of a POST, the members of a JSON object, or the query of a GET. Nothing when the kind cannot be told.
  static std::optional<Webhook> Read(const WebhookSource& source);

  // The first value of a parameter; empty when it is missing.
  std::string_view Get(std::string_view name) const;

  WebhookKind kind = WebhookKind::kVoice;
  std::string account_id;
  // What our own URL says: the call, the plan's step, and for a leg that a plan dialled the call that dialled it.
  std::string url_call_id;
  std::string step;
  bool child_leg = false;
  std::string url_parent_id;
  Form parameters;
  std::string idempotency_token;
  absl::Time received_at;
};

// The parameters of a webhook before anything is known of it, for the account that it claims to be for.
Form ReadParameters(std::string_view method, std::string_view url, std::string_view content_type,
                    std::string_view body);

// The kind by the name of the event in the path, and where that says nothing (legacy paths) by what is told.
std::optional<WebhookKind> KindOf(std::string_view event, const Form& parameters);

// True when the reply is TwiML that says how the call goes on. Of the actions only those of a step are: an action URL
// without a step stands at the end of a plan to learn how the verb went, and nothing follows it.
bool WantsPlan(const Webhook& webhook);

}  // namespace trunkline::providers::twilio
