// Tracking numbers and campaigns at Ringba.
#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/ringba/account_settings.h"
#include "libs/tracking/ringba/client.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking::ringba {
namespace {

using nlohmann::json;

TrackingNumber NumberOfJson(const json& number) {
  TrackingNumber read;
  read.id = MemberText(number, "id");
  read.number = ParsePhone(MemberText(number, "phoneNumber")).value_or("");
  read.toll_free = MemberText(number, "isTollFree") == "true";
  if (const json* assigned = FindMember(number, "assignmentSettings"); assigned != nullptr) {
    read.country = MemberText(*assigned, "countryCode");
  }
  read.campaign_id = ToText(MemberText(number, "campaignId")).value_or("");
  if (const json* affiliate = FindMember(number, "affiliate"); affiliate != nullptr) {
    read.publisher_id = MemberText(*affiliate, "id");
  }
  read.status = MemberText(number, "enabled") == "false" ? NumberStatus::kPaused : NumberStatus::kActive;
  if (MemberText(number, "deallocFlag") == "true") read.status = NumberStatus::kReleased;
  read.provisioned_at = ParseTime(MemberText(number, "allocationDT")).time;
  return read;
}

Campaign CampaignOfJson(const json& campaign) {
  Campaign read;
  read.id = MemberText(campaign, "id");
  read.key = ToText(MemberText(campaign, "userCampaignId")).value_or("");
  read.name = ToText(MemberText(campaign, "name")).value_or("");
  read.status = MemberText(campaign, "enabled") == "false" ? CampaignStatus::kPaused : CampaignStatus::kActive;
  return read;
}

}  // namespace

absl::StatusOr<Page<TrackingNumber>> Client::ListNumbers(const Account& account, const std::optional<Position>&) {
  Page<TrackingNumber> page;
  TL_ASSIGN_OR_RETURN(const ApiAnswer answer,
                      Ask(account, {.path = "/numbers", .endpoint = "GET /numbers"}, &page.receipt));
  const json* numbers = FindMember(answer.body, "numbers");
  if (numbers == nullptr || !numbers->is_array()) {
    return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no numbers");
  }
  for (const json& number : *numbers) page.items.push_back(NumberOfJson(number));
  page.total = static_cast<int64_t>(page.items.size());
  return page;
}

absl::StatusOr<ApiAnswer> Client::OrderNumber(const Account& account, const NumberOrder& order, Receipt* receipt) {
  json body = {{"countryCode", order.country},
               {"isTollFree", order.toll_free},
               {"chargeAccountIfNeeded", account.Setting(kChargeIfNeeded) == "true"}};
  if (!order.area_code.empty()) body["areaCode"] = order.area_code;
  return Ask(
      account,
      {.method = "POST", .path = "/numbers", .endpoint = "POST /numbers", .body = std::move(body), .once_only = true},
      receipt);
}

absl::Status Client::TieNumber(const Account& account, std::string_view number_id, const NumberOrder& order,
                               Receipt* receipt) {
  if (!order.publisher_id.empty()) {
    TL_RETURN_IF_ERROR(Ask(account,
                           {.method = "PUT",
                            .path = Concat("/numbers/", PercentEncode(number_id), "/affiliate"),
                            .endpoint = "PUT /numbers/{id}/affiliate",
                            .body = {{"affiliateId", order.publisher_id}}},
                           receipt)
                           .status());
  }
  if (order.campaign_id.empty()) return absl::OkStatus();
  // A number without a publisher is the campaign's own.
  const std::string_view kind = order.publisher_id.empty() ? "defaultNumber" : "affiliateNumbers";
  return Ask(account,
             {.method = "PATCH",
              .path = Concat("/campaigns/", PercentEncode(order.campaign_id), "/", kind),
              .endpoint = "PATCH /campaigns/{id}/numbers",
              .body = {{"numberId", std::string(number_id)}}},
             receipt)
      .status();
}

absl::Status Client::DeleteNumber(const Account& account, std::string_view number_id, Receipt* receipt) {
  const absl::Status status = Ask(account,
                                  {.method = "DELETE",
                                   .path = Concat("/numbers/", PercentEncode(number_id), "?unlink=true"),
                                   .endpoint = "DELETE /numbers/{id}"},
                                  receipt)
                                  .status();
  return status.code() == absl::StatusCode::kNotFound ? absl::OkStatus() : status;
}

absl::StatusOr<Answer<ProvisionedNumber>> Client::ProvisionNumber(const Account& account, const NumberOrder& order) {
  Answer<ProvisionedNumber> bought;
  absl::StatusOr<ApiAnswer> answer = OrderNumber(account, order, &bought.receipt);
  if (!answer.ok() && CodeOf(answer.status()) == v1::TRACKING_ERROR_CODE_OUT_OF_STOCK && order.any_area &&
      !order.area_code.empty()) {
    NumberOrder elsewhere = order;
    elsewhere.area_code.clear();
    bought.value.warnings.emplace_back("area_code_ignored");
    answer = OrderNumber(account, elsewhere, &bought.receipt);
  }
  if (!answer.ok()) return answer.status();
  const json* number = FindMember(answer->body, "number");
  if (number == nullptr || MemberText(*number, "id").empty()) {
    // It may have been bought all the same.
    return session_.Fail(v1::TRACKING_ERROR_CODE_TIMEOUT, "the answer holds no number; list the numbers");
  }
  bought.value.number = NumberOfJson(*number);
  absl::Status tied = TieNumber(account, bought.value.number.id, order, &bought.receipt);
  if (tied.ok()) {
    bought.value.number.campaign_id = order.campaign_id;
    bought.value.number.publisher_id = order.publisher_id;
    return bought;
  }
  if (order.keep_on_partial_failure) {
    bought.value.warnings.emplace_back("not_tied");
    return bought;
  }
  const absl::Status released = DeleteNumber(account, bought.value.number.id, &bought.receipt);
  if (released.ok()) return tied;
  return session_.Fail(v1::TRACKING_ERROR_CODE_PROVISION_REJECTED,
                       Concat("number ", bought.value.number.id,
                              " was bought, but neither tied to its campaign nor given back; release it"));
}

absl::Status Client::ReleaseNumber(const Account& account, std::string_view number) {
  TL_ASSIGN_OR_RETURN(const Page<TrackingNumber> page, ListNumbers(account, std::nullopt));
  for (const TrackingNumber& listed : page.items) {
    if (listed.number != number || listed.status == NumberStatus::kReleased) continue;
    Receipt receipt;
    return DeleteNumber(account, listed.id, &receipt);
  }
  return absl::OkStatus();
}

absl::StatusOr<Answer<Campaign>> Client::FetchCampaign(const Account& account, std::string_view id) {
  Answer<Campaign> fetched;
  TL_ASSIGN_OR_RETURN(
      const ApiAnswer answer,
      Ask(account, {.path = Concat("/campaigns/", PercentEncode(id)), .endpoint = "GET /campaigns/{id}"},
          &fetched.receipt));
  const json* campaign = FindMember(answer.body, "campaign");
  if (campaign == nullptr) return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no campaign");
  fetched.value = CampaignOfJson(*campaign);
  return fetched;
}

absl::StatusOr<Page<Campaign>> Client::ListCampaigns(const Account& account, const std::optional<Position>&) {
  Page<Campaign> page;
  TL_ASSIGN_OR_RETURN(const ApiAnswer answer,
                      Ask(account, {.path = "/campaigns", .endpoint = "GET /campaigns"}, &page.receipt));
  const json* campaigns = FindMember(answer.body, "campaigns");
  if (campaigns == nullptr || !campaigns->is_array()) {
    return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no campaigns");
  }
  for (const json& campaign : *campaigns) page.items.push_back(CampaignOfJson(campaign));
  page.total = static_cast<int64_t>(page.items.size());
  return page;
}

}  // namespace trunkline::tracking::ringba
