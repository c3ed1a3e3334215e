// A webhook as the receiver and the mapper both see it: its kind, its parameters, and what its URL says.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/encoding.h"

namespace trunkline::providers::plivo {

// One for each URL that Plivo can be given.
enum class WebhookKind {
  kAnswer,  // also of a step: <Redirect> and transfers ask there
  kFallback,
  kRing,
  kHangup,
  kMachineDetection,
  kGather,
  kDial,        // the action of <Dial>
  kDialEvents,  // its callbackUrl: what happens to the legs it dials
  kRecord,      // the action of <Record>
  kRecording,   // its callbackUrl, and that of recordings that the API starts: the file is ready
  kTranscription,
  kConference,
  kMultiPartyCall,
  kStream,
  kWait,  // what a conference plays while its members wait
};

// What a webhook is made of, not interpreted yet.
struct WebhookSource {
  std::string_view event;  // from the path; see KindOf
  std::string_view account_id;
  std::string_view method;
  std::string_view url;
  std::string_view body;
  absl::Time received_at;
  const Form* form = nullptr;  // the body parsed, from a caller that has it already
};

class Webhook {
 public:
  // Of the form of a POST or the query of a GET. Nothing when the kind cannot be told.
  static std::optional<Webhook> Read(const WebhookSource& source);

  // The first value of a parameter; empty when it is missing.
  std::string_view Get(std::string_view name) const;

  WebhookKind kind = WebhookKind::kAnswer;
  std::string account_id;
  // What our own URL says.
  std::string url_call_id;
  std::string url_bulk_id;
  std::string step;
  std::string turn;
  std::string currency;
  Form parameters;
  absl::Time received_at;
};

// The parameters that the signature covers: of the query of a GET, which has ours in front, or of the body of a POST.
Form ReadParameters(std::string_view method, std::string_view url, std::string_view body);

// The kind by the name of the event in the path, and where that says nothing (legacy paths) by what is told.
std::optional<WebhookKind> KindOf(std::string_view event, const Form& parameters);

// True when the reply is XML that says how the call goes on. Of the actions only those of a step are.
bool WantsPlan(const Webhook& webhook);

}  // namespace trunkline::providers::plivo
