#include "libs/tracking/notification.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/webhook_url.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking {
namespace {

using nlohmann::json;

constexpr size_t kLargestBody = 256 * 1024;
constexpr JsonLimits kLimits{.depth = 32, .members = 500};
constexpr size_t kLongestId = 255;
constexpr std::array<std::string_view, 4> kIdsInCall = {"uuid", "inboundCallId", "InboundCallId", "id"};
constexpr std::array<std::string_view, 3> kFlatUuids = {"uuid", "call_uuid", "callUuid"};
// Also with the platform's name in front.
constexpr std::string_view kUuidEnding = "_call_uuid";
constexpr std::array<std::string_view, 7> kFlatIds = {"inboundCallId", "InboundCallId", "call_id", "callId",
                                                      "call[uuid]",    "call[id]",      "id"};
constexpr std::string_view kTest = "test_or_misconfigured";

template <typename Names>
std::string FirstId(const json& object, const Names& names) {
  for (const std::string_view name : names) {
    const std::string id = MemberText(object, name);
    if (!IsPlaceholder(id) && id.size() <= kLongestId) return std::string(Trim(id));
  }
  return {};
}

// Of parameters that lie flat.
std::string FlatId(const json& members) {
  std::string id = FirstId(members, kFlatUuids);
  if (!id.empty()) return id;
  for (const auto& [name, value] : members.items()) {
    if (!std::string_view(name).ends_with(kUuidEnding)) continue;
    id = FirstId(members, std::array<std::string_view, 1>{name});
    if (!id.empty()) return id;
  }
  return FirstId(members, kFlatIds);
}

// The parameters of the URL as an object; of a name that comes twice the first counts.
json QueryObject(std::string_view url) {
  json object = json::object();
  for (const auto& [name, value] : ParseForm(QueryOf(url))) {
    const std::string key = ToStorableText(name);
    // Ours, and no word of the platform's.
    if (key == "account" || object.contains(key)) continue;
    object[key] = ToStorableText(value);
  }
  return object;
}

NotifiedEvent EventOf(std::string_view word, const std::vector<EventWord>& words) {
  const std::string lower = Lower(word);
  const auto found =
      std::find_if(words.begin(), words.end(), [&](const EventWord& known) { return known.word == lower; });
  return found == words.end() ? NotifiedEvent::kUpdated : found->event;
}

// The object that is the call itself; null where the parameters lie flat.
const json* CallObjectOf(const json& body) {
  for (const std::string_view name : {"call", "data"}) {
    const json* member = FindMember(body, name);
    if (member != nullptr && member->is_object() && !FirstId(*member, kIdsInCall).empty()) return member;
  }
  // A flat call object is one that tells more of itself than a template would.
  const bool flat = !MemberText(body, "uuid").empty() &&
                    (body.contains("updated_at") || body.contains("created_at") || body.contains("start_time"));
  return flat ? &body : nullptr;
}

Notification ReadOne(const json& query, const json& body, std::string_view event, const std::vector<EventWord>& words) {
  Notification read;
  if (const json* call = CallObjectOf(body); call != nullptr) {
    read.is_call_object = true;
    read.members = *call;
    read.external_id = FirstId(*call, kIdsInCall);
  } else {
    read.members = query;
    if (body.is_object()) read.members.update(body);
    read.external_id = FlatId(read.members);
  }
  read.word = ToText(event).value_or("");
  if (read.word.empty()) read.word = ToText(MemberText(query, "event")).value_or("");
  if (read.word.empty() && body.is_object()) read.word = ToText(MemberText(body, "event")).value_or("");
  read.event = EventOf(read.word, words);
  return read;
}

json FormObject(std::string_view body) {
  json object = json::object();
  size_t members = 0;
  for (const auto& [name, value] : ParseForm(body)) {
    if (++members > kLimits.members) break;
    const std::string key = ToStorableText(name);
    if (!key.empty() && !object.contains(key)) object[key] = ToStorableText(value);
  }
  return object;
}

void Add(Notification notification, WebhookContent* content) {
  if (notification.event == NotifiedEvent::kIgnored) {
    content->remark = "ignored_event_type";
  } else if (notification.external_id.empty()) {
    content->remark = kTest;
  } else {
    content->notifications.push_back(std::move(notification));
  }
}

}  // namespace

absl::StatusOr<WebhookContent> ReadWebhook(std::string_view url, std::string_view body, std::string_view event,
                                           const std::vector<EventWord>& words) {
  if (body.size() > kLargestBody) return absl::OutOfRangeError("the body is larger than 256 KiB");
  const json query = QueryObject(url);
  std::string in_url = ReadWebhookUrl(url).event;
  if (!in_url.empty()) event = in_url;
  const std::string_view text = Trim(body);
  WebhookContent content;
  if (text.starts_with('{') || text.starts_with('[')) {
    const std::optional<json> parsed = ParseExactJson(text, kLimits);
    if (parsed.has_value() && parsed->is_array()) {
      for (const json& element : *parsed) Add(ReadOne(query, element, event, words), &content);
      if (parsed->empty()) content.remark = kTest;
      return content;
    }
    Notification notification = ReadOne(query, parsed.value_or(json::object()), event, words);
    if (!parsed.has_value() && notification.external_id.empty()) {
      const bool is_json = json::accept(text.begin(), text.end());
      return is_json ? absl::OutOfRangeError("the body is nested too deep or has too many members")
                     : absl::InvalidArgumentError("the body is no JSON, and the URL names no call");
    }
    Add(std::move(notification), &content);
    return content;
  }
  const bool is_form = text.empty() || (!text.starts_with('<') && text.find('=') != std::string_view::npos);
  Add(ReadOne(query, is_form ? FormObject(text) : json::object(), event, words), &content);
  if (!is_form && content.notifications.empty()) content.remark = "unparsed_body";
  return content;
}

std::string BodyOf(const Notification& notification) {
  return WriteJson(notification.is_call_object ? json{{"call", notification.members}} : notification.members);
}

}  // namespace trunkline::tracking
