#include "libs/providers/plivo/controls.h"

#include <optional>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/plivo/membership.h"
#include "libs/providers/plivo/party.h"
#include "libs/providers/plivo/rooms.h"
#include "libs/providers/plivo/webhook_urls.h"
#include "libs/providers/provider_status.h"

namespace trunkline::providers::plivo {
namespace {

constexpr std::string_view kTransferRoom = "trunklinetransfer";
// w is half a second of silence, W a whole one.
constexpr std::string_view kKeys = "0123456789*#wW";

absl::Status NoSuchCall() { return absl::NotFoundError("plivo: no call has such an id"); }

std::string RoomUrl(const Account& account, std::string_view name) {
  return ResourceUrl(account, Concat("/MultiPartyCall/name_", RoomName(name), "/"));
}

std::string MemberUrl(const Membership& member, std::string_view below) {
  return Concat(member.room_url, "Member/", member.member_id, "/", below);
}

int64_t RoundedUp(absl::Duration duration) { return absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))); }

}  // namespace

Controls::Controls(const ProviderOptions& options, RestApi& api, RecordingClient& recordings)
    : CallControls(kProviderName), options_(options), api_(api), recordings_(recordings) {}

absl::StatusOr<Controlled> Controls::Post(const Account& account, const std::string& url, const nlohmann::json& body) {
  const absl::StatusOr<RestAnswer> answer = api_.Post(account, url, body);
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  if (!answer->IsSuccess()) return StatusOf(*answer);
  return Controlled{};
}

absl::StatusOr<Controlled> Controls::Get(const Account& account, const std::string& url) {
  const absl::StatusOr<RestAnswer> answer = api_.Get(account, url);
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  if (!answer->IsSuccess()) return StatusOf(*answer);
  return Controlled{};
}

absl::StatusOr<Controlled> Controls::Delete(const Account& account, const std::string& url) {
  const absl::StatusOr<RestAnswer> answer = api_.Delete(account, url);
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  if (!answer->IsSuccess() && !answer->IsNotFound()) return StatusOf(*answer);
  return Controlled{};
}

absl::StatusOr<Controlled> Controls::Continue(const Account& account, const LiveCall& call, std::string_view step) {
  const WebhookUrls urls(options_.public_url, account.id, call.call_id);
  return Post(account, CallUrl(account, call.external_call_id),
              {{"legs", "aleg"}, {"aleg_url", urls.ForPlan("answer", step)}, {"aleg_method", "POST"}});
}

absl::StatusOr<Controlled> Controls::Update(const Account& account, const LiveCall& call,
                                            const plans::v1::CallPlan& plan) {
  if (!IsPathId(call.external_call_id)) return NoSuchCall();
  if (plan.verbs().empty()) return Delete(account, CallUrl(account, call.external_call_id));
  const plans::v1::Verb& verb = plan.verbs(0);
  const bool alone = plan.verbs_size() == 1;
  if (alone && verb.has_continue_()) return Continue(account, call, verb.continue_().step());
  if (verb.has_hangup()) return Delete(account, CallUrl(account, call.external_call_id));
  if (alone && verb.has_say() && verb.say().loop() <= 1) {
    return Play(account, call, {.url = {}, .text = verb.say().text(), .language = verb.say().language()});
  }
  if (alone && verb.has_play() && verb.play().loop() <= 1) {
    if (!verb.play().digits().empty()) return SendDigits(account, call, verb.play().digits());
    return Play(account, call, {.url = verb.play().url(), .text = {}, .language = {}});
  }
  if (alone && verb.has_record() && verb.record().step().empty()) {
    const absl::StatusOr<calls::v1::Recording> recording = recordings_.Start(account, call);
    if (!recording.ok()) return recording.status();
    return Controlled{};
  }
  if (alone && verb.has_conference()) {
    return JoinConference(account, call,
                          {.name = verb.conference().name(),
                           .muted = verb.conference().muted(),
                           .start_on_enter = verb.conference().start_on_enter(),
                           .end_on_exit = verb.conference().end_on_exit()});
  }
  return absl::FailedPreconditionError(
      "plivo: a live call takes one verb that continues, hangs up, says, plays, records or joins a conference; put "
      "anything else into a step of the call's plan and continue there");
}

absl::StatusOr<Controlled> Controls::Hold(const Account& account, const LiveCall& call, std::string_view music_url) {
  if (!IsPathId(call.external_call_id)) return NoSuchCall();
  TL_ASSIGN_OR_RETURN(const std::optional<Membership> found, FindMembership(api_, account, call.external_call_id));
  if (!found.has_value()) {
    return absl::FailedPreconditionError(
        "plivo: only a call in a conference can be put on hold; let it join one first");
  }
  const Membership& member = *found;
  if (member.multi_party) {
    TL_RETURN_IF_ERROR(
        Post(account, Concat(member.room_url, "Participant/", member.member_id, "/"), {{"hold", true}}).status());
  } else {
    for (const char* change : {"Deaf/", "Mute/"}) {
      TL_RETURN_IF_ERROR(Post(account, MemberUrl(member, change), nlohmann::json::object()).status());
    }
  }
  if (music_url.empty()) return Controlled{};
  return Post(account, MemberUrl(member, "Play/"), {{"url", std::string(music_url)}});
}

absl::StatusOr<Controlled> Controls::Resume(const Account& account, const LiveCall& call) {
  if (!IsPathId(call.external_call_id)) return NoSuchCall();
  TL_ASSIGN_OR_RETURN(const std::optional<Membership> found, FindMembership(api_, account, call.external_call_id));
  // Who is in no conference is not on hold, which is fine for a call that is there.
  if (!found.has_value()) return Get(account, CallUrl(account, call.external_call_id, "?status=live"));
  const Membership& member = *found;
  TL_RETURN_IF_ERROR(Delete(account, MemberUrl(member, "Play/")).status());
  if (member.multi_party) {
    return Post(account, Concat(member.room_url, "Participant/", member.member_id, "/"), {{"hold", false}});
  }
  TL_RETURN_IF_ERROR(Delete(account, MemberUrl(member, "Deaf/")).status());
  return Delete(account, MemberUrl(member, "Mute/"));
}

absl::StatusOr<Controlled> Controls::AddToRoom(const Account& account, const std::string& room_url,
                                               nlohmann::json participant) {
  participant["enter_sound"] = "none";
  participant["exit_sound"] = "none";
  participant["status_callback_method"] = "POST";
  return Post(account, Concat(room_url, "Participant/"), participant);
}

absl::StatusOr<Controlled> Controls::Transfer(const Account& account, const LiveCall& call,
                                              const TransferRequest& request) {
  if (request.attended) return Unsupported(kProviderName, v1::FEATURE_ATTENDED_TRANSFER);
  if (!IsPathId(call.external_call_id)) return NoSuchCall();
  const std::string room = RoomUrl(account, Concat(kTransferRoom, call.call_id));
  const std::string status_url = WebhookUrls(options_.public_url, account.id, call.call_id).ForNews("mpc");
  const bool inbound = call.direction == calls::v1::CALL_DIRECTION_INBOUND;
  const std::string own_number = inbound ? call.to : call.from;
  // The target first: while it is being asked for, the customer still has the other side.
  TL_RETURN_IF_ERROR(AddToRoom(account, room,
                               {{"role", "agent"},
                                {"from", ToPlivoNumber(request.caller_id.empty() ? own_number : request.caller_id)},
                                {"to", ToPlivoNumber(request.target)},
                                {"ring_timeout", RoundedUp(request.ring_timeout)},
                                {"end_mpc_on_exit", true},
                                {"status_callback_url", status_url}})
                         .status());
  absl::StatusOr<Controlled> moved = AddToRoom(account, room,
                                               {{"role", "customer"},
                                                {"call_uuid", call.external_call_id},
                                                {"end_mpc_on_exit", true},
                                                {"stay_alone", true},
                                                {"status_callback_url", status_url}});
  // Else the target would pick up and hear nobody.
  if (!moved.ok()) TL_RETURN_IF_ERROR(Delete(account, room).status());
  return moved;
}

absl::StatusOr<Controlled> Controls::JoinConference(const Account& account, const LiveCall& call,
                                                    const ConferenceRequest& request) {
  if (!IsPathId(call.external_call_id)) return NoSuchCall();
  return AddToRoom(
      account, RoomUrl(account, request.name),
      {{"role", "customer"},
       {"call_uuid", call.external_call_id},
       {"mute", request.muted},
       {"start_mpc_on_enter", request.start_on_enter},
       {"end_mpc_on_exit", request.end_on_exit},
       {"stay_alone", true},
       {"status_callback_url", WebhookUrls(options_.public_url, account.id, call.call_id).ForNews("mpc")}});
}

absl::StatusOr<Controlled> Controls::SendDigits(const Account& account, const LiveCall& call, std::string_view digits) {
  if (!IsPathId(call.external_call_id)) return NoSuchCall();
  if (digits.empty() || digits.find_first_not_of(kKeys) != std::string_view::npos) {
    return absl::FailedPreconditionError("plivo: digits are 0-9 * # and w");
  }
  return Post(account, CallUrl(account, call.external_call_id, "DTMF/"),
              {{"digits", std::string(digits)}, {"leg", "aleg"}});
}

absl::StatusOr<Controlled> Controls::Play(const Account& account, const LiveCall& call, const PlayRequest& request) {
  if (!IsPathId(call.external_call_id)) return NoSuchCall();
  nlohmann::json body = {{"legs", "aleg"}, {"loop", request.loop}, {"mix", true}};
  if (!request.url.empty()) {
    body["urls"] = request.url;
    return Post(account, CallUrl(account, call.external_call_id, "Play/"), body);
  }
  body["text"] = request.text;
  if (!request.language.empty()) body["language"] = request.language;
  return Post(account, CallUrl(account, call.external_call_id, "Speak/"), body);
}

absl::StatusOr<Controlled> Controls::StopPlaying(const Account& account, const LiveCall& call) {
  if (!IsPathId(call.external_call_id)) return NoSuchCall();
  TL_RETURN_IF_ERROR(Delete(account, CallUrl(account, call.external_call_id, "Play/")).status());
  return Delete(account, CallUrl(account, call.external_call_id, "Speak/"));
}

}  // namespace trunkline::providers::plivo
