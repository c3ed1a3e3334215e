#include "libs/tracking/trackdrive/client.h"

#include <array>
#include <utility>

#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/trackdrive/account_settings.h"
#include "libs/tracking/trackdrive/call_reading.h"

namespace trunkline::tracking::trackdrive {
namespace {

using nlohmann::json;

constexpr absl::Duration kTimeout = absl::Seconds(30);
constexpr int kListSize = 100;
constexpr std::string_view kFirstCursor = "-1";

bool HasErrors(const json& body) {
  const json* errors = FindMember(body, "errors");
  return errors != nullptr && errors->is_structured() && !errors->empty();
}

// A success whose envelope says otherwise is none.
void ReadError(const ApiAnswer& answer, v1::TrackingError* error) {
  if (answer.status >= 300) return;
  const int64_t status = ParseInt(MemberText(answer.body, "status")).value_or(200);
  if (status < 400 && !HasErrors(answer.body)) return;
  switch (status) {
    case 401:
      return error->set_code(v1::TRACKING_ERROR_CODE_AUTH_INVALID);
    case 403:
      return error->set_code(v1::TRACKING_ERROR_CODE_FORBIDDEN);
    case 404:
      return error->set_code(v1::TRACKING_ERROR_CODE_NOT_FOUND);
    case 429:
      return error->set_code(v1::TRACKING_ERROR_CODE_RATE_LIMITED);
    default:
      return error->set_code(status >= 500 && status < 600 ? v1::TRACKING_ERROR_CODE_SERVER_ERROR
                                                           : v1::TRACKING_ERROR_CODE_VALIDATION_FAILED);
  }
}

void AddRange(const CallQuery& query, Form* form) {
  std::string_view column = "created_at";
  if (query.time == CallTime::kEnded) column = "ended_at";
  if (query.time == CallTime::kChanged) column = "updated_at";
  if (query.from != absl::InfinitePast()) {
    form->emplace_back(Concat(column, "_from"), QueryTime(WidenedFrom(query)));
  }
  // With an upper end, calls that change meanwhile would slip away.
  if (query.to != absl::InfiniteFuture() && query.time != CallTime::kChanged) {
    form->emplace_back(Concat(column, "_to"), QueryTime(WidenedTo(query)));
  }
}

Form CallParameters(const CallQuery& query, int size) {
  Form form = {{"per_page", Concat(size)}, {"serializer", "call"}, {"time_zone", "UTC"}};
  AddRange(query, &form);
  if (query.only_live) form.emplace_back("in_progress", "true");
  for (const auto& [name, value] :
       {std::pair("offer_id", query.campaign_id), std::pair("traffic_source_id", query.publisher_id),
        std::pair("buyer_id", query.buyer_id), std::pair("fulltext", query.caller)}) {
    if (!value.empty()) form.emplace_back(name, value);
  }
  return form;
}

const json* FindArray(const json& body, std::initializer_list<std::string_view> roots) {
  if (body.is_array()) return &body;
  for (const std::string_view root : roots) {
    const json* array = FindMember(body, root);
    if (array != nullptr && array->is_array()) return array;
  }
  return nullptr;
}

const json& MetadataOf(const json& body) {
  static const json none = json::object();
  const json* metadata = FindMember(body, "metadata");
  return metadata != nullptr ? *metadata : none;
}

// A cursor that the platform does not know any more is no wrong request.
absl::Status AsRejectedCursor(const RestSession& session, const absl::Status& status) {
  const v1::TrackingErrorCode code = CodeOf(status);
  const bool refused = code == v1::TRACKING_ERROR_CODE_VALIDATION_FAILED || code == v1::TRACKING_ERROR_CODE_NOT_FOUND;
  return refused ? session.Fail(v1::TRACKING_ERROR_CODE_CURSOR_REJECTED, ToStd(status.message())) : status;
}

}  // namespace

SyncDefaults DefaultSync() {
  SyncDefaults defaults;
  defaults.sync = {.interval = absl::Seconds(600), .batch_size = 50, .largest_batch = 250};
  for (const int seconds : {10, 20, 40, 60}) defaults.retry.rate_limit_steps.push_back(absl::Seconds(seconds));
  defaults.retry.longest = absl::Minutes(5);
  defaults.comparison.answered_at = absl::Seconds(10);
  return defaults;
}

RequestLimits DefaultLimits(Resource) { return {.per_second = 1, .burst = 2, .per_minute = 50, .in_flight = 1}; }

std::string QueryTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S +0000", time, absl::UTCTimeZone());
}

Client::Client(const PlatformOptions& options)
    : PlatformClient(kPlatform), public_url_(options.public_url), session_(kPlatform, options, kTimeout, &ReadError) {}

absl::StatusOr<ApiAnswer> Client::Get(const Account& account, std::string_view path, std::string_view endpoint,
                                      Resource resource, const Form& query, Receipt* receipt) {
  return session_.Ask(account,
                      {.url = Concat(ApiUrlOf(account), path, query.empty() ? "" : "?", EncodeForm(query)),
                       .endpoint = std::string(endpoint),
                       .resource = resource,
                       .username = account.Credential(kPublicKey),
                       .password = account.Credential(kPrivateKey)},
                      receipt);
}

absl::StatusOr<ApiAnswer> Client::Send(const Account& account, std::string_view method, std::string_view path,
                                       std::string_view endpoint, const json& body, bool once_only, Receipt* receipt) {
  ApiRequest request{.method = std::string(method),
                     .url = Concat(ApiUrlOf(account), path),
                     .endpoint = std::string(endpoint),
                     .username = account.Credential(kPublicKey),
                     .password = account.Credential(kPrivateKey),
                     .once_only = once_only};
  if (!body.is_null()) {
    request.headers = {{"content-type", "application/json"}};
    request.body = WriteJson(body);
  }
  return session_.Ask(account, request, receipt);
}

absl::StatusOr<Client::Listed> Client::GetPage(const Account& account, std::string_view path, std::string_view endpoint,
                                               std::initializer_list<std::string_view> roots, Form query,
                                               const std::optional<Position>& position, Receipt* receipt) {
  const std::optional<int64_t> page = NumberOf(position, "page", 1);
  if (!page.has_value()) return session_.Fail(v1::TRACKING_ERROR_CODE_CURSOR_REJECTED, "the position is no page");
  query.emplace_back("page", Concat(*page));
  query.emplace_back("per_page", Concat(kListSize));
  TL_ASSIGN_OR_RETURN(ApiAnswer answer, Get(account, path, endpoint, Resource::kOther, query, receipt));
  const json* items = FindArray(answer.body, roots);
  if (items == nullptr) return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no list");
  Listed listed;
  listed.items = *items;
  const json& metadata = MetadataOf(answer.body);
  listed.total = ParseInt(MemberText(metadata, "total_count"));
  const std::optional<int64_t> pages = ParseInt(MemberText(metadata, "total_pages"));
  const bool more = pages.has_value() ? *page < *pages : items->size() >= static_cast<size_t>(kListSize);
  if (more && !items->empty()) listed.next = Position{"page", Concat(*page + 1)};
  return listed;
}

absl::StatusOr<Answer<std::vector<AccountProblem>>> Client::CheckAccount(const Account& account) {
  Answer<std::vector<AccountProblem>> checked;
  const absl::StatusOr<ApiAnswer> answer = Get(account, "/calls", "GET /calls", Resource::kCallList,
                                               {{"per_page", "1"}, {"columns", "id"}}, &checked.receipt);
  if (answer.ok()) return checked;
  if (CodeOf(answer.status()) == v1::TRACKING_ERROR_CODE_AUTH_INVALID) {
    checked.value.push_back({"credentials.private_key", "UNAUTHORIZED", "TrackDrive does not accept the key pair"});
    return checked;
  }
  if (CodeOf(answer.status()) == v1::TRACKING_ERROR_CODE_FORBIDDEN) {
    checked.value.push_back({"credentials.public_key", "FORBIDDEN", "the key pair may not read calls"});
    return checked;
  }
  return answer.status();
}

absl::StatusOr<Answer<PlatformCall>> Client::FetchCall(const Account& account, std::string_view external_id) {
  CallPage page;
  TL_ASSIGN_OR_RETURN(const ApiAnswer answer, Get(account, Concat("/calls/", PercentEncode(external_id)),
                                                  "GET /calls/{id}", Resource::kCallDetail, {}, &page.receipt));
  const json* call = FindMember(answer.body, "call");
  if (call == nullptr) return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no call");
  AddCall(*call, &ReadCall, account, std::nullopt, &page);
  if (page.items.empty()) return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the call cannot be read");
  return Answer<PlatformCall>{.value = std::move(page.items[0]), .receipt = page.receipt};
}

absl::StatusOr<CallPage> Client::ListCalls(const Account& account, const CallQuery& query,
                                           const std::optional<Position>& position) {
  if (query.last_changed_first) return Lacks(v1::FEATURE_LIST_LAST_CHANGED);
  if (query.only_adjusted) return Lacks(v1::FEATURE_LIST_ADJUSTED);
  if (position.has_value() && position->kind != "cursor") {
    return session_.Fail(v1::TRACKING_ERROR_CODE_CURSOR_REJECTED, "the position is no cursor");
  }
  const std::string cursor = position.has_value() ? position->value : std::string(kFirstCursor);
  Form form = CallParameters(query, PageSizeOf(query, account, DefaultSync().sync));
  form.emplace_back("cursor", cursor);
  CallPage page;
  const absl::StatusOr<ApiAnswer> answer =
      Get(account, "/calls", "GET /calls", Resource::kCallList, form, &page.receipt);
  if (!answer.ok()) return position.has_value() ? AsRejectedCursor(session_, answer.status()) : answer.status();
  const json* calls = FindMember(answer->body, "calls");
  if (calls == nullptr || !calls->is_array()) {
    return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no calls");
  }
  for (const json& call : *calls) AddCall(call, &ReadCall, account, query.status, &page);
  const json& metadata = MetadataOf(answer->body);
  page.total = ParseInt(MemberText(metadata, "total_count"));
  const std::string next = MemberText(metadata, "next_cursor");
  if (next.empty() || next == "0" || calls->empty()) return page;
  if (next == cursor) return session_.Fail(v1::TRACKING_ERROR_CODE_CURSOR_LOOP, "the cursor does not move");
  page.next = Position{"cursor", next};
  return page;
}

absl::StatusOr<CallUpdateOutcome> Client::UpdateCall(const Account& account, std::string_view external_id,
                                                     const CallUpdate& update) {
  json body = {{"serializer", "call"}};
  CallUpdateOutcome outcome;
  if (update.tags.has_value()) {
    body["post_call_tokens"] = json(*update.tags);
    outcome.done.emplace_back("tags");
  }
  // The forms that add would count twice when they are repeated.
  if (update.revenue.has_value()) body["revenue"] = FormatAmount(*update.revenue);
  if (update.payout.has_value()) body["payout"] = FormatAmount(*update.payout);
  if (update.revenue.has_value() || update.payout.has_value()) outcome.done.emplace_back("money");
  if (update.converted.has_value()) {
    body["buyer_converted"] = *update.converted;
    body["offer_converted"] = *update.converted;
    outcome.done.emplace_back("conversion");
  }
  const std::string own = account.Setting(kUpdateMethod);
  const std::string method = own.empty() ? "PUT" : own;
  const std::string path = Concat("/calls/", PercentEncode(external_id));
  Receipt receipt;
  absl::Status sent = Send(account, method, path, Concat(method, " /calls/{id}"), body, false, &receipt).status();
  const std::optional<v1::TrackingError> error = TrackingErrorOf(sent);
  const bool wrong_method = error.has_value() && (error->http_status() == 404 || error->http_status() == 405);
  // The vendor's documents show both methods.
  if (wrong_method && own.empty()) {
    sent = Send(account, "POST", path, "POST /calls/{id}", body, false, &receipt).status();
  }
  TL_RETURN_IF_ERROR(sent);
  TL_ASSIGN_OR_RETURN(Answer<PlatformCall> call, FetchCall(account, external_id));
  outcome.call = std::move(call.value);
  return outcome;
}

}  // namespace trunkline::tracking::trackdrive
