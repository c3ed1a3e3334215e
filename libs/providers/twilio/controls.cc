#include "libs/providers/twilio/controls.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/provider_status.h"
#include "libs/providers/twilio/control_plans.h"
#include "libs/providers/twilio/markup.h"
#include "libs/providers/twilio/paged_list.h"
#include "libs/providers/twilio/webhook_urls.h"

namespace trunkline::providers::twilio {
namespace {

constexpr size_t kLongestTwiml = 4000;
constexpr std::string_view kKeys = "0123456789*#w";

absl::StatusOr<Controlled> Done(const absl::Status& status, bool provider_tells) {
  if (!status.ok()) return status;
  return Controlled{.provider_tells = provider_tells};
}

}  // namespace

Controls::Controls(const ProviderOptions& options, RestApi& api)
    : CallControls(kProviderName), options_(options), api_(api), rooms_(api) {}

absl::Status Controls::Redirect(const Account& account, std::string_view external_call_id, std::string_view label,
                                const plans::v1::CallPlan& plan) {
  const std::string twiml = RenderTwiml(plan, {options_.public_url, account.id, std::string(label)});
  if (CharactersIn(twiml) > kLongestTwiml) {
    return absl::FailedPreconditionError(
        "twilio: the plan is too long for a live call; give the later verbs a step of their own");
  }
  const absl::StatusOr<RestAnswer> answer = api_.Post(account, CallUrl(account, external_call_id), {{"Twiml", twiml}});
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  return answer->IsSuccess() ? absl::OkStatus() : StatusOf(*answer);
}

absl::StatusOr<Controlled> Controls::Update(const Account& account, const LiveCall& call,
                                            const plans::v1::CallPlan& plan) {
  return Done(Redirect(account, call.external_call_id, call.call_id, plan), false);
}

absl::StatusOr<Controlled> Controls::Answer(const Account& account, const LiveCall& call,
                                            const plans::v1::CallPlan& plan) {
  return Done(Redirect(account, call.external_call_id, call.call_id, plan), false);
}

// --- who is there --------------------------------------------------------------------------------------------------

absl::StatusOr<std::vector<std::string>> Controls::OtherSides(const Account& account, const LiveCall& call) {
  std::vector<std::string> legs;
  const Form query = {{"ParentCallSid", call.external_call_id}, {"Status", "in-progress"}};
  const std::string url = ResourceUrl(account, Concat("/Calls.json?", EncodeForm(query)));
  TL_RETURN_IF_ERROR(ReadList(api_, account, url, "calls", [&legs](const nlohmann::json& leg) {
    if (const std::string sid = JsonText(leg, "sid"); !sid.empty()) legs.push_back(sid);
    return absl::OkStatus();
  }));
  return legs;
}

absl::Status Controls::LetLeave(const Account& account, const LiveCall& call) {
  TL_ASSIGN_OR_RETURN(const std::optional<std::string> room, rooms_.Find(account, CallRoomOf(call.call_id)));
  if (!room.has_value()) return absl::OkStatus();
  const absl::Status status = rooms_.Change(account, *room, call.external_call_id, {{"EndConferenceOnExit", "false"}});
  return status.code() == absl::StatusCode::kNotFound ? absl::OkStatus() : status;
}

// --- hold ----------------------------------------------------------------------------------------------------------

absl::StatusOr<Controlled> Controls::Hold(const Account& account, const LiveCall& call, std::string_view music_url) {
  TL_ASSIGN_OR_RETURN(const std::optional<std::string> held, rooms_.Find(account, HoldRoomOf(call.call_id)));
  if (held.has_value()) return Controlled{.provider_tells = true};
  TL_ASSIGN_OR_RETURN(const std::optional<std::string> room, rooms_.Find(account, CallRoomOf(call.call_id)));
  if (room.has_value()) {
    Form form = {{"Hold", "true"}};
    if (!music_url.empty()) form.emplace_back("HoldUrl", std::string(music_url));
    return Done(rooms_.Change(account, *room, call.external_call_id, form), true);
  }
  TL_ASSIGN_OR_RETURN(const std::vector<std::string> others, OtherSides(account, call));
  // The other side first: without the customer, whom it talks to, it would hang up. The customer's leg goes on with
  // what follows its <Dial> meanwhile, and must be caught before that ends: nothing may come between the two requests.
  for (const std::string& other : others) {
    TL_RETURN_IF_ERROR(Redirect(account, other, {}, WaitBeside(call.call_id, music_url)));
  }
  return Done(Redirect(account, call.external_call_id, call.call_id, WaitOnHold(music_url)), true);
}

absl::StatusOr<Controlled> Controls::Resume(const Account& account, const LiveCall& call) {
  TL_ASSIGN_OR_RETURN(const std::optional<std::string> room, rooms_.Find(account, CallRoomOf(call.call_id)));
  if (room.has_value()) return Done(BringBack(account, call), true);
  TL_ASSIGN_OR_RETURN(const std::optional<std::string> held, rooms_.Find(account, HoldRoomOf(call.call_id)));
  if (!held.has_value()) return Controlled{.provider_tells = true};
  return Done(GoOn(account, call, {}), true);
}

absl::Status Controls::BringBack(const Account& account, const LiveCall& call) {
  TL_ASSIGN_OR_RETURN(const std::optional<std::string> room, rooms_.Find(account, CallRoomOf(call.call_id)));
  if (room.has_value()) {
    TL_ASSIGN_OR_RETURN(const bool inside, rooms_.Has(account, *room, call.external_call_id));
    if (inside) return rooms_.Change(account, *room, call.external_call_id, {{"Hold", "false"}});
  }
  return Redirect(account, call.external_call_id, call.call_id, EnterCallRoom(call.call_id));
}

absl::Status Controls::GoOn(const Account& account, const LiveCall& call, const plans::v1::CallPlan& first) {
  TL_ASSIGN_OR_RETURN(const std::vector<std::string> others, OtherSides(account, call));
  TL_ASSIGN_OR_RETURN(const std::optional<std::string> room, rooms_.Find(account, CallRoomOf(call.call_id)));
  plans::v1::CallPlan plan = first;
  if (others.empty() && !room.has_value()) {
    plan.add_verbs()->mutable_continue_();
    return Redirect(account, call.external_call_id, call.call_id, plan);
  }
  for (const std::string& other : others) {
    const absl::StatusOr<bool> inside = room.has_value() ? rooms_.Has(account, *room, other) : false;
    if (!inside.ok()) return inside.status();
    if (!*inside) TL_RETURN_IF_ERROR(Redirect(account, other, {}, EnterCallRoom(call.call_id)));
  }
  TL_RETURN_IF_ERROR(LetLeave(account, call));
  plan.MergeFrom(EnterCallRoom(call.call_id));
  return Redirect(account, call.external_call_id, call.call_id, plan);
}

// --- transfer ------------------------------------------------------------------------------------------------------

absl::StatusOr<Controlled> Controls::Transfer(const Account& account, const LiveCall& call,
                                              const TransferRequest& request) {
  if (!request.attended) {
    return Done(Redirect(account, call.external_call_id, call.call_id, ConnectTo(request)), false);
  }
  TL_ASSIGN_OR_RETURN(const std::vector<std::string> others, OtherSides(account, call));
  if (others.empty()) {
    return absl::FailedPreconditionError("twilio: nobody is there to talk to the target; transfer without talking");
  }
  TL_ASSIGN_OR_RETURN(const std::optional<std::string> room, rooms_.Find(account, CallRoomOf(call.call_id)));
  const absl::StatusOr<bool> inside =
      room.has_value() ? rooms_.Has(account, *room, call.external_call_id) : absl::StatusOr<bool>(false);
  if (!inside.ok()) return inside.status();
  if (*inside) {
    TL_RETURN_IF_ERROR(rooms_.Change(account, *room, call.external_call_id, {{"Hold", "true"}}));
  } else {
    for (const std::string& other : others) {
      TL_RETURN_IF_ERROR(Redirect(account, other, {}, EnterCallRoom(call.call_id)));
    }
    TL_RETURN_IF_ERROR(Redirect(account, call.external_call_id, call.call_id, WaitOnHold({})));
  }
  const WebhookUrls urls(options_.public_url, account.id, call.call_id);
  return Done(rooms_.Call(account, CallRoomOf(call.call_id), TargetParameters(urls, call, request)), true);
}

absl::StatusOr<Controlled> Controls::CompleteTransfer(const Account& account, const LiveCall& call) {
  TL_ASSIGN_OR_RETURN(const std::optional<std::string> room, rooms_.Find(account, CallRoomOf(call.call_id)));
  const std::string target = TargetLabelOf(call.call_id);
  if (!room.has_value()) return absl::FailedPreconditionError("twilio: no transfer was begun");
  TL_ASSIGN_OR_RETURN(const bool begun, rooms_.Has(account, *room, target));
  if (!begun) return absl::FailedPreconditionError("twilio: the target is not there");
  // From now on the target's leaving ends the call; the other side's does not, before it leaves.
  TL_RETURN_IF_ERROR(rooms_.Change(account, *room, target, {{"EndConferenceOnExit", "true"}}));
  TL_ASSIGN_OR_RETURN(const std::vector<std::string> others, OtherSides(account, call));
  for (const std::string& other : others) {
    absl::Status status = rooms_.Change(account, *room, other, {{"EndConferenceOnExit", "false"}});
    if (!status.ok() && status.code() != absl::StatusCode::kNotFound) return status;
  }
  TL_RETURN_IF_ERROR(BringBack(account, call));
  for (const std::string& other : others) TL_RETURN_IF_ERROR(rooms_.Remove(account, *room, other));
  return Controlled{};
}

absl::StatusOr<Controlled> Controls::CancelTransfer(const Account& account, const LiveCall& call) {
  TL_ASSIGN_OR_RETURN(const std::optional<std::string> room, rooms_.Find(account, CallRoomOf(call.call_id)));
  if (!room.has_value()) return absl::FailedPreconditionError("twilio: no transfer was begun");
  TL_RETURN_IF_ERROR(rooms_.Remove(account, *room, TargetLabelOf(call.call_id)));
  return Done(BringBack(account, call), true);
}

// --- what the customer hears ---------------------------------------------------------------------------------------

absl::StatusOr<Controlled> Controls::JoinConference(const Account& account, const LiveCall& call,
                                                    const ConferenceRequest& request) {
  return Done(Redirect(account, call.external_call_id, call.call_id, EnterConference(request)), true);
}

absl::StatusOr<Controlled> Controls::SendDigits(const Account& account, const LiveCall& call, std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of(kKeys) != std::string_view::npos) {
    return absl::FailedPreconditionError("twilio: digits are 0-9 * # and w");
  }
  plans::v1::CallPlan keys;
  keys.add_verbs()->mutable_play()->set_digits(std::string(digits));
  return Done(GoOn(account, call, keys), false);
}

absl::StatusOr<Controlled> Controls::Play(const Account& account, const LiveCall& call, const PlayRequest& request) {
  if (request.url.empty() == request.text.empty()) {
    return absl::FailedPreconditionError("twilio: either a file or a text is played");
  }
  return Done(GoOn(account, call, PlayOnce(request)), false);
}

absl::StatusOr<Controlled> Controls::StopPlaying(const Account& account, const LiveCall& call) {
  return Done(GoOn(account, call, {}), false);
}

}  // namespace trunkline::providers::twilio
