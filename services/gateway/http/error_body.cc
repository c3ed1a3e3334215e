#include "services/gateway/http/error_body.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "google/rpc/error_details.pb.h"
#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::string_view kTypeUrl = "type.googleapis.com/";
constexpr std::string_view kReasonPrefix = "REASON_";

// Null for a payload of a type that this program does not know.
OrderedJson DetailOf(std::string_view type_url, const absl::Cord& payload) {
  if (!type_url.starts_with(kTypeUrl)) return {};
  const auto* descriptor = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
      std::string(type_url.substr(kTypeUrl.size())));
  if (descriptor == nullptr) return {};
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  if (!message->ParseFromString(std::string(payload))) return {};
  if (auto* bad_request = dynamic_cast<google::rpc::BadRequest*>(message.get())) {
    for (auto& violation : *bad_request->mutable_field_violations()) {
      violation.set_field(JsonPathOf(violation.field()));
    }
  }
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(*message, &text).ok()) return {};
  OrderedJson fields = ParseOrderedJson(text);
  if (!fields.is_object()) return {};
  OrderedJson detail;
  detail["@type"] = type_url;
  detail.update(fields);
  return detail;
}

}  // namespace

int HttpStatusOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

std::string JsonPathOf(std::string_view field) {
  std::string path;
  bool after_underscore = false;
  for (const char c : field) {
    if (c == '_') {
      after_underscore = true;
      continue;
    }
    path.push_back(after_underscore && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    after_underscore = false;
  }
  return path;
}

http::Response ErrorResponseOf(const absl::Status& status) {
  const int http_status = HttpStatusOf(status.code());
  OrderedJson error;
  error["code"] = absl::StatusCodeToString(status.code());
  error["status"] = http_status;
  if (const Reason reason = ReasonOf(status); reason != Reason::REASON_UNSPECIFIED) {
    error["reason"] = errors::v1::Reason_Name(reason).substr(kReasonPrefix.size());
  }
  error["message"] = ToStd(status.message());
  OrderedJson details = OrderedJson::array();
  status.ForEachPayload([&details](absl::string_view url, const absl::Cord& payload) {
    if (OrderedJson detail = DetailOf(ToStd(url), payload); !detail.is_null()) details.push_back(std::move(detail));
  });
  if (!details.empty()) error["details"] = std::move(details);
  OrderedJson body;
  body["error"] = std::move(error);
  // A message may quote bytes of a request: what is not UTF-8 is replaced, an error's answer must not fail itself.
  http::Response response = http::JsonResponse(http_status, WriteJson(body));
  if (http_status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (const std::optional<absl::Duration> delay = RetryAfterOf(status); delay.has_value()) {
    // Whole seconds, and never sooner than was said.
    const auto seconds = static_cast<int64_t>(std::ceil(std::max(absl::ToDoubleSeconds(*delay), 1.0)));
    response.headers.emplace_back("Retry-After", Concat(seconds));
  }
  return response;
}

}  // namespace trunkline::gateway
