// Tracking numbers and campaigns (offers) at TrackDrive.
#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/trackdrive/account_settings.h"
#include "libs/tracking/trackdrive/client.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking::trackdrive {
namespace {

using nlohmann::json;

bool IsTollFree(std::string_view number) {
  constexpr std::array<std::string_view, 7> kPrefixes = {"+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](std::string_view prefix) { return number.starts_with(prefix); });
}

TrackingNumber NumberOfJson(const json& number) {
  TrackingNumber read;
  read.id = MemberText(number, "id");
  read.number = ParsePhone(MemberText(number, "number")).value_or("");
  read.toll_free = IsTollFree(read.number);
  read.country = ToText(MemberText(number, "country")).value_or("");
  read.campaign_id = ToText(MemberText(number, "offer_id")).value_or("");
  read.publisher_id = ToText(MemberText(number, "traffic_source_id")).value_or("");
  read.provisioned_at = ParseTime(MemberText(number, "created_at")).time;
  const bool deleted = ParseTime(MemberText(number, "deleted_at")).time.has_value();
  read.status = deleted ? NumberStatus::kReleased : NumberStatus::kActive;
  return read;
}

Campaign CampaignOfJson(const json& offer) {
  Campaign read;
  read.id = MemberText(offer, "id");
  read.key = ToText(MemberText(offer, "user_offer_id")).value_or("");
  read.name = ToText(MemberText(offer, "name")).value_or("");
  if (ParseFlag(MemberText(offer, "paused")).value_or(false)) read.status = CampaignStatus::kPaused;
  if (ParseTime(MemberText(offer, "deleted_at")).time.has_value()) read.status = CampaignStatus::kDeleted;
  read.created_at = ParseTime(MemberText(offer, "created_at")).time;
  read.updated_at = ParseTime(MemberText(offer, "updated_at")).time;
  return read;
}

// Of an answer about one number, whose root is not documented.
const json* NumberIn(const json& body) {
  for (const std::string_view root : {"number", "phone_number"}) {
    const json* member = FindMember(body, root);
    if (member != nullptr && member->is_object()) return member;
  }
  return body.is_object() && body.contains("number") ? &body : nullptr;
}

// Ids are numbers there.
json IdOf(const std::string& text) {
  const std::optional<int64_t> number = ParseInt(text);
  return number.has_value() ? json(*number) : json(text);
}

absl::Status AsRefusedOrder(const absl::Status& status) {
  std::optional<v1::TrackingError> error = TrackingErrorOf(status);
  if (!error.has_value() || error->code() != v1::TRACKING_ERROR_CODE_VALIDATION_FAILED) return status;
  error->set_code(v1::TRACKING_ERROR_CODE_PROVISION_REJECTED);
  return StatusOf(*error);
}

}  // namespace

absl::StatusOr<Page<TrackingNumber>> Client::ListNumbers(const Account& account,
                                                         const std::optional<Position>& position) {
  Page<TrackingNumber> page;
  TL_ASSIGN_OR_RETURN(const Listed listed, GetPage(account, "/phone_numbers", "GET /phone_numbers",
                                                   {"numbers", "phone_numbers"}, {}, position, &page.receipt));
  for (const json& number : listed.items) page.items.push_back(NumberOfJson(number));
  page.total = listed.total;
  page.next = listed.next;
  return page;
}

absl::StatusOr<Answer<ProvisionedNumber>> Client::ProvisionNumber(const Account& account, const NumberOrder& order) {
  json body = {{"country", order.country}, {"number_type", order.toll_free ? "toll_free" : "local"}};
  const auto add = [&body](std::string_view name, const std::string& value) {
    if (!value.empty()) body[std::string(name)] = IdOf(value);
  };
  if (!order.area_code.empty()) body["area_code"] = order.area_code;
  add("offer_id", order.campaign_id);
  add("traffic_source_id", order.publisher_id);
  add("provider_configuration_id", account.Setting(kProviderConfiguration));
  Answer<ProvisionedNumber> bought;
  const absl::StatusOr<ApiAnswer> answer = Send(account, "POST", "/phone_numbers", "POST /phone_numbers", body,
                                                /*once_only=*/true, &bought.receipt);
  if (!answer.ok()) return AsRefusedOrder(answer.status());
  const json* number = NumberIn(answer->body);
  if (number == nullptr) {
    // It may have been bought all the same.
    return session_.Fail(v1::TRACKING_ERROR_CODE_TIMEOUT, "the answer holds no number; list the numbers");
  }
  bought.value.number = NumberOfJson(*number);
  return bought;
}

absl::Status Client::ReleaseNumber(const Account& account, std::string_view number) {
  Receipt receipt;
  TL_ASSIGN_OR_RETURN(const Listed listed,
                      GetPage(account, "/phone_numbers", "GET /phone_numbers", {"numbers", "phone_numbers"},
                              {{"number", std::string(number)}}, std::nullopt, &receipt));
  for (const json& item : listed.items) {
    const TrackingNumber found = NumberOfJson(item);
    if (found.number != number || found.status == NumberStatus::kReleased) continue;
    const absl::Status status = Send(account, "DELETE", Concat("/phone_numbers/", PercentEncode(found.id)),
                                     "DELETE /phone_numbers/{id}", json(), /*once_only=*/false, &receipt)
                                    .status();
    return status.code() == absl::StatusCode::kNotFound ? absl::OkStatus() : status;
  }
  return absl::OkStatus();
}

absl::StatusOr<Answer<Campaign>> Client::FetchCampaign(const Account& account, std::string_view id) {
  Answer<Campaign> fetched;
  TL_ASSIGN_OR_RETURN(const ApiAnswer answer, Get(account, Concat("/offers/", PercentEncode(id)), "GET /offers/{id}",
                                                  Resource::kOther, {}, &fetched.receipt));
  const json* offer = FindMember(answer.body, "offer");
  if (offer == nullptr) return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no offer");
  fetched.value = CampaignOfJson(*offer);
  return fetched;
}

absl::StatusOr<Page<Campaign>> Client::ListCampaigns(const Account& account, const std::optional<Position>& position) {
  Page<Campaign> page;
  TL_ASSIGN_OR_RETURN(const Listed listed,
                      GetPage(account, "/offers", "GET /offers", {"offers"}, {}, position, &page.receipt));
  for (const json& offer : listed.items) page.items.push_back(CampaignOfJson(offer));
  page.total = listed.total;
  page.next = listed.next;
  return page;
}

}  // namespace trunkline::tracking::trackdrive
