#include "libs/providers/twilio/control_plans.h"

#include <algorithm>

#include "libs/base/text.h"
#include "libs/providers/twilio/hold_room.h"
#include "libs/providers/twilio/ring_time.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::twilio {
namespace {

constexpr int kForEver = 1000;

}  // namespace

plans::v1::CallPlan WaitOnHold(std::string_view music_url) {
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_hold()->set_music_url(std::string(music_url));
  return plan;
}

plans::v1::CallPlan WaitBeside(std::string_view call_id, std::string_view music_url) {
  plans::v1::CallPlan plan;
  plans::v1::Conference& room = *plan.add_verbs()->mutable_conference();
  room.set_name(HoldRoomOf(call_id));
  room.set_wait_music_url(std::string(music_url));
  return plan;
}

plans::v1::CallPlan EnterCallRoom(std::string_view call_id) {
  plans::v1::CallPlan plan;
  plans::v1::Conference& room = *plan.add_verbs()->mutable_conference();
  room.set_name(CallRoomOf(call_id));
  room.set_start_on_enter(true);
  room.set_end_on_exit(true);
  return plan;
}

plans::v1::CallPlan EnterConference(const ConferenceRequest& request) {
  plans::v1::CallPlan plan;
  plans::v1::Conference& room = *plan.add_verbs()->mutable_conference();
  room.set_name(request.name);
  room.set_muted(request.muted);
  room.set_start_on_enter(request.start_on_enter);
  room.set_end_on_exit(request.end_on_exit);
  return plan;
}

plans::v1::CallPlan ConnectTo(const TransferRequest& request) {
  plans::v1::CallPlan plan;
  plans::v1::Dial& dial = *plan.add_verbs()->mutable_dial();
  dial.add_targets(request.target);
  dial.set_caller_id(request.caller_id);
  *dial.mutable_ring_timeout() = telephony::ToProto(request.ring_timeout);
  return plan;
}

plans::v1::CallPlan PlayOnce(const PlayRequest& request) {
  plans::v1::CallPlan plan;
  plans::v1::Verb& verb = *plan.add_verbs();
  const int loop = request.loop ? kForEver : 1;
  if (!request.url.empty()) {
    verb.mutable_play()->set_url(request.url);
    verb.mutable_play()->set_loop(loop);
  } else {
    verb.mutable_say()->set_text(request.text);
    verb.mutable_say()->set_language(request.language);
    verb.mutable_say()->set_loop(loop);
  }
  return plan;
}

std::string TargetLabelOf(std::string_view call_id) { return Concat("trunkline-target-", call_id); }

Form TargetParameters(const WebhookUrls& urls, const LiveCall& call, const TransferRequest& request) {
  // The customer's number may be shown to nobody but by its owner: it is the business's that calls.
  const bool inbound = call.direction == calls::v1::CALL_DIRECTION_INBOUND;
  const std::string own_number = inbound ? call.to : call.from;
  const int64_t ring = absl::ToInt64Seconds(absl::Ceil(request.ring_timeout, absl::Seconds(1)));
  Form form = {
      {"To", request.target},
      {"From", request.caller_id.empty() ? own_number : request.caller_id},
      {"Label", TargetLabelOf(call.call_id)},
      {"Timeout", Concat(std::clamp(ring, kShortestRing, kLongestRing))},
      {"Beep", "false"},
      {"StartConferenceOnEnter", "true"},
      // Who does not answer, or is sent away, leaves the others alone.
      {"EndConferenceOnExit", "false"},
      {"StatusCallback", urls.ForChildLeg()},
      {"StatusCallbackMethod", "POST"},
  };
  for (const char* event : {"initiated", "ringing", "answered", "completed"}) {
    form.emplace_back("StatusCallbackEvent", event);
  }
  return form;
}

}  // namespace trunkline::providers::twilio
