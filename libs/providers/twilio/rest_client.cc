#include "libs/providers/twilio/rest_client.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/twilio/dial_parameters.h"
#include "libs/providers/twilio/markup.h"
#include "libs/providers/twilio/rest_call.h"
#include "libs/telephony/call_status.h"

namespace trunkline::providers::twilio {
namespace {

constexpr int kNotInState = 21220;
constexpr int kTooManyRequests = 20429;
constexpr int kPageSize = 200;
constexpr int kMostPages = 50;
constexpr size_t kLongestTwiml = 4000;

std::string CallsUrl(const Account& account) {
  return Concat(ApiUrlOf(account), "/2010-04-01/Accounts/", PercentEncode(account.Setting(kAccountSid)), "/Calls.json");
}

std::string CallUrl(const Account& account, std::string_view external_call_id) {
  return Concat(ApiUrlOf(account), "/2010-04-01/Accounts/", PercentEncode(account.Setting(kAccountSid)), "/Calls/",
                PercentEncode(external_call_id), ".json");
}

// UTF-8 characters: all bytes but those that continue one.
size_t CharactersIn(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

DialOutcome Problem(DialOutcome::Kind kind, calls::v1::CallErrorCode code, std::string_view message, bool retryable) {
  DialOutcome outcome;
  outcome.kind = kind;
  outcome.error.set_code(code);
  outcome.error.set_message(std::string(message));
  outcome.error.set_retryable(retryable);
  return outcome;
}

// What no answer says about a request to place a call; see libs/http/client.h.
DialOutcome OutcomeOfNoAnswer(const absl::Status& sent) {
  switch (sent.code()) {
    case absl::StatusCode::kUnavailable:
      return Problem(DialOutcome::Kind::kRejected, calls::v1::CALL_ERROR_CODE_UNAVAILABLE,
                     "the provider could not be reached", true);
    case absl::StatusCode::kInvalidArgument:
      return Problem(DialOutcome::Kind::kRejected, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG,
                     "the URL of the provider's API is not valid", false);
    case absl::StatusCode::kDeadlineExceeded:
      return Problem(DialOutcome::Kind::kInDoubt, calls::v1::CALL_ERROR_CODE_TIMEOUT,
                     "the provider did not answer in time", false);
    case absl::StatusCode::kOutOfRange:
      return Problem(DialOutcome::Kind::kInDoubt, calls::v1::CALL_ERROR_CODE_BAD_RESPONSE,
                     "the provider's answer is too long", false);
    default:
      return Problem(DialOutcome::Kind::kInDoubt, calls::v1::CALL_ERROR_CODE_UNAVAILABLE,
                     "the connection to the provider broke", false);
  }
}

DialOutcome OutcomeOf(const RestAnswer& answer) {
  DialOutcome outcome;
  if (answer.IsSuccess()) {
    outcome.external_call_id = JsonText(answer.body, "sid");
    if (!outcome.external_call_id.empty()) {
      outcome.kind = DialOutcome::Kind::kPlaced;
      return outcome;
    }
    return Problem(DialOutcome::Kind::kInDoubt, calls::v1::CALL_ERROR_CODE_BAD_RESPONSE,
                   "the provider's answer could not be understood", false);
  }
  outcome.error = ErrorOf(answer);
  // 429 is the one refusal that is certain whatever else is wrong: Twilio never processed the request.
  const bool refused = answer.http_status == 429 || answer.code == kTooManyRequests ||
                       (answer.http_status >= 400 && answer.http_status < 500 && answer.http_status != 408);
  outcome.kind = refused ? DialOutcome::Kind::kRejected : DialOutcome::Kind::kInDoubt;
  // What is in doubt must be found out, not asked for again.
  if (!refused) outcome.error.set_retryable(false);
  return outcome;
}

// The URL of a list's next page. Twilio gives it relative to the host; credentials go to no other.
absl::StatusOr<std::string> NextPage(const Account& account, const std::string& next_page_uri) {
  const std::string origin = ApiOriginOf(account);
  if (next_page_uri.starts_with(Concat(origin, "/"))) return next_page_uri;
  if (next_page_uri.starts_with('/') && !next_page_uri.starts_with("//")) return Concat(origin, next_page_uri);
  return absl::UnavailableError("twilio: the next page of a list is on another host");
}

}  // namespace

RestClient::RestClient(const ProviderOptions& options) : options_(options), client_(http::ClientOptions{}) {}

absl::StatusOr<RestAnswer> RestClient::Get(const std::string& url, const ApiCredentials& credentials) {
  const absl::StatusOr<http::Response> response = client_.Send({.method = "GET",
                                                                .url = url,
                                                                .headers = {{"accept", "application/json"}},
                                                                .body = {},
                                                                .username = credentials.username,
                                                                .password = credentials.password,
                                                                .timeout = options_.api_timeout});
  if (!response.ok()) return response.status();
  return ReadAnswer(*response);
}

absl::StatusOr<RestAnswer> RestClient::Post(const Account& account, const std::string& url, const Form& form) {
  const ApiCredentials credentials = ApiCredentialsOf(account);
  const absl::StatusOr<http::Response> response =
      client_.Send({.method = "POST",
                    .url = url,
                    .headers = {{"accept", "application/json"}, {"content-type", "application/x-www-form-urlencoded"}},
                    .body = EncodeForm(form),
                    .username = credentials.username,
                    .password = credentials.password,
                    .timeout = options_.api_timeout});
  if (!response.ok()) return response.status();
  return ReadAnswer(*response);
}

DialOutcome RestClient::PlaceCall(const Account& account, const DialRequest& request) {
  const absl::StatusOr<RestAnswer> answer =
      Post(account, CallsUrl(account), DialParameters(options_, account, request));
  return answer.ok() ? OutcomeOf(*answer) : OutcomeOfNoAnswer(answer.status());
}

absl::StatusOr<ProviderCall> RestClient::FetchCall(const Account& account, std::string_view external_call_id) {
  const absl::StatusOr<RestAnswer> answer = Get(CallUrl(account, external_call_id), ApiCredentialsOf(account));
  if (!answer.ok()) return StatusOfNoAnswer(answer.status());
  if (!answer->IsSuccess()) return StatusOf(*answer);
  std::optional<ProviderCall> call = ReadCall(answer->body, account, absl::Now());
  if (!call.has_value()) return absl::UnavailableError("twilio: the answer is no call");
  return *std::move(call);
}

absl::StatusOr<std::vector<ProviderCall>> RestClient::ListCalls(const Account& account, std::string_view from,
                                                                std::string_view to, absl::Time since) {
  // Twilio tells times in whole seconds.
  const absl::Time earliest = absl::FromUnixSeconds(absl::ToUnixSeconds(since));
  const Form between = {{"To", std::string(to)}, {"From", std::string(from)}, {"PageSize", Concat(kPageSize)}};
  Form started = between;
  started.emplace_back("StartTime>", absl::FormatTime("%Y-%m-%d", earliest, absl::UTCTimeZone()));

  std::vector<ProviderCall> calls;
  TL_RETURN_IF_ERROR(AddCalls(account, started, earliest, &calls));
  // Calls that have not been answered yet have no start time, and no filter by time finds them.
  for (const char* status : {"queued", "ringing"}) {
    Form waiting = between;
    waiting.emplace_back("Status", status);
    TL_RETURN_IF_ERROR(AddCalls(account, waiting, earliest, &calls));
  }
  std::set<std::string> seen;
  std::erase_if(calls, [&seen](const ProviderCall& call) { return !seen.insert(call.external_call_id).second; });
  return calls;
}

absl::Status RestClient::AddCalls(const Account& account, const Form& filter, absl::Time since,
                                  std::vector<ProviderCall>* calls) {
  std::string url = Concat(CallsUrl(account), "?", EncodeForm(filter));
  for (int page = 0; page < kMostPages; ++page) {
    const absl::StatusOr<RestAnswer> answer = Get(url, ApiCredentialsOf(account));
    if (!answer.ok()) return StatusOfNoAnswer(answer.status());
    if (!answer->IsSuccess()) return StatusOf(*answer);
    const auto list = answer->HasBody() ? answer->body.find("calls") : answer->body.end();
    if (!answer->HasBody() || list == answer->body.end() || !list->is_array()) {
      return absl::UnavailableError("twilio: the answer is no list of calls");
    }
    for (const nlohmann::json& object : *list) {
      std::optional<ProviderCall> call = ReadCall(object, account, absl::Now());
      // A list that cannot be read in full must not pass for one without the call that is looked for.
      if (!call.has_value()) return absl::UnavailableError("twilio: the list has something that is no call");
      if (call->created_at >= since) calls->push_back(*std::move(call));
    }
    const std::string next = JsonText(answer->body, "next_page_uri");
    if (next.empty()) return absl::OkStatus();
    TL_ASSIGN_OR_RETURN(url, NextPage(account, next));
  }
  return absl::UnavailableError("twilio: the list of calls does not end");
}

absl::Status RestClient::EndCall(const Account& account, std::string_view external_call_id) {
  const absl::StatusOr<RestAnswer> answer =
      Post(account, CallUrl(account, external_call_id), {{"Status", "completed"}});
  if (!answer.ok()) return StatusOfNoAnswer(answer.status());
  if (answer->IsSuccess() || answer->code == kNotInState) return absl::OkStatus();
  if (answer->http_status == 404) {
    const absl::StatusOr<ProviderCall> call = FetchCall(account, external_call_id);
    if (call.ok() && telephony::IsEnded(call->event.status())) return absl::OkStatus();
  }
  return StatusOf(*answer);
}

absl::Status RestClient::UpdateCall(const Account& account, std::string_view external_call_id, std::string_view call_id,
                                    const plans::v1::CallPlan& plan) {
  const RenderContext context{options_.public_url, account.id, std::string(call_id)};
  const std::string twiml = RenderTwiml(plan, context);
  if (CharactersIn(twiml) > kLongestTwiml) {
    return absl::FailedPreconditionError(
        "twilio: the plan is too long for a live call; give the later verbs a step of their own");
  }
  const absl::StatusOr<RestAnswer> answer = Post(account, CallUrl(account, external_call_id), {{"Twiml", twiml}});
  if (!answer.ok()) return StatusOfNoAnswer(answer.status());
  return answer->IsSuccess() ? absl::OkStatus() : StatusOf(*answer);
}

absl::StatusOr<std::vector<AccountProblem>> RestClient::CheckAccount(const Account& account) {
  std::vector<AccountProblem> problems = CheckAccountForm(account);
  if (!problems.empty()) return problems;
  // The token is asked for itself: with an API key beside it, it still signs the webhooks.
  TL_RETURN_IF_ERROR(Probe(account, TokenCredentialsOf(account), "credentials.auth_token", &problems));
  if (!account.Credential(kApiKeySid).empty()) {
    TL_RETURN_IF_ERROR(Probe(account, ApiCredentialsOf(account), "credentials.api_key_secret", &problems));
  }
  return problems;
}

absl::Status RestClient::Probe(const Account& account, const ApiCredentials& credentials, std::string_view field,
                               std::vector<AccountProblem>* problems) {
  // Not the account itself, which a standard API key may not read although it may call.
  const absl::StatusOr<RestAnswer> answer = Get(Concat(CallsUrl(account), "?PageSize=1"), credentials);
  if (!answer.ok()) {
    const absl::Status status = StatusOfNoAnswer(answer.status());
    if (status.code() == absl::StatusCode::kUnavailable) return status;
    problems->push_back({"settings.api_url", "MALFORMED", "the URL of the API is not valid"});
    return absl::OkStatus();
  }
  if (answer->IsSuccess()) return absl::OkStatus();
  const absl::Status status = StatusOf(*answer);
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return status;
    case absl::StatusCode::kPermissionDenied:
      problems->push_back({std::string(field), "CREDENTIALS_REFUSED", ErrorOf(*answer).message()});
      return absl::OkStatus();
    case absl::StatusCode::kNotFound:
      problems->push_back({"settings.account_sid", "UNKNOWN_ACCOUNT", "the provider does not know this account"});
      return absl::OkStatus();
    default:
      problems->push_back({"", "REFUSED", ErrorOf(*answer).message()});
      return absl::OkStatus();
  }
}

}  // namespace trunkline::providers::twilio
