#include "libs/tracking/rest_session.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/tracking_error.h"

namespace trunkline::tracking {
namespace {

constexpr size_t kLargestAnswer = 32 * 1024 * 1024;
constexpr size_t kLongestErrorText = 2048;

v1::TrackingErrorCode CodeOfHttp(int status) {
  if (status >= 200 && status < 300) return v1::TRACKING_ERROR_CODE_UNSPECIFIED;
  switch (status) {
    case 401:
      return v1::TRACKING_ERROR_CODE_AUTH_INVALID;
    case 403:
      return v1::TRACKING_ERROR_CODE_FORBIDDEN;
    case 404:
      return v1::TRACKING_ERROR_CODE_NOT_FOUND;
    case 408:
      return v1::TRACKING_ERROR_CODE_TIMEOUT;
    case 410:
      return v1::TRACKING_ERROR_CODE_GONE;
    case 429:
      return v1::TRACKING_ERROR_CODE_RATE_LIMITED;
    case 503:
      return v1::TRACKING_ERROR_CODE_MAINTENANCE;
    default:
      break;
  }
  if (status >= 500) return v1::TRACKING_ERROR_CODE_SERVER_ERROR;
  // A redirect would carry the credentials elsewhere; none is followed.
  return status >= 400 ? v1::TRACKING_ERROR_CODE_VALIDATION_FAILED : v1::TRACKING_ERROR_CODE_BAD_RESPONSE;
}

v1::TrackingErrorCode CodeOfNoAnswer(const absl::Status& sent) {
  switch (sent.code()) {
    case absl::StatusCode::kDeadlineExceeded:
      return v1::TRACKING_ERROR_CODE_TIMEOUT;
    case absl::StatusCode::kOutOfRange:
      return v1::TRACKING_ERROR_CODE_BAD_RESPONSE;
    case absl::StatusCode::kInvalidArgument:
      return v1::TRACKING_ERROR_CODE_CONFIG_INVALID;
    default:
      return v1::TRACKING_ERROR_CODE_NETWORK;
  }
}

// What a platform's words may hold: our credentials, when it repeats the request.
std::string Presentable(std::string_view text, const Account& account) {
  text = Trim(text);
  return ToStorableText(WithoutCredentials(text.substr(0, kLongestErrorText), account));
}

void AppendTexts(const nlohmann::json& value, std::string* out) {
  if (value.is_structured()) {
    for (const auto& [name, member] : value.items()) {
      if (value.is_object()) *out += Concat(out->empty() ? "" : "; ", name, ":");
      AppendTexts(member, out);
    }
    return;
  }
  const std::string text = TextOf(value);
  if (!text.empty()) *out += Concat(out->empty() ? "" : " ", text);
}

}  // namespace

std::string ErrorTextOf(const ApiAnswer& answer) {
  for (const std::string_view name : {"error", "errors", "message"}) {
    const nlohmann::json* member = FindMember(answer.body, name);
    std::string text;
    if (member != nullptr) AppendTexts(*member, &text);
    if (!text.empty()) return text;
  }
  return answer.body.is_null() ? answer.text.substr(0, kLongestErrorText) : std::string();
}

RestSession::RestSession(std::string_view platform, const PlatformOptions& options, absl::Duration timeout,
                         ErrorReader reader)
    : platform_(platform),
      timeout_(options.api_timeout.value_or(timeout)),
      reader_(reader),
      gate_(options.gate),
      clock_(*options.clock),
      client_(http::ClientOptions{.max_body_bytes = kLargestAnswer}) {}

absl::StatusOr<ApiAnswer> RestSession::Ask(const Account& account, const ApiRequest& request, Receipt* receipt) {
  if (gate_ != nullptr) TL_RETURN_IF_ERROR(gate_->Admit(account, request.resource, request.endpoint));
  http::Headers headers = request.headers;
  headers.emplace_back("accept", "application/json");
  SentRequest told{.platform = platform_,
                   .account_id = account.id,
                   .resource = request.resource,
                   .endpoint = request.endpoint,
                   .sent_at = clock_.Now()};
  absl::StatusOr<http::Response> response = client_.Send({.method = request.method,
                                                          .url = request.url,
                                                          .headers = std::move(headers),
                                                          .body = request.body,
                                                          .username = request.username,
                                                          .password = request.password,
                                                          .timeout = timeout_});
  told.answered_at = clock_.Now();
  ApiAnswer answer;
  absl::Status failure = absl::OkStatus();
  if (!response.ok()) {
    failure = FailureOf(account, request, response.status(), &told);
  } else {
    answer.status = response->status;
    answer.text = std::move(response->body);
    answer.headers = std::move(response->headers);
    answer.body = ParseExactJson(answer.text).value_or(nlohmann::json());
    told.http_status = answer.status;
    told.server_time = ReadHttpDate(http::FindHeader(answer.headers, "date"));
    failure = FailureOf(account, request, answer, &told);
  }
  *receipt = {.sent_at = told.sent_at,
              .answered_at = told.answered_at,
              .server_time = told.server_time,
              .requests = receipt->requests + 1};
  answer.receipt = *receipt;
  if (gate_ != nullptr) gate_->Tell(told);
  if (!failure.ok()) return failure;
  return answer;
}

absl::Status RestSession::Fail(v1::TrackingErrorCode code, std::string_view message) const {
  return StatusOf(MakeError(platform_, code, message));
}

absl::Status RestSession::FailureOf(const Account& account, const ApiRequest& request, const absl::Status& sent,
                                    SentRequest* told) const {
  v1::TrackingError error = MakeError(platform_, CodeOfNoAnswer(sent), Presentable(ToStd(sent.message()), account));
  error.set_endpoint(request.endpoint);
  if (request.once_only) error.set_retryable(false);
  told->error = error.code();
  return StatusOf(error);
}

absl::Status RestSession::FailureOf(const Account& account, const ApiRequest& request, const ApiAnswer& answer,
                                    SentRequest* told) const {
  const v1::TrackingErrorCode code = CodeOfHttp(answer.status);
  v1::TrackingError error = MakeError(platform_, code, ErrorTextOf(answer));
  error.set_http_status(answer.status);
  reader_(answer, &error);
  if (error.code() == v1::TRACKING_ERROR_CODE_UNSPECIFIED) return absl::OkStatus();
  error.set_retryable(IsRetryable(error.code()));
  // Whether a purchase went through is not known after these.
  const bool in_doubt = answer.status >= 500 && error.code() != v1::TRACKING_ERROR_CODE_OUT_OF_STOCK;
  if (request.once_only && in_doubt) error.set_retryable(false);
  error.set_endpoint(request.endpoint);
  error.set_message(Presentable(error.message(), account));
  if (error.message().empty()) error.set_message(Concat("HTTP ", answer.status));
  const absl::Time server_time = told->server_time.value_or(told->answered_at);
  told->retry_after = ReadRetryAfter(http::FindHeader(answer.headers, "retry-after"), server_time);
  if (told->retry_after.has_value()) *error.mutable_retry_after() = telephony::ToProto(*told->retry_after);
  told->error = error.code();
  return StatusOf(error);
}

}  // namespace trunkline::tracking
