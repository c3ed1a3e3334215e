#include "tools/provider-twin/plivo/rest_api.h"

#include <algorithm>
#include <utility>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/plivo/create_call.h"
#include "tools/provider-twin/plivo/rest_reply.h"
#include "tools/provider-twin/plivo/wire_format.h"

namespace trunkline::twin::plivo {
namespace {

std::string_view Get(const Form& query, std::string_view name) { return FindInForm(query, name).value_or(""); }

bool IsLive(const Call& call) { return !IsFinal(call.status) && call.dialled; }
bool IsQueued(const Call& call) { return !IsFinal(call.status) && !call.dialled; }

// "2026-03-03 09:15[:00]", taken for the account's local time as the records' own times are.
bool MatchesTimes(const Form& query, std::string_view field, absl::Time time) {
  const std::string local = LocalTime(time);
  for (const auto& [name, value] : query) {
    const std::string wanted = value.substr(0, local.size());
    const std::string told = local.substr(0, wanted.size());
    if (name == Concat(field, "__gte") && told < wanted) return false;
    if (name == Concat(field, "__gt") && told <= wanted) return false;
    if (name == Concat(field, "__lte") && told > wanted) return false;
    if (name == Concat(field, "__lt") && told >= wanted) return false;
  }
  return true;
}

bool MatchesParties(const Form& query, const Call& call) {
  const std::string_view from = Get(query, "from_number");
  const std::string_view to = Get(query, "to_number");
  const std::string_view direction = Get(query, "call_direction");
  return (from.empty() || StoredNumber(from) == call.from) && (to.empty() || StoredNumber(to) == call.to) &&
         (direction.empty() || direction == ToText(call.direction));
}

Form ParamsOf(const Form& query, const nlohmann::json& body) {
  Form params = query;
  if (!body.is_object()) return params;
  for (const auto& [name, value] : body.items()) params.emplace_back(name, JsonText(body, name.c_str()));
  return params;
}

void HangUp(Exchange& exchange, const CallPtr& call) {
  exchange.End(call, call->answered ? CallStatus::kCompleted : CallStatus::kCanceled,
               call->answered ? kApiHungUp : kApiCanceled);
}

}  // namespace

RestApi::RestApi(World& world, const Accounts& accounts, CallStore& store, Rooms& rooms, Exchange& exchange)
    : world_(world), accounts_(accounts), store_(store), rooms_(rooms), exchange_(exchange), log_(world.log_capacity) {}

RestAnswer RestApi::Handle(const http::Request& request) {
  const Form query = ParseForm(request.Query());
  const nlohmann::json body = ParseJson(request.body);
  RestAnswer answer = Route(request, query, body);
  log_.Add({world_.scheduler.Now(), request.method, std::string(request.Path()), ParamsOf(query, body),
            answer.lost ? 0 : answer.response.status, answer.call_uuid});
  return answer;
}

// /v1/Account/{auth id}/{resource}/...
RestAnswer RestApi::Route(const http::Request& request, const Form& query, const nlohmann::json& body) {
  std::string_view text = request.Path();
  std::vector<std::string_view> path = Split(text, '/');  // "", "v1", "Account", id, resource, ..., ""
  if (path.size() < 5) return {.response = NotFoundReply()};
  const Account* account = accounts_.Authenticate(path[3], request.Header("authorization"));
  if (account == nullptr) return {.response = ErrorReply(401, "authentication failed")};
  const bool media = path.size() == 6 && path[4] == "Recording" && !path[5].empty();
  if (!media && !path.back().empty()) return {.response = NotFoundReply()};
  path.erase(path.begin(), path.begin() + 4);
  if (!media) path.pop_back();
  std::vector<std::string> decoded;
  decoded.reserve(path.size());
  for (const std::string_view piece : path) decoded.push_back(PercentDecode(piece, false));
  const Asked asked{*account, request.method, {decoded.begin(), decoded.end()}, query, body};
  if (media) return {.response = Media(asked, decoded[1])};
  if (asked.path.empty()) return {.response = NotFoundReply()};
  const std::string_view resource = asked.path[0];
  if (request.method == "POST" && !body.is_object()) return {.response = ErrorReply(400, "the body is not JSON")};
  if (resource == "Call" && asked.path.size() == 1 && asked.method == "POST") return CreateCalls(asked);
  if (resource == "Call") return {.response = Calls(asked)};
  if (resource == "Request" && asked.path.size() == 2 && asked.method == "DELETE") {
    const CallPtr call = store_.Find(account->auth_id, asked.path[1]);
    if (call == nullptr || IsFinal(call->status) || call->answered) return {.response = NotFoundReply()};
    HangUp(exchange_, call);
    return {.response = NoContent()};
  }
  if (resource == "Recording") return {.response = Recordings(asked)};
  if (resource == "Conference") return {.response = Conferences(asked)};
  if (resource == "MultiPartyCall") return {.response = MultiPartyCalls(asked)};
  return {.response = NotFoundReply()};
}

// --- calls ---------------------------------------------------------------------------------------------------------

RestAnswer RestApi::CreateCalls(const Asked& asked) {
  auto read = ReadCreateCalls(asked.body, asked.account);
  if (const auto* wrong = std::get_if<std::string>(&read)) return {.response = ErrorReply(400, *wrong)};
  const auto calls = std::get<std::vector<CallPtr>>(std::move(read));

  // Of many, the first whose number has a story of its own decides.
  PlacingReply reply = PlacingReply::kCreated;
  for (const CallPtr& call : calls) {
    if (reply == PlacingReply::kCreated) reply = ScriptFor(call->to).reply;
  }
  if (reply == PlacingReply::kInvalidNumber) return {.response = ErrorReply(400, "to is not a valid phone number")};
  if (reply == PlacingReply::kErrorNotPlaced) return {.response = ErrorReply(500, "internal error")};
  if (reply == PlacingReply::kTooManyRequests || !exchange_.MayPlace(asked.account)) {
    return {.response = ErrorReply(429, "too many requests")};
  }
  Json uuids = Json::array();
  for (const CallPtr& call : calls) {
    exchange_.Place(call);
    uuids.push_back(call->uuid);
  }
  RestAnswer answer{.response = MessageReply(201, calls.size() == 1 ? "call fired" : "calls fired",
                                             {{"request_uuid", calls.size() == 1 ? uuids[0] : uuids}}),
                    .call_uuid = calls[0]->uuid};
  if (reply == PlacingReply::kErrorButPlaced) answer.response = ErrorReply(500, "internal error");
  if (reply == PlacingReply::kLostButPlaced) answer.lost = true;
  if (reply == PlacingReply::kSlowAndPlaced) answer.delay = absl::Milliseconds(world_.settings.slow_reply_ms);
  return answer;
}

// /Call/ and what is below it.
http::Response RestApi::Calls(const Asked& asked) {
  if (asked.path.size() == 1) {
    // `DELETE /Call/` would end all calls of the account. Nobody here may ever ask for that.
    if (asked.method != "GET") return ErrorReply(405, "method not allowed");
    const std::string_view status = Get(asked.query, "status");
    if (status.empty()) return ListRecords(asked);
    Json uuids = Json::array();
    for (const CallPtr& call : store_.calls()) {
      const bool wanted = status == "live" ? IsLive(*call) : IsQueued(*call);
      if (wanted && call->auth_id == asked.account.auth_id && MatchesParties(asked.query, *call)) {
        uuids.push_back(call->uuid);
      }
    }
    return http::JsonResponse(200, WriteJson(Json({{"api_id", NewCallUuid()}, {"calls", uuids}})));
  }
  const CallPtr call = store_.Find(asked.account.auth_id, asked.path[1]);
  if (call == nullptr) return NotFoundReply();
  if (asked.path.size() == 2) return OneCall(asked, call);
  return IsLive(*call) ? LiveCall(asked, call) : NotFoundReply();
}

http::Response RestApi::ListRecords(const Asked& asked) {
  std::vector<std::string> objects;
  for (auto call = store_.calls().rbegin(); call != store_.calls().rend(); ++call) {
    if (!IsFinal((*call)->status) || (*call)->auth_id != asked.account.auth_id || !(*call)->ended) continue;
    if (!MatchesParties(asked.query, **call) || !MatchesTimes(asked.query, "end_time", *(*call)->ended)) continue;
    objects.push_back(RenderRecord(**call));
  }
  return PageReply(objects, Concat("/v1/Account/", asked.account.auth_id, "/Call/"), asked.query);
}

http::Response RestApi::OneCall(const Asked& asked, const CallPtr& call) {
  if (asked.method == "GET") {
    const std::string_view status = Get(asked.query, "status");
    const bool there =
        status == "live" ? IsLive(*call) : (status == "queued" ? IsQueued(*call) : IsFinal(call->status));
    if (!there) return NotFoundReply();
    return http::JsonResponse(200, status.empty() ? RenderRecord(*call) : RenderLiveCall(*call));
  }
  if (!IsLive(*call)) return NotFoundReply();
  if (asked.method == "DELETE") {
    HangUp(exchange_, call);
    return NoContent();
  }
  const Target target = TargetIn(asked.body, "aleg_url", "aleg_method");
  if (target.empty()) return ErrorReply(400, "aleg_url parameter is required");
  if (!call->answered) return ErrorReply(400, "the call is not in progress");
  exchange_.Transfer(call, target);
  return MessageReply(202, "call transferred");
}

// What is done to a call in progress: /Call/{uuid}/{action}/.
http::Response RestApi::LiveCall(const Asked& asked, const CallPtr& call) {
  const std::string_view action = asked.path[2];
  const bool remove = asked.method == "DELETE";
  if (!remove && asked.method != "POST") return ErrorReply(405, "method not allowed");
  if (!call->answered) return NotFoundReply();
  if (action == "Record") {
    if (!remove) {
      const RecordingPtr recording = exchange_.StartRecording(
          call, TargetIn(asked.body, "callback_url", "callback_method"), JsonText(asked.body, "file_format"));
      const auto limit = ParseInt(JsonText(asked.body, "time_limit")).value_or(60);
      exchange_.Later(call, absl::Seconds(limit), [this, recording] { exchange_.StopRecording(recording); });
      return MessageReply(202, "call recording started",
                          {{"recording_id", recording->uuid}, {"url", RecordingUrl(*recording, world_.public_url)}});
    }
    for (const RecordingPtr& recording : call->recordings) exchange_.StopRecording(recording);
    return NoContent();
  }
  if (action == "Play" || action == "Speak") {
    const std::string what = JsonText(asked.body, action == "Play" ? "urls" : "text");
    if (!remove && what.empty()) return ErrorReply(400, "nothing to play");
    call->played = remove ? std::string() : what;
    return remove ? NoContent() : MessageReply(202, action == "Play" ? "play started" : "speak started");
  }
  if (action == "DTMF" && !remove) {
    const std::string digits = JsonText(asked.body, "digits");
    if (digits.empty()) return ErrorReply(400, "digits parameter is required");
    call->sent_digits += digits;
    return MessageReply(202, "digits sent");
  }
  return NotFoundReply();
}

// --- recordings ----------------------------------------------------------------------------------------------------

http::Response RestApi::Recordings(const Asked& asked) {
  if (asked.path.size() == 1) {
    std::vector<std::string> objects;
    for (const RecordingPtr& recording : store_.Recordings(asked.account.auth_id, Get(asked.query, "call_uuid"))) {
      if (recording->running || !MatchesTimes(asked.query, "add_time", recording->ended)) continue;
      objects.push_back(RenderRecording(*recording, world_.public_url));
    }
    return PageReply(objects, Concat("/v1/Account/", asked.account.auth_id, "/Recording/"), asked.query);
  }
  const RecordingPtr recording = store_.FindRecording(asked.account.auth_id, asked.path[1]);
  if (recording == nullptr || recording->running) return NotFoundReply();
  if (asked.method == "GET") return http::JsonResponse(200, RenderRecording(*recording, world_.public_url));
  if (asked.method != "DELETE") return ErrorReply(405, "method not allowed");
  store_.RemoveRecording(recording->uuid);
  return NoContent();
}

http::Response RestApi::Media(const Asked& asked, std::string_view file) {
  const size_t dot = file.rfind('.');
  const RecordingPtr recording = store_.FindRecording(asked.account.auth_id, file.substr(0, dot));
  if (recording == nullptr || recording->running || dot == std::string_view::npos) return NotFoundReply();
  return {.status = 200,
          .headers = {{"Content-Type", recording->format == "wav" ? "audio/wav" : "audio/mpeg"}},
          .body = SilentSound()};
}

// --- rooms ---------------------------------------------------------------------------------------------------------

http::Response RestApi::Conferences(const Asked& asked) {
  if (asked.path.size() == 1) {
    Json names = Json::array();
    for (const Room* room : rooms_.Of(asked.account.auth_id, false)) names.push_back(room->name);
    return http::JsonResponse(200, WriteJson(Json({{"api_id", NewCallUuid()}, {"conferences", names}})));
  }
  Room* room = rooms_.Find(asked.account.auth_id, asked.path[1], false);
  if (room == nullptr) return NotFoundReply();
  if (asked.path.size() == 2 && asked.method == "GET") return http::JsonResponse(200, RenderConference(*room));
  if (asked.path.size() != 5 || asked.path[2] != "Member") return NotFoundReply();
  const auto members = Rooms::Select(*room, asked.path[3]);
  if (members.empty()) return NotFoundReply();
  const std::string_view action = asked.path[4];
  const bool on = asked.method == "POST";
  for (Member* member : members) {
    if (action == "Mute") member->muted = on;
    if (action == "Deaf") member->deaf = on;
    if (action == "Play") member->played = on ? JsonText(asked.body, "url") : std::string();
  }
  return on ? MessageReply(202, "done") : NoContent();
}

http::Response RestApi::MultiPartyCalls(const Asked& asked) {
  if (asked.path.size() == 1) {
    std::vector<std::string> objects;
    for (const Room* room : rooms_.Of(asked.account.auth_id, true)) objects.push_back(RenderMultiPartyCall(*room));
    return PageReply(objects, Concat("/v1/Account/", asked.account.auth_id, "/MultiPartyCall/"), asked.query, "count");
  }
  if (asked.path.size() == 3 && asked.path[2] == "Participant" && asked.method == "POST") {
    return AddParticipant(asked, asked.path[1]);
  }
  Room* room = rooms_.Find(asked.account.auth_id, asked.path[1], true);
  if (room == nullptr) return NotFoundReply();
  if (asked.path.size() == 2) {
    if (asked.method == "GET") return http::JsonResponse(200, RenderMultiPartyCall(*room));
    if (asked.method != "DELETE") return ErrorReply(405, "method not allowed");
    std::vector<CallPtr> calls;
    for (const Member& member : room->members) calls.push_back(member.call.lock());
    for (const CallPtr& call : calls) {
      if (call != nullptr) exchange_.End(call, CallStatus::kCompleted, kRoomEnded);
    }
    return NoContent();
  }
  if (asked.path[2] == "Participant" && asked.path.size() == 3) {
    std::vector<std::string> objects;
    const std::string_view wanted = Get(asked.query, "call_uuid");
    for (Member* member : Rooms::Select(*room, wanted.empty() ? "all" : wanted)) {
      objects.push_back(RenderParticipant(*room, *member));
    }
    return PageReply(objects, "/Participant/", asked.query, "count");
  }
  const auto members = asked.path.size() > 3 ? Rooms::Select(*room, asked.path[3]) : std::vector<Member*>();
  if (members.empty()) return NotFoundReply();
  if (asked.path[2] == "Participant" && asked.method == "POST") {
    for (Member* member : members) {
      if (asked.body.contains("hold")) member->hold = asked.body["hold"] == true;
      if (asked.body.contains("mute")) member->muted = asked.body["mute"] == true;
    }
    return MessageReply(202, "participant updated");
  }
  if (asked.path[2] == "Participant") return http::JsonResponse(200, RenderParticipant(*room, *members[0]));
  if (asked.path[2] == "Member" && asked.path.size() == 5 && asked.path[4] == "Play") {
    const bool on = asked.method == "POST";
    for (Member* member : members) member->played = on ? JsonText(asked.body, "url") : std::string();
    return on ? MessageReply(202, "play started") : NoContent();
  }
  return NotFoundReply();
}

http::Response RestApi::AddParticipant(const Asked& asked, std::string_view room_key) {
  constexpr std::string_view kByName = "name_";
  const Room* known = rooms_.Find(asked.account.auth_id, room_key, true);
  if (known == nullptr && !room_key.starts_with(kByName)) return NotFoundReply();
  const std::string name = known != nullptr ? known->name : std::string(room_key.substr(kByName.size()));
  Member member;
  member.role = JsonText(asked.body, "role");
  if (member.role != "agent" && member.role != "customer" && member.role != "supervisor") {
    return ErrorReply(400, "role is not valid");
  }
  member.muted = JsonText(asked.body, "mute") == "true";
  member.hold = JsonText(asked.body, "hold") == "true";
  member.ends_room = JsonText(asked.body, "end_mpc_on_exit") == "true";
  member.callback = TargetIn(asked.body, "status_callback_url", "status_callback_method");
  const std::string uuid = JsonText(asked.body, "call_uuid");
  if (!uuid.empty()) {
    const CallPtr call = store_.Find(asked.account.auth_id, uuid);
    if (call == nullptr || !IsLive(*call)) return NotFoundReply();
    exchange_.BreakOff(call);
    exchange_.AnswerInbound(call);
    exchange_.EnterRoom(call, name, true, std::move(member));
    return MessageReply(202, "add participant action initiated", {{"request_uuid", NewCallUuid()}});
  }
  auto leg = std::make_shared<Call>();
  leg->auth_id = asked.account.auth_id;
  leg->from = StoredNumber(JsonText(asked.body, "from"));
  leg->to = StoredNumber(JsonText(asked.body, "to"));
  if (!IsDialable(leg->to) || leg->from.empty()) return ErrorReply(400, "to is not a valid phone number");
  leg->ring_timeout = absl::Seconds(ParseInt(JsonText(asked.body, "ring_timeout")).value_or(45));
  exchange_.PlaceLeg(nullptr, leg,
                     {.answered =
                          [this, name, member](const CallPtr& who) {
                            exchange_.EnterRoom(who, name, true, member);
                            exchange_.Later(who, who->script.talk,
                                            [this, who] { exchange_.End(who, CallStatus::kCompleted, kCalleeHungUp); });
                          },
                      .ended = [](const CallPtr&) {}});
  return MessageReply(202, "add participant action initiated",
                      {{"request_uuid", NewCallUuid()},
                       {"calls", Json::array({{{"to", leg->to}, {"from", leg->from}, {"call_uuid", leg->uuid}}})}});
}

}  // namespace trunkline::twin::plivo
