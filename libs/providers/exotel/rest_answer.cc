#include "libs/providers/exotel/rest_answer.h"

#include <algorithm>
#include <pugixml.hpp>

#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/exotel/account_settings.h"
#include "libs/providers/exotel/errors.h"
#include "libs/providers/provider_status.h"

namespace trunkline::providers::exotel {
namespace {

constexpr int kDeepestXml = 6;

nlohmann::json JsonOfXml(const pugi::xml_node& node, int depth) {
  nlohmann::json object = nlohmann::json::object();
  bool has_children = false;
  for (const pugi::xml_node& child : node.children()) {
    if (child.type() != pugi::node_element || depth >= kDeepestXml) continue;
    has_children = true;
    object[child.name()] = JsonOfXml(child, depth + 1);
  }
  if (has_children) return object;
  const std::string text = node.text().get();
  return text.empty() ? nlohmann::json() : nlohmann::json(text);
}

nlohmann::json ReadBody(std::string_view text) {
  if (!Trim(text).starts_with('<')) return ParseJson(text);
  pugi::xml_document document;
  const pugi::xml_node root =
      document.load_buffer(text.data(), text.size()) ? document.document_element() : pugi::xml_node();
  return root ? JsonOfXml(root, 0) : nlohmann::json(nlohmann::json::value_t::discarded);
}

bool IsStatus(int64_t number) { return number >= 100 && number <= 599; }

void ReadElementError(const nlohmann::json& element, RestAnswer* answer) {
  const nlohmann::json* error = JsonMember(element, "error_data");
  if (error == nullptr) return;
  answer->code = JsonText(*error, "code");
  answer->message = JsonText(*error, "description");
  if (answer->message.empty()) answer->message = JsonText(*error, "message");
}

}  // namespace

RestAnswer ReadAnswer(const http::Response& response) {
  RestAnswer answer;
  answer.status = response.status;
  answer.body = ReadBody(response.body);
  answer.retry_after = ReadRetryAfter(http::FindHeader(response.headers, "retry-after"));
  if (!answer.HasBody()) return answer;
  if (const nlohmann::json* exception = JsonMember(answer.body, "RestException"); exception != nullptr) {
    answer.code = JsonText(*exception, "Code");
    answer.message = JsonText(*exception, "Message");
    const int64_t status = ParseInt(JsonText(*exception, "Status")).value_or(0);
    // A success that is an exception has no other word than the exception's.
    if (answer.IsSuccess()) answer.status = IsStatus(status) && status >= 300 ? static_cast<int>(status) : 400;
  } else if (!answer.IsSuccess()) {
    const nlohmann::json* elements = JsonMember(answer.body, "response");
    if (elements != nullptr && elements->is_array() && !elements->empty()) elements = &elements->front();
    ReadElementError(elements != nullptr ? *elements : answer.body, &answer);
  }
  return answer;
}

std::string JsonText(const nlohmann::json& object, std::string_view name) {
  if (!object.is_object()) return {};
  const auto member = object.find(std::string(name));
  if (member == object.end()) return {};
  if (member->is_string()) {
    std::string text = ToStorableText(member->get_ref<const std::string&>());
    return text == "null" ? std::string() : text;
  }
  return member->is_number() ? member->dump() : std::string();
}

const nlohmann::json* JsonMember(const nlohmann::json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto member = object.find(std::string(name));
  return member != object.end() && member->is_structured() ? &*member : nullptr;
}

calls::v1::CallError ErrorOf(const RestAnswer& answer) {
  return ErrorOfAnswer(answer.status, answer.code, answer.message);
}

absl::Status StatusOf(const RestAnswer& answer) {
  calls::v1::CallError error = ErrorOf(answer);
  // Whatever the words of a 408, 429 or 5xx are, the same may succeed later.
  if (answer.status == 408 || answer.status == 429 || answer.status >= 500) error.set_retryable(true);
  absl::Status status = providers::StatusOf(kProviderName, error);
  return error.retryable() && answer.retry_after.has_value() ? WithRetryAfter(std::move(status), *answer.retry_after)
                                                             : status;
}

std::optional<RestAnswer> FirstFailure(const RestAnswer& answer) {
  const nlohmann::json* elements = JsonMember(answer.body, "response");
  if (elements == nullptr || !elements->is_array()) return std::nullopt;
  for (const nlohmann::json& element : *elements) {
    const int64_t code = ParseInt(JsonText(element, "code")).value_or(200);
    const bool failed = JsonText(element, "status") == "failure" || (IsStatus(code) && code >= 300);
    if (!failed) continue;
    RestAnswer failure;
    failure.status = IsStatus(code) && code >= 300 ? static_cast<int>(code) : 400;
    failure.retry_after = answer.retry_after;
    ReadElementError(element, &failure);
    return failure;
  }
  return std::nullopt;
}

const nlohmann::json* FirstData(const RestAnswer& answer) {
  const nlohmann::json* elements = JsonMember(answer.body, "response");
  if (elements == nullptr) return nullptr;
  if (elements->is_array()) {
    if (elements->empty()) return nullptr;
    elements = &elements->front();
  }
  // Some answers wrap the object, some do not.
  const nlohmann::json* data = JsonMember(*elements, "data");
  return data != nullptr ? data : elements;
}

}  // namespace trunkline::providers::exotel
