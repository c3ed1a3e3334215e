#include "libs/providers/plivo/rest_client.h"

#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/plivo/account_settings.h"
#include "libs/providers/plivo/dial_parameters.h"
#include "libs/providers/plivo/party.h"
#include "libs/providers/plivo/rest_call.h"
#include "libs/providers/plivo/webhook_urls.h"
#include "libs/providers/provider_status.h"

namespace trunkline::providers::plivo {
namespace {

// A filter's time has no zone, and whether UTC or the account's is meant nobody says.
constexpr absl::Duration kZoneDoubt = absl::Hours(15);
// From asking for a call to its end: it waits in the queue, rings, and talks for a day at most.
constexpr absl::Duration kLongestCall = absl::Hours(48);
// Plivo keeps its records for 90 days.
constexpr absl::Duration kRetention = absl::Hours(24 * 90);

// Where calls are before they have a record.
constexpr std::string_view kQueuedStatus = "queued";
constexpr std::string_view kLiveStatus = "live";

std::string FilterTime(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::UTCTimeZone()); }

DialOutcome Refused(const RestAnswer& answer) {
  return OutcomeOfRefusal(answer.http_status, ErrorOf(answer), answer.retry_after);
}

DialOutcome Placed(std::string external_call_id) {
  DialOutcome outcome;
  outcome.kind = DialOutcome::Kind::kPlaced;
  outcome.external_call_id = std::move(external_call_id);
  return outcome;
}

// The id of a request for one call; Plivo's own library takes a list of one for possible too.
std::string RequestUuidOf(const nlohmann::json& body) {
  const std::string uuid = JsonText(body, "request_uuid");
  const auto list = body.find("request_uuid");
  const bool one = list != body.end() && list->is_array() && list->size() == 1 && list->front().is_string();
  return one ? ToStorableText(list->front().get_ref<const std::string&>()) : uuid;
}

absl::Status NoSuchCall() { return absl::NotFoundError("plivo: no call has such an id"); }

bool LetsThrough(const CallFilter& filter, const ProviderCall& call) {
  // Records tell times in whole seconds.
  const absl::Time since = filter.created_since == absl::InfinitePast()
                               ? filter.created_since
                               : absl::FromUnixSeconds(absl::ToUnixSeconds(filter.created_since));
  return (filter.from.empty() || call.from == filter.from) && (filter.to.empty() || call.to == filter.to) &&
         call.created_at >= since && call.created_at < filter.created_before;
}

}  // namespace

RestClient::RestClient(const ProviderOptions& options, RestApi& api)
    : CallClient(kProviderName), options_(options), api_(api) {}

DialOutcome RestClient::PlaceCall(const Account& account, const DialRequest& request) {
  const absl::StatusOr<RestAnswer> answer =
      api_.Post(account, ResourceUrl(account, "/Call/"), DialParameters(options_, account, request));
  if (!answer.ok()) return OutcomeOfNoAnswer(answer.status());
  if (!answer->IsSuccess()) return Refused(*answer);
  std::string uuid = answer->HasBody() ? RequestUuidOf(answer->body) : std::string();
  return uuid.empty() ? OutcomeOfStrangeAnswer() : Placed(std::move(uuid));
}

std::vector<DialOutcome> RestClient::PlaceCalls(const Account& account, const BulkDialRequest& request) {
  const size_t count = request.to.size();
  if (count == 0) return {};
  if (count > kLargestBulk) {
    DialOutcome refused;
    refused.kind = DialOutcome::Kind::kRejected;
    refused.error.set_code(calls::v1::CALL_ERROR_CODE_INVALID_CONFIG);
    refused.error.set_message(Concat("plivo takes at most ", kLargestBulk, " numbers at once"));
    return std::vector<DialOutcome>(count, refused);
  }
  const absl::StatusOr<RestAnswer> answer =
      api_.Post(account, ResourceUrl(account, "/Call/"), BulkDialParameters(options_, account, request));
  if (!answer.ok()) return std::vector<DialOutcome>(count, OutcomeOfNoAnswer(answer.status()));
  if (!answer->IsSuccess()) return std::vector<DialOutcome>(count, Refused(*answer));
  const auto uuids = answer->HasBody() ? answer->body.find("request_uuid") : answer->body.end();
  if (!answer->HasBody() || uuids == answer->body.end()) {
    return std::vector<DialOutcome>(count, OutcomeOfStrangeAnswer());
  }
  // In the order of the numbers. A list of another length says that all were placed, but not which is which: the
  // webhooks will tell.
  std::vector<DialOutcome> outcomes(count, Placed({}));
  if (count == 1) outcomes[0].external_call_id = RequestUuidOf(answer->body);
  if (uuids->is_array() && uuids->size() == count) {
    for (size_t i = 0; i < count; ++i) {
      const nlohmann::json& uuid = (*uuids)[i];
      if (uuid.is_string()) outcomes[i].external_call_id = ToStorableText(uuid.get_ref<const std::string&>());
    }
  }
  return outcomes;
}

absl::StatusOr<ProviderCall> RestClient::FetchWaiting(const Account& account, std::string_view uuid,
                                                      std::string_view status) {
  const absl::StatusOr<RestAnswer> answer = api_.Get(account, Concat(CallUrl(account, uuid), "?status=", status));
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  if (!answer->IsSuccess()) return StatusOf(*answer);
  std::optional<ProviderCall> call = ReadLiveCall(answer->body, account, absl::Now());
  if (!call.has_value()) return absl::UnavailableError("plivo: the answer is no call");
  return *std::move(call);
}

absl::StatusOr<ProviderCall> RestClient::FetchCall(const Account& account, std::string_view external_call_id) {
  if (!IsPathId(external_call_id)) return NoSuchCall();
  // The way that calls go: one that goes on between two questions is found by the second.
  absl::StatusOr<ProviderCall> call = FetchWaiting(account, external_call_id, kQueuedStatus);
  if (call.ok() || call.status().code() != absl::StatusCode::kNotFound) return call;
  return FetchStarted(account, external_call_id);
}

absl::StatusOr<ProviderCall> RestClient::FetchStarted(const Account& account, std::string_view external_call_id) {
  if (!IsPathId(external_call_id)) return NoSuchCall();
  absl::StatusOr<ProviderCall> live = FetchWaiting(account, external_call_id, kLiveStatus);
  if (live.ok() || live.status().code() != absl::StatusCode::kNotFound) return live;
  const absl::StatusOr<RestAnswer> answer = api_.Get(account, CallUrl(account, external_call_id));
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  if (!answer->IsSuccess()) return StatusOf(*answer);
  std::optional<ProviderCall> call = ReadCallRecord(answer->body, account, absl::Now());
  if (!call.has_value()) return absl::UnavailableError("plivo: the answer is no call");
  return *std::move(call);
}

absl::StatusOr<std::vector<ProviderCall>> RestClient::ListCalls(const Account& account, const CallFilter& filter) {
  std::vector<ProviderCall> calls;
  // Queued calls become live and live ones become records: asked for in this order, none slips through.
  for (const std::string_view status : {kQueuedStatus, kLiveStatus})
    TL_RETURN_IF_ERROR(AddWaiting(account, status, &calls));
  TL_RETURN_IF_ERROR(AddRecords(account, filter, &calls));
  // The last word on a call counts, which is its record.
  std::set<std::string> seen;
  std::vector<ProviderCall> wanted;
  for (auto call = calls.rbegin(); call != calls.rend(); ++call) {
    if (seen.insert(call->external_call_id).second && LetsThrough(filter, *call)) wanted.push_back(std::move(*call));
  }
  return wanted;
}

absl::Status RestClient::AddWaiting(const Account& account, std::string_view status, std::vector<ProviderCall>* calls) {
  const absl::StatusOr<RestAnswer> answer =
      api_.Get(account, Concat(ResourceUrl(account, "/Call/"), "?status=", status));
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  if (!answer->IsSuccess()) return StatusOf(*answer);
  const auto uuids = answer->HasBody() ? answer->body.find("calls") : answer->body.end();
  if (!answer->HasBody() || uuids == answer->body.end() || !uuids->is_array()) {
    return absl::UnavailableError("plivo: the answer is no list of calls");
  }
  for (const nlohmann::json& uuid : *uuids) {
    if (!uuid.is_string()) return absl::UnavailableError("plivo: the list has something that is no call");
    // By now it may have gone on to where it is asked for next.
    const auto& id = uuid.get_ref<const std::string&>();
    absl::StatusOr<ProviderCall> call = status == kQueuedStatus ? FetchCall(account, id) : FetchStarted(account, id);
    if (call.ok()) {
      calls->push_back(*std::move(call));
    } else if (call.status().code() == absl::StatusCode::kNotFound) {
      return absl::UnavailableError("plivo: a call has just ended and has no record yet");
    } else {
      return call.status();
    }
  }
  return absl::OkStatus();
}

absl::Status RestClient::AddRecords(const Account& account, const CallFilter& filter,
                                    std::vector<ProviderCall>* calls) {
  // Without a time Plivo lists the last seven days.
  const absl::Time since =
      filter.created_since == absl::InfinitePast() ? absl::Now() - kRetention : filter.created_since - kZoneDoubt;
  Form query = {{"end_time__gte", FilterTime(since)}};
  if (filter.created_before != absl::InfiniteFuture()) {
    query.emplace_back("end_time__lte", FilterTime(filter.created_before + kLongestCall + kZoneDoubt));
  }
  // Records have numbers with and without '+', and a filter is not promised to see through that.
  std::vector<Form> queries;
  const std::string_view name = filter.to.empty() ? "from_number" : "to_number";
  const std::string& number = filter.to.empty() ? filter.from : filter.to;
  for (const std::string& written : std::set<std::string>{ToPlivoNumber(number), number}) {
    queries.push_back(query);
    if (!written.empty()) queries.back().emplace_back(name, written);
  }
  for (const Form& one : queries) {
    TL_RETURN_IF_ERROR(api_.ForEach(account, "/Call/", one, [&](const nlohmann::json& object) -> absl::Status {
      std::optional<ProviderCall> call = ReadCallRecord(object, account, absl::Now());
      // A list that cannot be read in full must not pass for one without the call that is looked for.
      if (!call.has_value()) return absl::UnavailableError("plivo: the list has something that is no call");
      calls->push_back(*std::move(call));
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

absl::Status RestClient::EndCall(const Account& account, std::string_view external_call_id) {
  if (!IsPathId(external_call_id)) return NoSuchCall();
  // The second hangs up calls that are queued or ring, the first what is live: also what was answered between the two.
  for (const char* resource : {"/Call/", "/Request/", "/Call/"}) {
    const absl::StatusOr<RestAnswer> answer =
        api_.Delete(account, ResourceUrl(account, Concat(resource, PercentEncode(external_call_id), "/")));
    if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
    if (answer->IsSuccess()) return absl::OkStatus();
    if (!answer->IsNotFound()) return StatusOf(*answer);
  }
  // Neither a live call nor one that waits: it is over.
  return absl::OkStatus();
}

absl::StatusOr<std::vector<AccountProblem>> RestClient::CheckAccount(const Account& account) {
  std::vector<AccountProblem> problems = CheckAccountForm(account);
  if (!problems.empty()) return problems;
  const absl::StatusOr<RestAnswer> answer = api_.Get(account, Concat(ResourceUrl(account, "/Call/"), "?limit=1"));
  if (!answer.ok()) {
    absl::Status status = StatusOfNoAnswer(kProviderName, answer.status());
    if (status.code() == absl::StatusCode::kUnavailable) return status;
    return std::vector<AccountProblem>{{"settings.api_url", "MALFORMED", "the URL of the API is not valid"}};
  }
  if (answer->IsSuccess()) return problems;
  absl::Status status = StatusOf(*answer);
  const std::string message = ErrorOf(*answer).message();
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return status;
    case absl::StatusCode::kPermissionDenied:
      return std::vector<AccountProblem>{{"credentials.auth_token", "CREDENTIALS_REFUSED", message}};
    case absl::StatusCode::kNotFound:
      return std::vector<AccountProblem>{
          {"settings.auth_id", "UNKNOWN_ACCOUNT", "the provider does not know this account"}};
    default:
      return std::vector<AccountProblem>{{"", "REFUSED", message}};
  }
}

}  // namespace trunkline::providers::plivo
