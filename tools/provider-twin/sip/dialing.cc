#include "tools/provider-twin/sip/dialing.h"

#include <utility>

#include "libs/base/text.h"

namespace trunkline::twin::sip {
namespace {

constexpr absl::Duration kAnswersDial = absl::Milliseconds(100);  // from the INVITE to what the network says of it

int CauseOf(Pickup pickup) {
  switch (pickup) {
    case Pickup::kBusy:
      return 17;
    case Pickup::kUnreachable:
      return 1;
    case Pickup::kDeclined:
      return 21;
    default:
      return 16;
  }
}

}  // namespace

void Dialing::Ring(const ChannelPtr& caller, const ChannelPtr& leg, absl::Duration timeout, const Rung& done) {
  const Script& script = leg->script;
  const bool refused =
      script.pickup == Pickup::kBusy || script.pickup == Pickup::kUnreachable || script.pickup == Pickup::kDeclined;
  if (refused) {
    channels_.Later(kAnswersDial, leg, [this, caller, leg, done] {
      const int cause = CauseOf(leg->script.pickup);
      channels_.Tell(*leg, "call", "HangupRequest", [&](AmiText* text) {
        text->Add("Cause", Concat(cause)).Add("TechCause", Concat(leg->script.sip_code));
      });
      // Asterisk says so of numbers that do not exist, too.
      channels_.TellDial("DialEnd", caller, leg, "DialStatus",
                         leg->script.pickup == Pickup::kBusy ? "BUSY" : "NOANSWER");
      done(false, cause, "0");
      channels_.End(leg, cause, leg->script.sip_code);
    });
    return;
  }
  channels_.Later(kAnswersDial, leg, [this, caller, leg] {
    leg->rung = true;
    channels_.SetState(leg, kRinging);
    channels_.TellDial("DialState", caller, leg, "DialStatus", "RINGING");
  });
  if (script.pickup == Pickup::kNoAnswer || script.ring > timeout) {
    channels_.Later(timeout, leg, [this, caller, leg, done] {
      if (caller != nullptr) channels_.TellDial("DialEnd", caller, leg, "DialStatus", "NOANSWER");
      done(false, 19, "3");
      channels_.End(leg, caller == nullptr ? 19 : 0, caller == nullptr ? 480 : 0);
    });
    return;
  }
  channels_.Later(script.ring, leg, [this, caller, leg, done] {
    channels_.SetState(leg, kUp);
    channels_.TellDial("DialEnd", caller, leg, "DialStatus", "ANSWER");
    done(true, 0, "4");
  });
}

ChannelPtr Dialing::Dial(const ChannelPtr& caller, std::string_view resource, const std::string& number,
                         const Script& script, absl::Duration timeout, Done done) {
  ChannelPtr leg = channels_.Make(caller->account, resource, 0);
  leg->linkedid = caller->linkedid;
  leg->number = number;
  leg->dialed = number;
  leg->script = script;
  leg->connected = caller->number;
  leg->application = "AppDial";
  channels_.Add(leg);
  channels_.TellDial("DialBegin", caller, leg, "DialString", number);
  Ring(caller, leg, timeout,
       [leg, done = std::move(done)](bool answered, int cause, std::string_view) { done(leg, answered, cause); });
  return leg;
}

void Dialing::Originate(const OriginateOrder& order, std::function<void(const ChannelPtr&)> done) {
  const std::string_view rest = std::string_view(order.channel).substr(order.channel.find('/') + 1);
  const size_t at = rest.find('@');
  const std::string number(rest.substr(0, at));
  const std::string_view resource = at == std::string_view::npos ? rest : rest.substr(at + 1);
  ChannelPtr leg = channels_.Make(order.account, resource, 0);
  if (!order.channel_id.empty()) leg->uniqueid = leg->linkedid = order.channel_id;
  leg->dialed = number;
  leg->script = ScriptFor(number);
  leg->number = order.caller_id;
  leg->connected = order.caller_id;
  leg->application = "AppDial2";
  leg->context = order.context;
  channels_.Add(leg);
  channels_.TellDial("DialBegin", nullptr, leg, "DialString", rest);
  Ring(nullptr, leg, order.timeout,
       [this, leg, order, done = std::move(done)](bool answered, int /*cause*/, std::string_view reason) {
         TellOriginated(order, leg, answered, reason);
         if (answered) done(leg);
       });
}

void Dialing::TellOriginated(const OriginateOrder& order, const ChannelPtr& channel, bool success,
                             std::string_view reason) {
  channels_.TellPlain(order.account, "call", "OriginateResponse", /*stamped=*/true, [&](AmiText* text) {
    text->Add("ActionID", order.action_id).Add("Response", success ? "Success" : "Failure");
    text->Add("Channel", success ? channel->name : order.channel);
    text->Add("Context", order.context).Add("Exten", order.exten);
    text->Add("Reason", reason).Add("Uniqueid", channel->uniqueid);
    text->Add("CallerIDNum", order.caller_id).Add("CallerIDName", "<unknown>");
  });
}

}  // namespace trunkline::twin::sip
