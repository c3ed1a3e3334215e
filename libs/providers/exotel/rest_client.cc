#include "libs/providers/exotel/rest_client.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/exotel/account_settings.h"
#include "libs/providers/exotel/dial_parameters.h"
#include "libs/providers/exotel/local_rules.h"
#include "libs/providers/exotel/rest_call.h"
#include "libs/providers/provider_status.h"

namespace trunkline::providers::exotel {
namespace {

constexpr int kPageSize = 100;
constexpr int kMostPages = 200;  // of one query
constexpr absl::Duration kKept = absl::Hours(24 * 180);
constexpr absl::Duration kWidestRange = absl::Hours(24 * 28);  // every month has as many days

DialOutcome Misconfigured(const absl::Status& status) {
  DialOutcome outcome;
  outcome.kind = DialOutcome::Kind::kRejected;
  outcome.error.set_code(calls::v1::CALL_ERROR_CODE_INVALID_CONFIG);
  outcome.error.set_message(std::string(ToStd(status.message())));
  return outcome;
}

DialOutcome OutcomeOfDial(const RestAnswer& answer) {
  if (!answer.IsSuccess()) return OutcomeOfRefusal(answer.status, ErrorOf(answer), answer.retry_after);
  const nlohmann::json* call = JsonMember(answer.body, "Call");
  DialOutcome outcome;
  if (call != nullptr) outcome.external_call_id = JsonText(*call, "Sid");
  if (outcome.external_call_id.empty()) return OutcomeOfStrangeAnswer();
  outcome.kind = DialOutcome::Kind::kPlaced;
  return outcome;
}

// The cursor of the next page. Only the cursor is taken from the URI, so that credentials go to no other host.
std::string NextCursor(const nlohmann::json& body) {
  const nlohmann::json* metadata = JsonMember(body, "Metadata");
  const std::string uri = metadata == nullptr ? std::string() : JsonText(*metadata, "NextPageUri");
  const size_t question = uri.find('?');
  if (question == std::string::npos) return {};
  const Form query = ParseForm(std::string_view(uri).substr(question + 1));
  return std::string(FindInForm(query, "After").value_or(""));
}

// The queries that together find every call with the numbers: which side of a call a number stands on depends on how
// it was placed. `numbers` must be in E.164.
std::vector<Form> QueriesFor(const CallFilter& filter, const LocalRules& rules) {
  if (!filter.to.empty()) return {{{"To", filter.to}}, {{"From", filter.to}}};
  if (filter.from.empty()) return {Form()};
  const std::string national = NationalForm(filter.from, rules);
  const std::string both = national == filter.from ? filter.from : Concat(filter.from, ",", national);
  return {{{"From", filter.from}}, {{"PhoneNumber", both}}};
}

bool Wanted(const ProviderCall& call, const CallFilter& filter) {
  const auto fits = [](const std::string& wanted, const std::string& is) {
    // A number that Exotel does not tell may be the right one.
    return wanted.empty() || is.empty() || wanted == is;
  };
  return fits(filter.from, call.from) && fits(filter.to, call.to) && call.created_at >= filter.created_since &&
         call.created_at < filter.created_before;
}

}  // namespace

RestClient::RestClient(const ProviderOptions& options, RestApi& api)
    : CallClient(kProviderName), options_(options), api_(api), campaigns_(options, api) {}

DialOutcome RestClient::PlaceCall(const Account& account, const DialRequest& request) {
  const absl::StatusOr<Form> form = DialParameters(options_, account, request);
  if (!form.ok()) return Misconfigured(form.status());
  const absl::StatusOr<RestAnswer> answer = api_.PostForm(account, V1Url(account, "/Calls/connect.json"), *form);
  return answer.ok() ? OutcomeOfDial(*answer) : OutcomeOfNoAnswer(answer.status());
}

std::vector<DialOutcome> RestClient::PlaceCalls(const Account& account, const BulkDialRequest& request) {
  return std::vector<DialOutcome>(request.to.size(), campaigns_.Start(account, request));
}

absl::StatusOr<ProviderCall> RestClient::FetchCall(const Account& account, std::string_view external_call_id) {
  const absl::StatusOr<RestAnswer> answer =
      api_.Get(account, V1Url(account, Concat("/Calls/", PercentEncode(external_call_id), ".json?details=true")));
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  if (!answer->IsSuccess()) return StatusOf(*answer);
  const nlohmann::json* object = JsonMember(answer->body, "Call");
  std::optional<ProviderCall> call = object == nullptr ? std::nullopt : ReadCall(*object, account, absl::Now());
  if (!call.has_value()) return absl::UnavailableError("exotel: the answer is no call");
  return *std::move(call);
}

absl::StatusOr<std::vector<ProviderCall>> RestClient::ListCalls(const Account& account, const CallFilter& filter) {
  const absl::Time now = absl::Now();
  const LocalRules rules = RulesOf(account);
  // Exotel tells times in whole seconds.
  CallFilter wanted = filter;
  if (filter.created_since != absl::InfinitePast()) {
    wanted.created_since = absl::FromUnixSeconds(absl::ToUnixSeconds(filter.created_since));
  }
  const absl::Time since = wanted.created_since == absl::InfinitePast() ? now - kKept : wanted.created_since;
  // Its clock may be ahead of ours.
  const absl::Time before = std::min(filter.created_before, now + absl::Hours(1));

  std::vector<ProviderCall> calls;
  for (absl::Time start = since; start < before; start += kWidestRange) {
    const absl::Time end = std::min(before, start + kWidestRange);
    for (Form query : QueriesFor(filter, rules)) {
      query.emplace_back("DateCreated", Concat("gte:", FormatLocal(start, rules), ";lte:", FormatLocal(end, rules)));
      query.emplace_back("PageSize", Concat(kPageSize));
      query.emplace_back("SortBy", "DateCreated:asc");
      TL_RETURN_IF_ERROR(AddCalls(account, query, &calls));
    }
  }
  std::set<std::string> seen;
  std::erase_if(calls, [&](const ProviderCall& call) {
    return !Wanted(call, wanted) || !seen.insert(call.external_call_id).second;
  });
  return calls;
}

absl::Status RestClient::AddCalls(const Account& account, const Form& query, std::vector<ProviderCall>* calls) {
  std::string cursor;
  for (int page = 0; page < kMostPages; ++page) {
    Form asked = query;
    if (!cursor.empty()) asked.emplace_back("After", cursor);
    const absl::StatusOr<RestAnswer> answer =
        api_.Get(account, Concat(V1Url(account, "/Calls.json"), "?", EncodeForm(asked)));
    if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
    if (!answer->IsSuccess()) return StatusOf(*answer);
    const nlohmann::json* list = JsonMember(answer->body, "Calls");
    if (list == nullptr || !list->is_array()) return absl::UnavailableError("exotel: the answer is no list of calls");
    for (const nlohmann::json& object : *list) {
      std::optional<ProviderCall> call = ReadCall(object, account, absl::Now());
      // A list that cannot be read in full must not pass for one without the call that is looked for.
      if (!call.has_value()) return absl::UnavailableError("exotel: the list has something that is no call");
      calls->push_back(*std::move(call));
    }
    std::string next = NextCursor(answer->body);
    if (next.empty()) return absl::OkStatus();
    if (next == cursor) break;
    cursor = std::move(next);
  }
  return absl::UnavailableError("exotel: the list of calls does not end");
}

absl::StatusOr<std::vector<AccountProblem>> RestClient::CheckAccount(const Account& account) {
  std::vector<AccountProblem> problems = CheckAccountForm(account);
  if (!problems.empty()) return problems;
  const absl::StatusOr<RestAnswer> answer = api_.Get(account, V1Url(account, "/Calls.json?PageSize=1"));
  if (!answer.ok()) {
    absl::Status status = StatusOfNoAnswer(kProviderName, answer.status());
    if (status.code() == absl::StatusCode::kUnavailable) return status;
    problems.push_back({"settings.api_url", "MALFORMED", "the URL of the API is not valid"});
    return problems;
  }
  if (answer->IsSuccess()) return problems;
  absl::Status status = StatusOf(*answer);
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return status;
    case absl::StatusCode::kPermissionDenied:
      problems.push_back({"credentials.api_token", "CREDENTIALS_REFUSED", ErrorOf(*answer).message()});
      return problems;
    case absl::StatusCode::kNotFound:
      problems.push_back({"settings.account_sid", "UNKNOWN_ACCOUNT",
                          "the provider does not know this account, or it lives in another cluster"});
      return problems;
    default:
      problems.push_back({"", "REFUSED", ErrorOf(*answer).message()});
      return problems;
  }
}

}  // namespace trunkline::providers::exotel
