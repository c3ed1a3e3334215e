#include "libs/tracking/ringba/client.h"

#include <algorithm>
#include <utility>

#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/ringba/account_settings.h"
#include "libs/tracking/ringba/answer_error.h"
#include "libs/tracking/ringba/call_reading.h"

namespace trunkline::tracking::ringba {
namespace {

using nlohmann::json;

constexpr absl::Duration kTimeout = absl::Seconds(60);
constexpr size_t kMostFetched = 50;

json Condition(std::string_view column, std::string_view value) {
  return {{"column", std::string(column)},
          {"value", std::string(value)},
          {"isNegativeMatch", false},
          {"comparisonType", "EQUALS"}};
}

json FiltersOf(const CallQuery& query) {
  json filters = json::array();
  for (const auto& [column, value] :
       {std::pair("inboundPhoneNumber", query.caller), std::pair("campaignId", query.campaign_id),
        std::pair("publisherId", query.publisher_id), std::pair("buyerId", query.buyer_id)}) {
    if (!value.empty()) filters.push_back({{"anyConditionToMatch", json::array({Condition(column, value)})}});
  }
  if (query.only_live) filters.push_back({{"anyConditionToMatch", json::array({Condition("isLive", "yes")})}});
  if (query.only_adjusted) {
    filters.push_back({{"anyConditionToMatch", json::array({Condition("wasConversionAdjusted", "yes"),
                                                            Condition("wasPayoutAdjusted", "yes")})}});
  }
  return filters;
}

bool IsLeftOut(std::string_view column, const Account& account, const CallQuery& query) {
  const std::vector<std::string> of_account = PiecesOf(account, kWithoutColumns);
  const auto names_it = [column](const std::string& name) { return EqualsIgnoreCase(name, column); };
  return std::any_of(query.without_columns.begin(), query.without_columns.end(), names_it) ||
         std::any_of(of_account.begin(), of_account.end(), names_it);
}

json ListBody(const Account& account, const CallQuery& query, int64_t offset, int size) {
  json columns = json::array();
  for (const std::string_view column : kColumns) {
    if (!IsLeftOut(column, account, query)) columns.push_back({{"column", std::string(column)}});
  }
  // In this order new calls come at the end, and what was read does not move.
  json body = {{"reportStart", QueryTime(WidenedFrom(query))},
               {"reportEnd", QueryTime(WidenedTo(query))},
               {"offset", offset},
               {"size", size},
               {"orderByColumns", json::array({{{"column", "callDt"}, {"direction", "asc"}},
                                               {{"column", "inboundCallId"}, {"direction", "asc"}}})},
               {"valueColumns", std::move(columns)}};
  if (json filters = FiltersOf(query); !filters.empty()) body["filters"] = std::move(filters);
  return body;
}

}  // namespace

SyncDefaults DefaultSync() {
  SyncDefaults defaults;
  defaults.sync = {
      .interval = absl::Seconds(300), .batch_size = 100, .largest_batch = 1000, .money_grace = absl::Hours(24)};
  defaults.fetch_batch = static_cast<int>(kMostFetched);
  defaults.lists_without_tags = true;
  defaults.comparison.ids_ignore_case = true;
  for (const int seconds : {10, 20, 40, 60}) defaults.retry.rate_limit_steps.push_back(absl::Seconds(seconds));
  return defaults;
}

// Below what Ringba allows, so that the people in its portal, who share the limits, can work.
RequestLimits DefaultLimits(Resource resource) {
  switch (resource) {
    case Resource::kCallList:
    case Resource::kReport:
      return {.per_second = 2, .burst = 2, .per_minute = 60, .in_flight = 2};
    case Resource::kCallDetail:
      return {.per_second = 2, .burst = 2, .per_minute = 120, .in_flight = 2};
    case Resource::kOther:
      break;
  }
  return {.per_second = 2, .burst = 2, .per_minute = 60, .in_flight = 2};
}

std::string QueryTime(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()); }

Client::Client(const PlatformOptions& options)
    : PlatformClient(kPlatform),
      public_url_(options.public_url),
      clock_(*options.clock),
      session_(kPlatform, options, kTimeout, &ReadError),
      tokens_(session_, clock_) {}

absl::StatusOr<ApiAnswer> Client::Ask(const Account& account, const Call& call, Receipt* receipt) {
  ApiRequest request{.method = std::string(call.method),
                     .url = Concat(ApiUrlOf(account), call.below_account ? "/" : "",
                                   call.below_account ? PercentEncode(account.Setting(kAccountId)) : "", call.path),
                     .endpoint = std::string(call.endpoint),
                     .resource = call.resource,
                     .once_only = call.once_only};
  if (!call.body.is_null()) {
    request.headers = {{"content-type", "application/json"}};
    request.body = WriteJson(call.body);
  }
  if (!LogsIn(account)) {
    request.headers.emplace_back("authorization", Concat("Token ", account.Credential(kApiToken)));
    return session_.Ask(account, request, receipt);
  }
  TL_ASSIGN_OR_RETURN(const std::string token, tokens_.Get(account, receipt));
  const http::Headers without_token = request.headers;
  request.headers.emplace_back("authorization", Concat("Bearer ", token));
  absl::StatusOr<ApiAnswer> answer = session_.Ask(account, request, receipt);
  if (answer.ok() || CodeOf(answer.status()) != v1::TRACKING_ERROR_CODE_AUTH_INVALID) return answer;
  // What was refused was not carried out.
  tokens_.Drop(account, token);
  TL_ASSIGN_OR_RETURN(const std::string renewed, tokens_.Get(account, receipt));
  request.headers = without_token;
  request.headers.emplace_back("authorization", Concat("Bearer ", renewed));
  return session_.Ask(account, request, receipt);
}

absl::StatusOr<json> Client::ReportIn(const ApiAnswer& answer) const {
  const json* report = FindMember(answer.body, "report");
  const json* records = report == nullptr ? nullptr : FindMember(*report, "records");
  if (records == nullptr || !records->is_array()) {
    return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no records");
  }
  return *report;
}

absl::StatusOr<Answer<std::vector<AccountProblem>>> Client::CheckAccount(const Account& account) {
  Answer<std::vector<AccountProblem>> checked;
  const std::string credential = Concat("credentials.", LogsIn(account) ? kPassword : kApiToken);
  const absl::StatusOr<ApiAnswer> answer =
      Ask(account, {.path = "/ringbaaccounts", .endpoint = "GET /ringbaaccounts", .below_account = false},
          &checked.receipt);
  if (!answer.ok()) {
    const v1::TrackingErrorCode code = CodeOf(answer.status());
    if (code == v1::TRACKING_ERROR_CODE_AUTH_INVALID || code == v1::TRACKING_ERROR_CODE_FORBIDDEN) {
      checked.value.push_back({credential, "UNAUTHORIZED", "Ringba does not accept the credentials"});
      return checked;
    }
    return answer.status();
  }
  const json* accounts = FindMember(answer->body, "account");
  if (accounts == nullptr || !accounts->is_array()) {
    return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no accounts");
  }
  const std::string id = account.Setting(kAccountId);
  const auto found = std::find_if(accounts->begin(), accounts->end(), [&](const json& candidate) {
    return MemberText(candidate, "accountId") == id || MemberText(candidate, "id") == id;
  });
  if (found == accounts->end()) {
    checked.value.push_back({"settings.account_id", "NOT_FOUND", "the credentials do not see this account"});
  } else if (MemberText(*found, "enabled") != "true") {
    checked.value.push_back({"settings.account_id", "DISABLED", "Ringba has disabled the account"});
  }
  return checked;
}

absl::StatusOr<CallPage> Client::FetchCalls(const Account& account, const std::vector<std::string>& external_ids) {
  if (external_ids.size() > kMostFetched) {
    return session_.Fail(v1::TRACKING_ERROR_CODE_VALIDATION_FAILED, Concat("at most ", kMostFetched, " calls at once"));
  }
  CallPage page;
  TL_ASSIGN_OR_RETURN(const ApiAnswer answer, Ask(account,
                                                  {.method = "POST",
                                                   .path = "/calllogs/detail",
                                                   .endpoint = "POST /calllogs/detail",
                                                   .resource = Resource::kCallDetail,
                                                   .body = {{"InboundCallIds", external_ids}}},
                                                  &page.receipt));
  TL_ASSIGN_OR_RETURN(const json report, ReportIn(answer));
  for (const json& record : report["records"]) AddCall(record, &ReadCall, account, std::nullopt, &page);
  return page;
}

absl::StatusOr<Answer<PlatformCall>> Client::FetchCall(const Account& account, std::string_view external_id) {
  TL_ASSIGN_OR_RETURN(CallPage page, FetchCalls(account, {std::string(external_id)}));
  for (PlatformCall& item : page.items) {
    if (item.call.external_id == external_id) {
      return Answer<PlatformCall>{.value = std::move(item), .receipt = page.receipt};
    }
  }
  return session_.Fail(v1::TRACKING_ERROR_CODE_NOT_FOUND, "no such call");
}

absl::StatusOr<CallPage> Client::ListCalls(const Account& account, const CallQuery& query,
                                           const std::optional<Position>& position) {
  if (query.last_changed_first) return Lacks(v1::FEATURE_LIST_LAST_CHANGED);
  if (query.time == CallTime::kEnded) return Lacks(v1::FEATURE_LIST_BY_END);
  if (query.time == CallTime::kChanged) return Lacks(v1::FEATURE_LIST_BY_CHANGE);
  if (query.from == absl::InfinitePast() || query.to == absl::InfiniteFuture()) {
    return session_.Fail(v1::TRACKING_ERROR_CODE_VALIDATION_FAILED, "a list of calls needs both ends of its range");
  }
  const std::optional<int64_t> offset = NumberOf(position, "offset", 0);
  if (!offset.has_value()) return session_.Fail(v1::TRACKING_ERROR_CODE_CURSOR_REJECTED, "the position is no offset");
  CallPage page;
  TL_ASSIGN_OR_RETURN(const ApiAnswer answer,
                      Ask(account,
                          {.method = "POST",
                           .path = "/calllogs",
                           .endpoint = "POST /calllogs",
                           .resource = Resource::kCallList,
                           .body = ListBody(account, query, *offset, PageSizeOf(query, account, DefaultSync().sync))},
                          &page.receipt));
  TL_ASSIGN_OR_RETURN(const json report, ReportIn(answer));
  if (MemberText(report, "partialResult") == "true") {
    return session_.Fail(v1::TRACKING_ERROR_CODE_PARTIAL_RESULT, "the answer is incomplete; ask for a narrower range");
  }
  const json& records = report["records"];
  for (const json& record : records) AddCall(record, &ReadCall, account, query.status, &page);
  page.total = ParseInt(MemberText(report, "totalCount"));
  const int64_t read = *offset + static_cast<int64_t>(records.size());
  // A short page is no end as long as more are counted.
  if (!records.empty() && page.total.has_value() && read < *page.total) page.next = Position{"offset", Concat(read)};
  return page;
}

absl::StatusOr<CallUpdateOutcome> Client::UpdateCall(const Account& account, std::string_view external_id,
                                                     const CallUpdate& update) {
  if (update.converted.has_value()) return Lacks(v1::FEATURE_UPDATE_CONVERSION);
  CallUpdateOutcome outcome;
  Receipt receipt;
  const auto carry_out = [&](std::string_view part, const Call& call) {
    outcome.status = Ask(account, call, &receipt).status();
    if (outcome.status.ok()) {
      outcome.done.emplace_back(part);
    } else {
      outcome.failed = std::string(part);
    }
  };
  if (update.tags.has_value()) {
    json tags = json::array();
    for (const auto& [name, value] : *update.tags) {
      tags.push_back({{"tagType", "Annotations"}, {"tagName", name}, {"tagValue", value}});
    }
    carry_out("tags", {.method = "POST",
                       .path = "/calls/annotate",
                       .endpoint = "POST /calls/annotate",
                       .body = {{"inboundCallId", std::string(external_id)}, {"tags", std::move(tags)}}});
  }
  if (outcome.failed.empty() && (update.revenue.has_value() || update.payout.has_value())) {
    // The form that sets an amount: the one that adds would count twice when it is repeated.
    json body = {{"inboundCallId", std::string(external_id)},
                 {"reason", update.reason.empty() ? "Correction" : update.reason},
                 {"adjustConversion", update.revenue.has_value()},
                 {"adjustPayout", update.payout.has_value()}};
    if (update.revenue.has_value()) body["newConversionAmount"] = static_cast<double>(*update.revenue) / 10'000;
    if (update.payout.has_value()) body["newPayoutAmount"] = static_cast<double>(*update.payout) / 10'000;
    carry_out("money", {.method = "POST",
                        .path = "/calls/payments/override",
                        .endpoint = "POST /calls/payments/override",
                        .body = std::move(body)});
  }
  if (outcome.done.empty() && !outcome.failed.empty()) return outcome.status;
  TL_ASSIGN_OR_RETURN(Answer<PlatformCall> call, FetchCall(account, external_id));
  outcome.call = std::move(call.value);
  return outcome;
}

}  // namespace trunkline::tracking::ringba
