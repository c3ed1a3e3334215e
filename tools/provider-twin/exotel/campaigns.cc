#include "tools/provider-twin/exotel/campaigns.h"

#include <algorithm>
#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/exotel/wire_format.h"

namespace trunkline::twin::exotel {
namespace {

constexpr size_t kMostInlineNumbers = 5000;

http::Response Envelope(int status, Json elements) {
  Json json;
  json["request_id"] = NewSid();
  json["http_code"] = status;
  json["response"] = std::move(elements);
  return http::JsonResponse(status, WriteJson(json));
}

Json Success(Json data) { return {{"code", 200}, {"status", "success"}, {"error_data", nullptr}, {"data", data}}; }

http::Response Failure(int status, std::string_view description) {
  const Json error = {{"code", 1001}, {"description", description}, {"message", description}};
  return Envelope(status,
                  Json::array({{{"code", status}, {"status", "failure"}, {"error_data", error}, {"data", nullptr}}}));
}

bool IsNumber(std::string_view text) {
  return text.size() >= 8 && text.size() <= 16 && text.front() == '+' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

http::Response Campaigns::Handle(const Account& account, const http::Request& request, std::string_view resource) {
  const bool post = request.method == "POST";
  if (post && resource == "contacts/csv-upload") return UploadCsv(request);
  if (post && resource == "campaigns") return Create(account, request.body);
  if (!post && resource.starts_with("csv-status/")) return Status(resource.substr(11));
  if (!post && resource == "lists") return Lists(FindInForm(ParseForm(request.Query()), "name").value_or(""));
  return Failure(404, "no such resource");
}

http::Response Campaigns::UploadCsv(const http::Request& request) {
  const Form form = ReadMultipart(request.Header("content-type"), request.body);
  const auto name = FindInForm(form, "list_name");
  const auto file = FindInForm(form, "file_name");
  if (!name || name->empty() || !file) return Failure(400, "list_name and file_name are needed");
  for (const auto& [sid, list] : lists_) {
    if (list.name == *name) return Failure(409, "there is a list of that name");
  }
  List list{.sid = NewSid(), .name = std::string(*name), .numbers = {}};
  Upload upload{.list_sid = list.sid};
  bool header = true;
  for (std::string_view line : Split(*file, '\n')) {
    std::string cell(Trim(line));
    std::erase(cell, '"');
    if (cell.empty()) continue;
    if (header && cell != "number") return Failure(400, "the first column must be number");
    if (!header && IsNumber(cell)) list.numbers.push_back(cell);
    if (!header && !IsNumber(cell)) ++upload.failed;
    header = false;
  }
  const std::string id = NewSid();
  lists_[list.sid] = std::move(list);
  uploads_[id] = upload;
  const Json summary = {{"url", Concat(world_.public_url, "/v2/accounts/csv-status/", id)}};
  return Envelope(200, Json::array({Success({{"upload_id", id}, {"summary", summary}})}));
}

http::Response Campaigns::Status(std::string_view upload_id) {
  const auto found = uploads_.find(upload_id);
  if (found == uploads_.end()) return Failure(404, "no such upload");
  Upload& upload = found->second;
  const bool done = std::exchange(upload.asked, true);
  return Envelope(200, Json::array({Success({{"status", done ? "completed" : "in-progress"},
                                             {"success", lists_[upload.list_sid].numbers.size()},
                                             {"failed", upload.failed},
                                             {"duplicate", 0}})}));
}

http::Response Campaigns::Lists(std::string_view name) const {
  Json found = Json::array();
  for (const auto& [sid, list] : lists_) {
    if (name.empty() || list.name == name) found.push_back(Success({{"sid", sid}, {"name", list.name}}));
  }
  return Envelope(200, std::move(found));
}

http::Response Campaigns::Create(const Account& account, std::string_view body) {
  const Json json = ParseOrderedJson(body);
  if (!json.is_object()) return Failure(400, "the body is no JSON");
  const auto wrapped = json.find("campaigns");
  const bool is_wrapped = wrapped != json.end() && wrapped->is_array() && !wrapped->empty();
  const Json campaign = is_wrapped ? wrapped->front() : json;
  std::vector<std::string> numbers;
  if (const auto from = campaign.find("from"); from != campaign.end() && from->is_array()) {
    for (const Json& number : *from) numbers.push_back(number.is_string() ? number.get<std::string>() : "");
  } else if (const auto lists = campaign.find("lists"); lists != campaign.end() && lists->is_array()) {
    for (const Json& sid : *lists) {
      const auto list = lists_.find(sid.is_string() ? sid.get<std::string>() : std::string());
      if (list == lists_.end()) return Failure(400, "no such list");
      numbers.insert(numbers.end(), list->second.numbers.begin(), list->second.numbers.end());
    }
  }
  const std::string caller_id = Text(campaign, "caller_id");
  if (caller_id.empty() || Text(campaign, "url").empty()) return Failure(400, "caller_id and url are needed");
  if (numbers.empty() || (campaign.contains("from") && numbers.size() > kMostInlineNumbers)) {
    return Failure(400, "a campaign has from 1 to 5000 numbers");
  }
  for (const std::string& number : numbers) {
    if (!IsNumber(number) || ScriptFor(number).reply == PlacingReply::kInvalidNumber) {
      return Failure(400, Concat("invalid number ", number));
    }
  }
  const std::string sid = NewSid();
  const std::string callback = Text(campaign, "call_status_callback");
  for (const std::string& number : numbers) {
    auto call = std::make_shared<Call>();
    call->account_sid = account.sid;
    call->from = number;
    call->exophone = International(caller_id);
    call->flow_url = Text(campaign, "url");
    call->custom_field = Text(campaign, "custom_field");
    call->campaign_sid = sid;
    exchange_.Place(call, [this, callback](const Call& ended) {
      if (callback.empty()) return;
      const Form params = {{"campaign_sid", ended.campaign_sid},
                           {"call_sid", ended.sid},
                           {"date_created", ZonedTime(ended.created)},
                           {"date_updated", ZonedTime(ended.updated)},
                           {"number", ended.from},
                           {"status", ended.status}};
      Json told;
      for (const auto& [name, value] : params) told[name] = value;
      Webhook webhook = Notification("campaign", ended.sid, callback);
      webhook.headers = {{"Content-Type", "application/json"}};
      webhook.body = WriteJson(told);
      webhook.params = params;
      sender_.Send(std::move(webhook));
    });
  }
  return Envelope(200, Json::array({Success({{"id", sid}, {"account_sid", account.sid}, {"status", "Created"}})}));
}

void Campaigns::Reset() {
  lists_.clear();
  uploads_.clear();
}

}  // namespace trunkline::twin::exotel
