#include "libs/tracking/retreaver/client.h"

#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/content_hash.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/retreaver/account_settings.h"
#include "libs/tracking/retreaver/call_reading.h"
#include "libs/tracking/retreaver/link_header.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking::retreaver {
namespace {

using nlohmann::json;

constexpr absl::Duration kTimeout = absl::Seconds(30);
// The platform sorts by a finer time than it shows.
constexpr absl::Duration kOrderTolerance = absl::Seconds(1);

void ReadError(const ApiAnswer& answer, v1::TrackingError* error) {
  if (answer.status != 406) return;
  error->set_code(v1::TRACKING_ERROR_CODE_VALIDATION_FAILED);
}

Form CallParameters(const CallQuery& query) {
  Form form;
  if (query.last_changed_first) {
    // The order is always descending with this column.
    form = {{"sort_by", "updated_at"}, {"order", "desc"}};
    if (query.time == CallTime::kChanged && query.from != absl::InfinitePast()) {
      form.emplace_back("updated_at_start", FormatMilliseconds(WidenedFrom(query)));
    }
  } else {
    form = {{"sort_by", "created_at"}, {"order", "asc"}};
    if (query.from != absl::InfinitePast()) {
      form.emplace_back("created_at_start", FormatMilliseconds(WidenedFrom(query)));
    }
    if (query.to != absl::InfiniteFuture()) {
      form.emplace_back("created_at_end", FormatMilliseconds(WidenedTo(query)));
    }
  }
  for (const auto& [name, value] :
       {std::pair("caller", query.caller), std::pair("client_cid", query.campaign_id),
        std::pair("client_afid", query.publisher_id), std::pair("client_tid", query.buyer_id)}) {
    if (!value.empty()) form.emplace_back(name, value);
  }
  return form;
}

// Whether the list goes from the latest change to the earliest.
bool IsInOrder(const json& calls) {
  std::optional<absl::Time> before;
  for (const json& element : calls) {
    const json* call = FindMember(element, "call");
    if (call == nullptr) continue;
    const std::optional<absl::Time> changed = ParseTime(MemberText(*call, "updated_at")).time;
    if (!changed.has_value()) continue;
    if (before.has_value() && *changed > *before + kOrderTolerance) return false;
    before = changed;
  }
  return true;
}

absl::Status UnsupportedQuery(const CallQuery& query) {
  if (query.time == CallTime::kEnded) return Unsupported(kPlatform, v1::FEATURE_LIST_BY_END);
  if (query.only_live) return Unsupported(kPlatform, v1::FEATURE_LIST_LIVE_CALLS);
  if (query.only_adjusted) return Unsupported(kPlatform, v1::FEATURE_LIST_ADJUSTED);
  return absl::OkStatus();
}

}  // namespace

SyncDefaults DefaultSync() {
  SyncDefaults defaults;
  defaults.sync = {.interval = absl::Seconds(300), .batch_size = 100, .largest_batch = 100};
  defaults.comparison.tags_are_sets = true;
  for (const int seconds : {5, 10, 20, 40, 60}) {
    defaults.retry.rate_limit_steps.push_back(absl::Seconds(seconds));
  }
  return defaults;
}

RequestLimits DefaultLimits(Resource) { return {.per_second = 2, .burst = 4, .per_minute = 120, .in_flight = 4}; }

Client::Client(const PlatformOptions& options)
    : PlatformClient(kPlatform), public_url_(options.public_url), session_(kPlatform, options, kTimeout, &ReadError) {}

absl::StatusOr<ApiAnswer> Client::Get(const Account& account, std::string_view path, std::string_view endpoint,
                                      Resource resource, Form query, Receipt* receipt) {
  query.insert(query.begin(), {{std::string(kApiKey), account.Credential(kApiKey)},
                               {std::string(kCompanyId), account.Setting(kCompanyId)}});
  ApiRequest request{.url = Concat(ApiUrlOf(account), path, "?", EncodeForm(query)),
                     .endpoint = std::string(endpoint),
                     .resource = resource};
  return session_.Ask(account, request, receipt);
}

absl::StatusOr<ApiAnswer> Client::Send(const Account& account, std::string_view method, std::string_view path,
                                       std::string_view endpoint, const json& body, bool once_only, Receipt* receipt) {
  const Form query = {{std::string(kApiKey), account.Credential(kApiKey)},
                      {std::string(kCompanyId), account.Setting(kCompanyId)}};
  ApiRequest request{.method = std::string(method),
                     .url = Concat(ApiUrlOf(account), path, "?", EncodeForm(query)),
                     .endpoint = std::string(endpoint),
                     .once_only = once_only};
  if (!body.is_null()) {
    request.headers = {{"content-type", "application/json"}};
    request.body = WriteJson(body);
  }
  return session_.Ask(account, request, receipt);
}

absl::StatusOr<Client::Listed> Client::GetPage(const Account& account, std::string_view path, std::string_view endpoint,
                                               Resource resource, Form query, int size,
                                               const std::optional<Position>& position, Receipt* receipt) {
  const std::optional<int64_t> page = NumberOf(position, "page", 1);
  if (!page.has_value()) return session_.Fail(v1::TRACKING_ERROR_CODE_CURSOR_REJECTED, "the position is no page");
  query.emplace_back("page", Concat(*page));
  query.emplace_back("per_page", Concat(size));
  Listed listed;
  TL_ASSIGN_OR_RETURN(listed.answer, Get(account, path, endpoint, resource, std::move(query), receipt));
  if (!listed.answer.body.is_array()) {
    return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer is no array");
  }
  if (listed.answer.body.empty()) return listed;
  const std::string_view link = http::FindHeader(listed.answer.headers, "link");
  const std::optional<int64_t> next =
      link.empty() && listed.answer.body.size() >= static_cast<size_t>(size) ? *page + 1 : NextPageOf(link);
  // A next page that lies behind would never end.
  if (next.has_value() && *next > *page) listed.next = Position{"page", Concat(*next)};
  return listed;
}

absl::StatusOr<Answer<std::vector<AccountProblem>>> Client::CheckAccount(const Account& account) {
  Answer<std::vector<AccountProblem>> checked;
  const absl::StatusOr<ApiAnswer> company =
      Get(account, Concat("/companies/", PercentEncode(account.Setting(kCompanyId)), ".json"),
          "GET /companies/{id}.json", Resource::kOther, {}, &checked.receipt);
  if (!company.ok()) {
    switch (CodeOf(company.status())) {
      case v1::TRACKING_ERROR_CODE_AUTH_INVALID:
      case v1::TRACKING_ERROR_CODE_FORBIDDEN:
        checked.value.push_back({"credentials.api_key", "UNAUTHORIZED", "Retreaver does not accept the key"});
        return checked;
      case v1::TRACKING_ERROR_CODE_NOT_FOUND:
        checked.value.push_back({"settings.company_id", "NOT_FOUND", "the key's user cannot see this company"});
        return checked;
      default:
        return company.status();
    }
  }
  const json* object = FindMember(company->body, "company");
  if (object == nullptr) return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no company");
  if (MemberText(*object, "id") != account.Setting(kCompanyId)) {
    checked.value.push_back({"settings.company_id", "MISMATCH", "Retreaver answers for another company"});
  }
  return checked;
}

absl::StatusOr<json> Client::FetchRawCall(const Account& account, std::string_view external_id, Receipt* receipt) {
  TL_ASSIGN_OR_RETURN(
      ApiAnswer answer,
      Get(account, Concat("/api/v", ApiVersionOf(account), "/calls/", PercentEncode(external_id), ".json"),
          "GET /calls/{uuid}.json", Resource::kCallDetail, {}, receipt));
  const json* call = FindMember(answer.body, "call");
  if (call == nullptr) return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no call");
  return *call;
}

absl::StatusOr<Answer<PlatformCall>> Client::FetchCall(const Account& account, std::string_view external_id) {
  CallPage page;
  TL_ASSIGN_OR_RETURN(json call, FetchRawCall(account, external_id, &page.receipt));
  AddCall(std::move(call), &ReadCall, account, std::nullopt, &page);
  if (page.items.empty()) return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the call cannot be read");
  return Answer<PlatformCall>{.value = std::move(page.items[0]), .receipt = page.receipt};
}

absl::StatusOr<CallPage> Client::ListCalls(const Account& account, const CallQuery& query,
                                           const std::optional<Position>& position) {
  TL_RETURN_IF_ERROR(UnsupportedQuery(query));
  CallPage page;
  TL_ASSIGN_OR_RETURN(Listed listed, GetPage(account, Concat("/api/v", ApiVersionOf(account), "/calls.json"),
                                             "GET /calls.json", Resource::kCallList, CallParameters(query),
                                             PageSizeOf(query, account, DefaultSync().sync), position, &page.receipt));
  if (query.last_changed_first && !IsInOrder(listed.answer.body)) {
    return session_.Fail(v1::TRACKING_ERROR_CODE_ORDER_VIOLATION, "the calls do not come last changed first");
  }
  for (json& element : listed.answer.body) {
    const json* call = FindMember(element, "call");
    AddCall(call == nullptr ? element : *call, &ReadCall, account, query.status, &page);
  }
  page.next = std::move(listed.next);
  return page;
}

}  // namespace trunkline::tracking::retreaver
