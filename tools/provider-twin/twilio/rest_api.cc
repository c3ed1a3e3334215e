#include "tools/provider-twin/twilio/rest_api.h"

#include <utility>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/form_text.h"
#include "tools/provider-twin/twilio/call_list.h"
#include "tools/provider-twin/twilio/create_call.h"
#include "tools/provider-twin/twilio/rest_error.h"

namespace trunkline::twin::twilio {
namespace {

constexpr absl::Duration kUntilPriced = absl::Seconds(5);

http::Response MethodNotAllowed() { return RestError(405, 20004, "Method not allowed"); }
http::Response NotInProgress() { return RestError(400, 21220, "Call is not in-progress. Cannot redirect."); }

http::Response RenderAccount(const Account& account) {
  nlohmann::ordered_json json;
  json["sid"] = account.sid;
  json["friendly_name"] = "Provider twin";
  json["status"] = account.active ? "active" : "suspended";
  json["type"] = "Full";
  json["owner_account_sid"] = account.sid;
  json["auth_token"] = account.auth_token;
  json["date_created"] = "Tue, 31 Aug 2010 20:36:28 +0000";
  json["date_updated"] = "Tue, 31 Aug 2010 20:36:28 +0000";
  json["uri"] = Concat("/2010-04-01/Accounts/", account.sid, ".json");
  return http::JsonResponse(200, WriteJson(json));
}

}  // namespace

RestApi::RestApi(World& world, const Accounts& accounts, CallStore& store, Exchange& exchange)
    : world_(world),
      accounts_(accounts),
      store_(store),
      exchange_(exchange),
      conference_api_(exchange),
      log_(world.log_capacity) {}

RestAnswer RestApi::Handle(const http::Request& request) {
  const Form query = ParseForm(request.Query());
  const Form form = ParseForm(request.body);
  RestAnswer answer = Route(request, query, form);
  RestRequest entry{world_.scheduler.Now(), request.method, std::string(request.Path()), query,
                    answer.response.status, answer.call_sid};
  entry.params.insert(entry.params.end(), form.begin(), form.end());
  if (answer.lost) entry.status = 0;
  log_.Add(std::move(entry));
  return answer;
}

// /2010-04-01/Accounts/{AC}[.json|/Calls…|/Recordings…]
RestAnswer RestApi::Route(const http::Request& request, const Form& query, const Form& form) {
  std::string_view text = request.Path();
  std::string suffix;
  for (const std::string_view known : {".json", ".wav", ".mp3"}) {
    if (!text.ends_with(known)) continue;
    suffix = known;
    text.remove_suffix(known.size());
    break;
  }
  Path path = Split(text, '/');  // "", "2010-04-01", "Accounts", AC, ...
  if (path.size() < 4 || path[2] != "Accounts") return {.response = NotFound(request.Path())};
  const Account* account = accounts_.Authenticate(path[3], request.Header("authorization"));
  if (account == nullptr) return {.response = RestError(401, 20003, "Authenticate")};
  const bool is_media = path.size() == 6 && path[4] == "Recordings" && suffix != ".json";
  if (suffix != ".json" && !is_media) return {.response = NotFound(request.Path())};

  if (path.size() == 4) {
    return {.response = request.method == "GET" ? RenderAccount(*account) : MethodNotAllowed()};
  }
  if (path[4] == "Calls" && path.size() == 5) {
    if (request.method == "POST") return CreateCall(*account, form);
    if (request.method != "GET") return {.response = MethodNotAllowed()};
    return {.response = ListCalls(store_, account->sid, request.Path(), query, world_.scheduler.Now(),
                                  world_.Scaled(kUntilPriced))};
  }
  if (path[4] == "Calls") return {.response = Calls(*account, request, path, form)};
  if (path[4] == "Conferences") {
    const Path below(path.begin() + 4, path.end());
    return {.response = conference_api_.Handle(*account, request, below, query, form)};
  }
  if (path[4] == "Recordings" && path.size() <= 6) {
    const std::string_view sid = path.size() == 6 ? path[5] : "";
    if (is_media) {
      if (store_.FindRecording(account->sid, sid) == nullptr) return {.response = NotFound(request.Path())};
      const std::string type = suffix == ".mp3" ? "audio/mpeg" : "audio/x-wav";
      return {.response = {.status = 200, .headers = {{"Content-Type", type}}, .body = SilentWav()}};
    }
    return {.response = Recordings(*account, request, FormText(query, "CallSid"), sid, query, form)};
  }
  return {.response = NotFound(request.Path())};
}

RestAnswer RestApi::CreateCall(const Account& account, const Form& form) {
  auto read = ReadCreateCall(form, account);
  if (auto* error = std::get_if<http::Response>(&read)) return {.response = std::move(*error)};
  const CallPtr call = std::get<CallPtr>(std::move(read));

  const PlacingReply reply = ScriptFor(call->to).reply;
  const http::Response too_many = RestError(429, 20429, "Too many concurrent requests");
  const http::Response internal = RestError(500, 20500, "An internal server error has occurred");
  if (reply == PlacingReply::kInvalidNumber) {
    return {.response = RestError(
                400, 21211, Concat("The phone number you are attempting to call, ", call->to, ", is not valid."))};
  }
  if (reply == PlacingReply::kErrorNotPlaced) return {.response = internal};
  if (reply == PlacingReply::kTooManyRequests || !exchange_.MayPlace(account)) return {.response = too_many};

  exchange_.Place(call);
  RestAnswer answer{.response = Render(201, *call), .call_sid = call->sid};
  if (reply == PlacingReply::kErrorButPlaced) answer.response = internal;
  if (reply == PlacingReply::kLostButPlaced) answer.lost = true;
  if (reply == PlacingReply::kSlowAndPlaced) answer.delay = absl::Milliseconds(world_.settings.slow_reply_ms);
  return answer;
}

// /Calls/{CA} and what is below it.
http::Response RestApi::Calls(const Account& account, const http::Request& request, const Path& path,
                              const Form& form) {
  const CallPtr call = store_.Find(account.sid, path[5]);
  if (call == nullptr) return NotFound(request.Path());
  if (path.size() == 6) {
    if (request.method == "GET") return Render(200, *call);
    if (request.method == "POST") return UpdateCall(call, form);
    if (request.method == "DELETE") return DeleteCall(call);
    return MethodNotAllowed();
  }
  if (path[6] == "Recordings" && path.size() == 7 && request.method == "POST") return CreateRecording(call, form);
  if (path[6] == "Recordings" && path.size() <= 8) {
    std::string sid(path.size() == 8 ? path[7] : "");
    if (sid == "Twilio.CURRENT") sid = call->recordings.empty() ? "none" : call->recordings.back()->sid;
    return Recordings(account, request, call->sid, sid, {}, form);
  }
  return NotFound(request.Path());
}

http::Response RestApi::UpdateCall(const CallPtr& call, const Form& form) {
  const std::string status = FormText(form, "Status");
  if (!status.empty()) {
    if (status != "completed" && status != "canceled")
      return RestError(400, 20001, Concat("Status is not valid: ", status));
    if (IsFinal(call->status)) return NotInProgress();
    if (call->status != CallStatus::kInProgress) {
      exchange_.End(call, CallStatus::kCanceled, 487, "ended by REST before it was answered");
    } else if (status == "completed") {
      exchange_.End(call, CallStatus::kCompleted, 200, "ended by REST");
    }
    return Render(200, *call);
  }
  if (FormText(form, "Url").empty() && FormText(form, "Twiml").empty()) return Render(200, *call);
  if (call->status != CallStatus::kInProgress) return NotInProgress();
  if (auto error = ReadInstructions(form, *call)) return *std::move(error);
  exchange_.Redirect(call);
  return Render(200, *call);
}

http::Response RestApi::DeleteCall(const CallPtr& call) {
  if (!IsFinal(call->status)) return RestError(409, 20009, "Cannot delete a call that is not finished");
  store_.Remove(call->sid);
  return {.status = 204};
}

http::Response RestApi::Recordings(const Account& account, const http::Request& request, std::string_view call_sid,
                                   std::string_view recording_sid, const Form& query, const Form& form) {
  if (recording_sid.empty()) {
    if (request.method != "GET") return MethodNotAllowed();
    std::string recordings;
    int64_t count = 0;
    for (const RecordingPtr& recording : store_.Recordings(account.sid, call_sid)) {
      if (count++ > 0) recordings.push_back(',');
      recordings += RenderRecording(*recording, world_.public_url);
    }
    // One page: the twin has few recordings.
    nlohmann::ordered_json links;
    links["end"] = count > 0 ? count - 1 : 0;
    links["first_page_uri"] = Concat(request.Path(), "?", EncodeForm(query));
    links["next_page_uri"] = nullptr;
    links["page"] = 0;
    links["page_size"] = count;
    links["previous_page_uri"] = nullptr;
    links["start"] = 0;
    links["uri"] = Concat(request.Path(), "?", EncodeForm(query));
    std::string body = WriteJson(links);
    body.pop_back();
    return http::JsonResponse(200, Concat(body, ",\"recordings\":[", recordings, "]}"));
  }
  const RecordingPtr recording = store_.FindRecording(account.sid, recording_sid);
  if (recording == nullptr || (!call_sid.empty() && recording->call_sid != call_sid)) return NotFound(request.Path());
  if (request.method == "GET") return http::JsonResponse(200, RenderRecording(*recording, world_.public_url));
  if (request.method == "POST") return UpdateRecording(recording, form);
  if (request.method != "DELETE") return MethodNotAllowed();
  if (recording->status != "completed") return RestError(409, 20009, "Cannot delete a recording that is not finished");
  store_.RemoveRecording(recording->sid);
  return {.status = 204};
}

http::Response RestApi::CreateRecording(const CallPtr& call, const Form& form) {
  if (call->status != CallStatus::kInProgress) return NotInProgress();
  RecordingWish wish;
  wish.callback = {FormText(form, "RecordingStatusCallback"), "POST"};
  std::set<std::string> events;
  for (const auto& [name, value] : form) {
    if (name == "RecordingStatusCallbackEvent") events.insert(value);
  }
  if (!events.empty()) wish.events = std::move(events);
  if (FormText(form, "RecordingStatusCallbackMethod") == "GET") wish.callback.method = "GET";
  if (FormText(form, "RecordingChannels") == "dual") wish.channels = 2;
  const RecordingPtr recording = exchange_.StartRecording(call, "StartCallRecordingAPI", wish);
  return http::JsonResponse(201, RenderRecording(*recording, world_.public_url));
}

http::Response RestApi::UpdateRecording(const RecordingPtr& recording, const Form& form) {
  const std::string status = FormText(form, "Status");
  const bool running = recording->status == "in-progress" || recording->status == "paused";
  if (!running) return RestError(400, 21220, "The recording is not in progress");
  if (status == "stopped") {
    exchange_.StopRecording(recording);
  } else if (status == "paused" || status == "in-progress") {
    recording->status = status;
  } else {
    return RestError(400, 20001, Concat("Status is not valid: ", status));
  }
  return http::JsonResponse(200, RenderRecording(*recording, world_.public_url));
}

http::Response RestApi::Render(int status, const Call& call) const {
  const bool priced = call.ended && world_.scheduler.Now() - *call.ended >= world_.Scaled(kUntilPriced);
  return http::JsonResponse(status, RenderCall(call, priced));
}

}  // namespace trunkline::twin::twilio
