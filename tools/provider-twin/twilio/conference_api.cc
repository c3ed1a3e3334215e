#include "tools/provider-twin/twilio/conference_api.h"

#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>
#include <variant>

#include "libs/base/text.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/form_text.h"
#include "tools/provider-twin/twilio/create_call.h"
#include "tools/provider-twin/twilio/rest_error.h"
#include "tools/provider-twin/twilio/wire_format.h"

namespace trunkline::twin::twilio {
namespace {

Json Render(const Conference& conference) {
  return {{"sid", conference.sid},
          {"account_sid", conference.account_sid},
          {"friendly_name", conference.friendly_name},
          {"status", conference.status},
          {"reason_conference_ended", conference.reason_ended.empty() ? Json(nullptr) : Json(conference.reason_ended)},
          {"date_created", Rfc2822(conference.created)},
          {"date_updated", Rfc2822(conference.updated)},
          {"uri", Concat("/2010-04-01/Accounts/", conference.account_sid, "/Conferences/", conference.sid, ".json")}};
}

Json Render(const Conference& conference, const Participant& participant) {
  return {{"call_sid", participant.call->sid},
          {"conference_sid", conference.sid},
          {"account_sid", conference.account_sid},
          {"label", participant.label.empty() ? Json(nullptr) : Json(participant.label)},
          {"muted", participant.muted},
          {"hold", participant.hold},
          {"start_conference_on_enter", participant.start_on_enter},
          {"end_conference_on_exit", participant.end_on_exit},
          {"status", "connected"}};
}

// A list of one page: the twin has few of them.
http::Response Page(const http::Request& request, const char* name, Json list) {
  return Answer(200, {{"page", 0},
                      {"page_size", list.size()},
                      {"uri", std::string(request.target)},
                      {"next_page_uri", nullptr},
                      {name, std::move(list)}});
}

// The instructions that bring a call into the room.
std::string RoomTwiml(std::string_view room, const Form& form) {
  pugi::xml_document document;
  pugi::xml_node node = document.append_child("Response").append_child("Dial").append_child("Conference");
  const auto set = [&](const char* attribute, const char* parameter, const char* fallback) {
    const std::string value = FormText(form, parameter);
    node.append_attribute(attribute).set_value(value.empty() ? fallback : value.c_str());
  };
  set("participantLabel", "Label", "");
  set("muted", "Muted", "false");
  set("startConferenceOnEnter", "StartConferenceOnEnter", "true");
  set("endConferenceOnExit", "EndConferenceOnExit", "false");
  set("statusCallback", "ConferenceStatusCallback", "");
  set("statusCallbackEvent", "ConferenceStatusCallbackEvent", "");
  node.text().set(std::string(room).c_str());
  std::ostringstream out;
  document.save(out, "", pugi::format_raw | pugi::format_no_declaration);
  return std::move(out).str();
}

}  // namespace

http::Response ConferenceApi::Handle(const Account& account, const http::Request& request,
                                     const std::vector<std::string_view>& path, const Form& query, const Form& form) {
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (path.size() == 1) return get ? List(account, request, query) : RestError(405, 20004, "Method not allowed");
  const std::string room = PercentDecode(path[1], false);
  const bool participants = path.size() > 2 && path[2] == "Participants";
  if (participants && path.size() == 3 && post) return Call(account, room, form);
  const ConferencePtr conference = exchange_.conferences().Find(account.sid, room);
  if (conference == nullptr) return NotFound(request.Path());
  if (path.size() == 2) {
    if (post && FormText(form, "Status") == "completed")
      exchange_.conferences().End(conference, "conference-ended-via-api");
    return Answer(200, Render(*conference));
  }
  if (!participants) return NotFound(request.Path());
  if (path.size() == 3) {
    Json list = Json::array();
    for (const Participant& participant : conference->participants) list.push_back(Render(*conference, participant));
    return Page(request, "participants", std::move(list));
  }
  Participant* participant = conference->Find(PercentDecode(path[3], false));
  if (participant == nullptr) return NotFound(request.Path());
  if (request.method == "DELETE") {
    exchange_.conferences().Remove(conference, participant->call);
    return {.status = 204};
  }
  if (post) return Change(conference, *participant, form);
  return Answer(200, Render(*conference, *participant));
}

http::Response ConferenceApi::List(const Account& account, const http::Request& request, const Form& query) const {
  const std::string name = FormText(query, "FriendlyName");
  const std::string status = FormText(query, "Status");
  Json list = Json::array();
  for (const ConferencePtr& conference : exchange_.conferences().all()) {
    if (conference->account_sid != account.sid) continue;
    if (!name.empty() && conference->friendly_name != name) continue;
    if (!status.empty() && conference->status != status) continue;
    list.push_back(Render(*conference));
  }
  return Page(request, "conferences", std::move(list));
}

http::Response ConferenceApi::Call(const Account& account, std::string_view room, const Form& form) {
  Form call_form = form;
  call_form.emplace_back("Twiml", RoomTwiml(room, form));
  auto read = ReadCreateCall(call_form, account);
  if (auto* error = std::get_if<http::Response>(&read)) return std::move(*error);
  const CallPtr call = std::get<CallPtr>(std::move(read));
  exchange_.Place(call);
  return Answer(201, {{"call_sid", call->sid},
                      {"account_sid", account.sid},
                      {"label", FormText(form, "Label")},
                      {"status", "queued"}});
}

http::Response ConferenceApi::Change(const ConferencePtr& conference, Participant& participant, const Form& form) {
  if (const std::string end = FormText(form, "EndConferenceOnExit"); !end.empty())
    participant.end_on_exit = end == "true";
  if (const std::string hold = FormText(form, "Hold"); !hold.empty()) {
    exchange_.conferences().SetHold(conference, participant, hold == "true");
  }
  if (const std::string muted = FormText(form, "Muted"); !muted.empty()) {
    exchange_.conferences().SetMuted(conference, participant, muted == "true");
  }
  return Answer(200, Render(*conference, participant));
}

}  // namespace trunkline::twin::twilio
