// The facts that the gateway itself tells of a call, in the common form of call events. They travel as RawWebhook, the
// same way as any provider's webhook, so that the normalizer is the only one that writes call state.
//
// An event_id follows from the call and the kind of fact: a fact that is told twice is one event.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/control/v1/call_control_service.pb.h"
#include "trunkline/events/v1/call_event.pb.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::gateway {

// Which call, over which account. The facts of a dial tell of one attempt.
struct CallIdentity {
  std::string call_id;
  std::string business_id;
  std::string provider;
  std::string provider_account_id;
  std::string traceparent;
  int64_t attempt = 1;
};

// The call was asked for. `from` and `to` are the numbers that were chosen.
events::v1::CallEvent RequestedFact(const CallIdentity& call, const control::v1::InitiateCallRequest& request,
                                    const std::string& from, const std::string& to, absl::Time at);
// The provider accepted it. `source` says how that became known.
events::v1::CallEvent PlacedFact(const CallIdentity& call, const std::string& external_call_id,
                                 events::v1::EventSource source, absl::Time at);
// The provider refused it: the call has failed.
events::v1::CallEvent RejectedFact(const CallIdentity& call, const calls::v1::CallError& error, absl::Time at);
// The attempt was certainly not placed, and another follows: tells no status, and which account it went over from which
// number.
events::v1::CallEvent AttemptFailedFact(const CallIdentity& call, const std::string& from,
                                        const calls::v1::CallError& error, absl::Time at);
// The call goes on with another attempt: its account and number.
events::v1::CallEvent NextAttemptFact(const CallIdentity& call, const std::string& from, absl::Time at);
// Nobody knows yet; tells no status.
events::v1::CallEvent InDoubtFact(const CallIdentity& call, const calls::v1::CallError& error, absl::Time at);
// Found out that it was not placed: the call has failed, and may be asked for again.
events::v1::CallEvent NotPlacedFact(const CallIdentity& call, absl::Time at);
calls::v1::CallError NotPlacedError();
// The provider was asked to end it, and agreed.
events::v1::CallEvent EndRequestedFact(const CallIdentity& call, absl::Time at);
// The provider agreed to a change: the call was answered, held, resumed or transferred.
events::v1::CallEvent ControlledFact(const CallIdentity& call, events::v1::CallEventType type, absl::Time at);
// The provider began to record.
events::v1::CallEvent RecordingFact(const CallIdentity& call, const calls::v1::Recording& recording, absl::Time at);
// What the provider's API tells of the call, as the adapter put it.
events::v1::CallEvent ListedFact(const CallIdentity& call, events::v1::CallEvent told, absl::Time at);

// The message that carries a fact to the normalizer.
webhooks::v1::RawWebhook MessageOf(const CallIdentity& call, const events::v1::CallEvent& fact, absl::Time now);

}  // namespace trunkline::gateway
