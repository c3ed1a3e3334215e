// Tracking numbers, campaigns and reports at Retreaver.
#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/content_hash.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/retreaver/account_settings.h"
#include "libs/tracking/retreaver/client.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking::retreaver {
namespace {

using nlohmann::json;

constexpr int kListSize = 25;  // what the API gives when nothing is asked for; a larger one is not documented
constexpr int kMostPages = 10'000;
constexpr std::array<std::string_view, 13> kLocalCountries = {"US", "CA", "AT", "BE", "DK", "FI", "FR",
                                                              "GB", "IE", "IT", "NL", "PL", "SE"};

TrackingNumber NumberOfJson(const json& number) {
  TrackingNumber read;
  read.id = MemberText(number, "id");
  read.number = ParsePhone(MemberText(number, "number")).value_or("");
  read.toll_free = MemberText(number, "toll_free") == "true";
  read.country = "US";
  read.campaign_id = ToText(MemberText(number, "cid")).value_or("");
  read.publisher_id = ToText(MemberText(number, "afid")).value_or("");
  read.provisioned_at = ParseTime(MemberText(number, "created_at")).time;
  return read;
}

Campaign CampaignOfJson(const json& campaign) {
  Campaign read;
  read.key = ToText(MemberText(campaign, "cid")).value_or("");
  read.id = ToText(MemberText(campaign, "id")).value_or(read.key);
  read.name = ToText(MemberText(campaign, "name")).value_or("");
  read.created_at = ParseTime(MemberText(campaign, "created_at")).time;
  read.updated_at = ParseTime(MemberText(campaign, "updated_at")).time;
  return read;
}

void AddRow(const json& row, CallReport* report) {
  // Counts come with a fraction, "12.0".
  report->calls += ParseSeconds(MemberText(row, "total_calls")).value_or(0);
  report->converted += ParseSeconds(MemberText(row, "converted_count")).value_or(0);
  report->revenue += ParseAmount(MemberText(row, "revenue")).value_or(0);
  report->payout = report->payout.value_or(0) + ParseAmount(MemberText(row, "payout")).value_or(0);
  report->cost += ParseAmount(MemberText(row, "cost")).value_or(0);
}

}  // namespace

absl::StatusOr<Page<TrackingNumber>> Client::ListNumbers(const Account& account,
                                                         const std::optional<Position>& position) {
  Page<TrackingNumber> page;
  TL_ASSIGN_OR_RETURN(Listed listed, GetPage(account, "/numbers.json", "GET /numbers.json", Resource::kOther, {},
                                             kListSize, position, &page.receipt));
  for (const json& element : listed.answer.body) {
    const json* number = FindMember(element, "number");
    page.items.push_back(NumberOfJson(number != nullptr && number->is_object() ? *number : element));
  }
  page.next = std::move(listed.next);
  return page;
}

absl::StatusOr<Answer<ProvisionedNumber>> Client::ProvisionNumber(const Account& account, const NumberOrder& order) {
  Answer<ProvisionedNumber> bought;
  if (!order.area_code.empty()) {
    if (!order.any_area) return Lacks(v1::FEATURE_AREA_CODES);
    bought.value.warnings.emplace_back("area_code_ignored");
  }
  const bool country_is_known =
      std::find(kLocalCountries.begin(), kLocalCountries.end(), order.country) != kLocalCountries.end();
  if (order.campaign_id.empty() || order.publisher_id.empty() || !country_is_known) {
    return session_.Fail(v1::TRACKING_ERROR_CODE_VALIDATION_FAILED,
                         "a number needs a campaign, a publisher, and a country that Retreaver has numbers of");
  }
  json number = {{"type", order.toll_free ? "Toll-free" : "Local"},
                 {"country", order.country},
                 {"cid", order.campaign_id},
                 {"afid", order.publisher_id}};
  if (!order.sub_id.empty()) number["sid"] = order.sub_id;
  if (!order.vanity_text.empty()) number["desired_text"] = order.vanity_text;
  TL_ASSIGN_OR_RETURN(const ApiAnswer answer, Send(account, "POST", "/numbers.json", "POST /numbers.json",
                                                   {{"number", number}}, /*once_only=*/true, &bought.receipt));
  const json* object = FindMember(answer.body, "number");
  if (object == nullptr || !object->is_object()) {
    // It may have been bought all the same.
    return session_.Fail(v1::TRACKING_ERROR_CODE_TIMEOUT, "the answer holds no number; list the numbers");
  }
  bought.value.number = NumberOfJson(*object);
  bought.value.number.country = order.country;
  return bought;
}

absl::Status Client::ReleaseNumber(const Account& account, std::string_view number) {
  std::optional<Position> position;
  for (int i = 0; i < kMostPages; ++i) {
    TL_ASSIGN_OR_RETURN(const Page<TrackingNumber> page, ListNumbers(account, position));
    for (const TrackingNumber& listed : page.items) {
      if (listed.number != number) continue;
      Receipt receipt;
      const absl::Status status = Send(account, "DELETE", Concat("/numbers/", PercentEncode(listed.id), ".json"),
                                       "DELETE /numbers/{id}.json", json(), /*once_only=*/false, &receipt)
                                      .status();
      return status.code() == absl::StatusCode::kNotFound ? absl::OkStatus() : status;
    }
    if (!page.next.has_value()) return absl::OkStatus();
    position = page.next;
  }
  return session_.Fail(v1::TRACKING_ERROR_CODE_CURSOR_LOOP, "the list of numbers does not end");
}

absl::StatusOr<Answer<Campaign>> Client::FetchCampaign(const Account& account, std::string_view id) {
  Answer<Campaign> fetched;
  absl::StatusOr<json> campaign = FetchRawCampaign(account, id, &fetched.receipt);
  if (campaign.ok()) {
    fetched.value = CampaignOfJson(*campaign);
    return fetched;
  }
  // Whole numbers may be Retreaver's own ids.
  if (CodeOf(campaign.status()) != v1::TRACKING_ERROR_CODE_NOT_FOUND || !AreDigits(id)) return campaign.status();
  TL_ASSIGN_OR_RETURN(const ApiAnswer answer, Get(account, Concat("/campaigns/", id, ".json"),
                                                  "GET /campaigns/{id}.json", Resource::kOther, {}, &fetched.receipt));
  const json* object = FindMember(answer.body, "campaign");
  if (object == nullptr) return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no campaign");
  fetched.value = CampaignOfJson(*object);
  return fetched;
}

absl::StatusOr<Page<Campaign>> Client::ListCampaigns(const Account& account, const std::optional<Position>& position) {
  Page<Campaign> page;
  TL_ASSIGN_OR_RETURN(Listed listed, GetPage(account, "/campaigns.json", "GET /campaigns.json", Resource::kOther, {},
                                             kListSize, position, &page.receipt));
  for (const json& element : listed.answer.body) {
    const json* campaign = FindMember(element, "campaign");
    page.items.push_back(CampaignOfJson(campaign != nullptr ? *campaign : element));
  }
  page.next = std::move(listed.next);
  return page;
}

absl::StatusOr<Answer<CallReport>> Client::FetchReport(const Account& account, absl::Time from, absl::Time to) {
  Answer<CallReport> report;
  report.value.currency = CurrencyOf(account);
  size_t rows = 0;
  for (int page = 1; page <= kMostPages; ++page) {
    TL_ASSIGN_OR_RETURN(const ApiAnswer answer,
                        Get(account, "/api/v1/reports.json", "GET /reports.json", Resource::kReport,
                            {{"domain", "calls"},
                             {"facet", "daily"},
                             {"created_at_start", FormatMilliseconds(from)},
                             {"created_at_end", FormatMilliseconds(to)},
                             {"page", Concat(page)},
                             {"per_page", "100"}},
                            &report.receipt));
    const json* data = FindMember(answer.body, "data");
    if (data == nullptr || !data->is_array()) {
      return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no rows");
    }
    for (const json& row : *data) AddRow(row, &report.value);
    rows += data->size();
    const int64_t total = ParseInt(MemberText(answer.body, "count_total")).value_or(0);
    if (data->empty() || static_cast<int64_t>(rows) >= total) return report;
  }
  return session_.Fail(v1::TRACKING_ERROR_CODE_CURSOR_LOOP, "the report does not end");
}

}  // namespace trunkline::tracking::retreaver
