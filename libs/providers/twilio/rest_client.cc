#include "libs/providers/twilio/rest_client.h"

#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/provider_status.h"
#include "libs/providers/twilio/dial_parameters.h"
#include "libs/providers/twilio/errors.h"
#include "libs/providers/twilio/paged_list.h"
#include "libs/providers/twilio/rest_call.h"
#include "libs/providers/twilio/webhook_urls.h"
#include "libs/telephony/call_status.h"

namespace trunkline::providers::twilio {
namespace {

constexpr int kTooManyRequests = 20429;
constexpr int kPageSize = 200;
constexpr absl::Duration kLongestWait = absl::Hours(48);

std::string DayOf(absl::Time time) { return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()); }

std::string CallsUrl(const Account& account) { return ResourceUrl(account, "/Calls.json"); }

DialOutcome OutcomeOf(const RestAnswer& answer) {
  if (!answer.IsSuccess()) {
    // Whatever else is wrong: what is refused with 20429 was never processed.
    return OutcomeOfRefusal(answer.code == kTooManyRequests ? 429 : answer.http_status, ErrorOf(answer),
                            answer.retry_after);
  }
  DialOutcome outcome;
  outcome.external_call_id = JsonText(answer.body, "sid");
  if (outcome.external_call_id.empty()) return OutcomeOfStrangeAnswer();
  outcome.kind = DialOutcome::Kind::kPlaced;
  return outcome;
}

}  // namespace

RestClient::RestClient(const ProviderOptions& options, RestApi& api)
    : CallClient(kProviderName), options_(options), api_(api) {}

DialOutcome RestClient::PlaceCall(const Account& account, const DialRequest& request) {
  const absl::StatusOr<RestAnswer> answer =
      api_.Post(account, CallsUrl(account), DialParameters(options_, account, request));
  return answer.ok() ? OutcomeOf(*answer) : OutcomeOfNoAnswer(answer.status());
}

absl::StatusOr<ProviderCall> RestClient::FetchCall(const Account& account, std::string_view external_call_id) {
  const absl::StatusOr<RestAnswer> answer = api_.Get(account, CallUrl(account, external_call_id));
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  if (!answer->IsSuccess()) return StatusOf(*answer);
  std::optional<ProviderCall> call = ReadCall(answer->body, account, absl::Now());
  if (!call.has_value()) return absl::UnavailableError("twilio: the answer is no call");
  return *std::move(call);
}

absl::StatusOr<std::vector<ProviderCall>> RestClient::ListCalls(const Account& account, const CallFilter& filter) {
  // Twilio tells times in whole seconds.
  CallFilter wanted = filter;
  if (filter.created_since != absl::InfinitePast()) {
    wanted.created_since = absl::FromUnixSeconds(absl::ToUnixSeconds(filter.created_since));
  }
  Form parties;
  if (!filter.to.empty()) parties.emplace_back("To", filter.to);
  if (!filter.from.empty()) parties.emplace_back("From", filter.from);
  parties.emplace_back("PageSize", Concat(kPageSize));
  Form started = parties;
  if (filter.created_since != absl::InfinitePast()) started.emplace_back("StartTime>", DayOf(wanted.created_since));
  if (filter.created_before != absl::InfiniteFuture()) {
    // A call starts a while after it is created.
    started.emplace_back("StartTime<", DayOf(wanted.created_before + kLongestWait));
  }

  std::vector<ProviderCall> calls;
  TL_RETURN_IF_ERROR(AddCalls(account, started, wanted, &calls));
  // Calls that have not been answered yet have no start time, and no filter by time finds them.
  for (const char* status : {"queued", "ringing"}) {
    Form waiting = parties;
    waiting.emplace_back("Status", status);
    TL_RETURN_IF_ERROR(AddCalls(account, waiting, wanted, &calls));
  }
  std::set<std::string> seen;
  std::erase_if(calls, [&seen](const ProviderCall& call) { return !seen.insert(call.external_call_id).second; });
  return calls;
}

absl::Status RestClient::AddCalls(const Account& account, const Form& query, const CallFilter& filter,
                                  std::vector<ProviderCall>* calls) {
  const std::string url = Concat(CallsUrl(account), "?", EncodeForm(query));
  return ReadList(api_, account, url, "calls", [&](const nlohmann::json& object) {
    std::optional<ProviderCall> call = ReadCall(object, account, absl::Now());
    // A list that cannot be read in full must not pass for one without the call that is looked for.
    if (!call.has_value()) return absl::UnavailableError("twilio: the list has something that is no call");
    if (call->created_at >= filter.created_since && call->created_at < filter.created_before) {
      calls->push_back(*std::move(call));
    }
    return absl::OkStatus();
  });
}

absl::Status RestClient::EndCall(const Account& account, std::string_view external_call_id) {
  const absl::StatusOr<RestAnswer> answer =
      api_.Post(account, CallUrl(account, external_call_id), {{"Status", "completed"}});
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  if (answer->IsSuccess() || answer->code == kNotInState) return absl::OkStatus();
  if (answer->http_status == 404) {
    const absl::StatusOr<ProviderCall> call = FetchCall(account, external_call_id);
    if (call.ok() && telephony::IsEnded(call->event.status())) return absl::OkStatus();
  }
  return StatusOf(*answer);
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
  const absl::StatusOr<RestAnswer> answer = api_.Get(credentials, Concat(CallsUrl(account), "?PageSize=1"));
  if (!answer.ok()) {
    absl::Status status = StatusOfNoAnswer(kProviderName, answer.status());
    if (status.code() == absl::StatusCode::kUnavailable) return status;
    problems->push_back({"settings.api_url", "MALFORMED", "the URL of the API is not valid"});
    return absl::OkStatus();
  }
  if (answer->IsSuccess()) return absl::OkStatus();
  absl::Status status = StatusOf(*answer);
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
