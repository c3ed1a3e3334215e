#include "tools/provider-twin/exotel/rest_api.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/text.h"
#include "tools/provider-twin/exotel/wire_format.h"
#include "tools/provider-twin/form_text.h"

namespace trunkline::twin::exotel {
namespace {

constexpr absl::Duration kUntilSettled = absl::Minutes(2);
constexpr size_t kLargestPage = 100;
constexpr size_t kLongestCustomField = 128;

http::Response NotFound() { return RestException(404, "", "The requested resource was not found"); }

// "gte:2026-01-01 00:00:00;lte:2026-01-31 23:59:59"
bool WithinDates(std::string_view filter, absl::Time created) {
  for (const std::string_view bound : Split(filter, ';')) {
    const auto time = bound.size() > 4 ? ReadLocalTime(bound.substr(4)) : std::nullopt;
    if (!time) continue;
    if (bound.starts_with("gte:") && created < *time) return false;
    if (bound.starts_with("lte:") && created >= *time + absl::Seconds(1)) return false;
  }
  return true;
}

bool OneOf(std::string_view list, const std::string& number) {
  if (list.empty()) return true;
  for (const std::string_view wanted : Split(list, ',')) {
    if (International(wanted) == International(number)) return true;
  }
  return false;
}

std::string LastPart(std::string_view url) { return std::string(url.substr(url.rfind('/') + 1)); }

}  // namespace

RestReply RestApi::Handle(const http::Request& request) {
  const Form query = ParseForm(request.Query());
  const std::string_view type = request.Header("content-type");
  const Form form = type.starts_with("multipart/")                          ? ReadMultipart(type, request.body)
                    : type.starts_with("application/x-www-form-urlencoded") ? ParseForm(request.body)
                                                                            : Form();
  std::string call_sid;
  RestReply reply = Route(request, query, form, &call_sid);
  RestRequest entry{world_.scheduler.Now(),
                    request.method,
                    std::string(request.Path()),
                    query,
                    reply.lost ? 0 : reply.response.status,
                    call_sid};
  entry.params.insert(entry.params.end(), form.begin(), form.end());
  log_.Add(std::move(entry));
  return reply;
}

// /v1/Accounts/{sid}/Calls... , /v2/accounts/{sid}/...
RestReply RestApi::Route(const http::Request& request, const Form& query, const Form& form, std::string* call_sid) {
  const std::string_view path = request.Path();
  if (path.starts_with("/twin-exotel-recordings/")) {
    return {.response = {.status = 200, .headers = {{"Content-Type", "audio/mpeg"}}, .body = "ID3"}};
  }
  const auto parts = Split(path, '/');  // "", "v1", "Accounts", sid, ...
  const bool v1 = parts.size() >= 5 && parts[1] == "v1" && parts[2] == "Accounts";
  const bool v2 = parts.size() >= 5 && parts[1] == "v2" && parts[2] == "accounts";
  if (!v1 && !v2) return {.response = NotFound()};
  const Account* account = accounts_.Authenticate(parts[3], request.Header("authorization"));
  if (account == nullptr) return {.response = RestException(401, "", "Authentication failed")};
  if (!MayAsk(*account)) {
    RestReply reply{.response = RestException(429, "RATE_LIMIT_EXCEEDED", "Too many requests")};
    reply.response.headers.emplace_back("Retry-After", "60");
    return reply;
  }
  if (v2) {
    const size_t at = path.find(parts[3]) + parts[3].size() + 1;
    return {.response = campaigns_.Handle(*account, request, path.substr(at))};
  }
  const std::string_view last = parts.back();
  if (parts.size() == 6 && parts[4] == "Calls" && last == "connect.json" && request.method == "POST") {
    return Connect(*account, form, call_sid);
  }
  if (parts.size() == 5 && last == "Calls.json") return {.response = List(*account, request, query)};
  if (parts.size() == 6 && parts[4] == "Calls" && last.ends_with(".json") && request.method == "GET") {
    const CallPtr call = exchange_.Find(account->sid, last.substr(0, last.size() - 5));
    if (call == nullptr) return {.response = NotFound()};
    return {.response = http::JsonResponse(
                200, Concat("{\"Call\":", Render(*call, FormText(query, "details") == "true"), "}"))};
  }
  return {.response = NotFound()};
}

RestReply RestApi::Connect(const Account& account, const Form& form, std::string* call_sid) {
  auto call = std::make_shared<Call>();
  call->account_sid = account.sid;
  call->from = International(FormText(form, "From"));
  call->to = International(FormText(form, "To"));
  call->flow_url = FormText(form, "Url");
  call->exophone = International(FormText(form, "CallerId"));
  call->custom_field = FormText(form, "CustomField");
  if (FormText(form, "To").empty()) call->to.clear();
  if (FormText(form, "From").empty() || FormText(form, "CallerId").empty() ||
      call->to.empty() == call->flow_url.empty()) {
    return {.response = RestException(400, "", "From, CallerId and one of To and Url are needed")};
  }
  if (call->custom_field.size() > kLongestCustomField) {
    return {.response = RestException(400, "", "CustomField is too long")};
  }
  call->status_callback = FormText(form, "StatusCallback");
  call->json_callback = FormText(form, "StatusCallbackContentType") == "application/json";
  for (const auto& [name, value] : form) {
    if (!name.starts_with("StatusCallbackEvents[")) continue;
    if (value == "answered") call->wants_answered = true;
    if (value == "terminal") call->wants_terminal = true;
  }
  call->record = FormText(form, "Record") == "true";
  if (const auto seconds = ParseInt(FormText(form, "TimeOut"))) call->ring_timeout = absl::Seconds(*seconds);
  if (const auto seconds = ParseInt(FormText(form, "TimeLimit"))) call->patience = absl::Seconds(*seconds);
  if (const auto flow = flows_.find(LastPart(call->flow_url)); flow != flows_.end()) {
    call->passthru_url = flow->second.passthru_url;
  }

  const http::Response internal = RestException(500, "", "Internal server error");
  const PlacingReply story = ScriptFor(call->DialedNumber()).reply;
  if (story == PlacingReply::kInvalidNumber) {
    return {.response = RestException(400, "34001", Concat("Invalid number ", call->DialedNumber()))};
  }
  if (story == PlacingReply::kErrorNotPlaced) return {.response = internal};
  if (story == PlacingReply::kTooManyRequests) {
    RestReply reply{.response = RestException(429, "RATE_LIMIT_EXCEEDED", "Too many requests")};
    reply.response.headers.emplace_back("Retry-After", "60");
    return reply;
  }
  exchange_.Place(call);
  *call_sid = call->sid;
  RestReply reply{.response = http::JsonResponse(200, Concat("{\"Call\":", Render(*call, false), "}"))};
  if (story == PlacingReply::kErrorButPlaced) reply.response = internal;
  if (story == PlacingReply::kLostButPlaced) reply.lost = true;
  if (story == PlacingReply::kSlowAndPlaced) reply.delay = absl::Milliseconds(world_.settings.slow_reply_ms);
  return reply;
}

http::Response RestApi::List(const Account& account, const http::Request& request, const Form& query) const {
  std::vector<CallPtr> found;
  for (const CallPtr& call : exchange_.calls()) {
    const bool status = FormText(query, "Status").empty() || FormText(query, "Status") == call->status;
    if (call->account_sid == account.sid && status && OneOf(FormText(query, "To"), call->to) &&
        OneOf(FormText(query, "From"), call->from) && OneOf(FormText(query, "PhoneNumber"), call->exophone) &&
        WithinDates(FormText(query, "DateCreated"), call->created)) {
      found.push_back(call);
    }
  }
  if (FormText(query, "SortBy") != "DateCreated:asc") std::reverse(found.begin(), found.end());
  const size_t size = static_cast<size_t>(
      std::clamp<int64_t>(ParseInt(FormText(query, "PageSize")).value_or(50), 1, static_cast<int64_t>(kLargestPage)));
  const size_t start = static_cast<size_t>(std::max<int64_t>(ParseInt(FormText(query, "After")).value_or(0), 0));
  std::string calls;
  for (size_t i = start; i < found.size() && i < start + size; ++i) {
    calls += Concat(calls.empty() ? "" : ",", Render(*found[i], false));
  }
  const std::string next =
      start + size < found.size() ? Concat("\"", request.Path(), "?After=", start + size, "\"") : std::string("null");
  return http::JsonResponse(200, Concat("{\"Metadata\":{\"Total\":", found.size(), ",\"PageSize\":", size,
                                        ",\"PrevPageUri\":null,\"NextPageUri\":", next, "},\"Calls\":[", calls, "]}"));
}

std::string RestApi::Render(const Call& call, bool with_details) const {
  const bool settled = call.ended && world_.scheduler.Now() - *call.ended >= world_.Scaled(kUntilSettled);
  return RenderCall(call, settled, with_details, world_.public_url);
}

bool RestApi::MayAsk(const Account& account) {
  std::deque<absl::Time>& times = asked_[account.sid];
  const absl::Time now = world_.scheduler.Now();
  while (!times.empty() && times.front() <= now - absl::Minutes(1)) times.pop_front();
  const double most = world_.settings.requests_per_minute;
  if (most > 0 && static_cast<double>(times.size()) >= most) return false;
  times.push_back(now);
  return true;
}

void RestApi::Reset() {
  log_.Clear();
  asked_.clear();
}

}  // namespace trunkline::twin::exotel
