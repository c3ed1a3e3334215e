#include "libs/providers/exotel/campaign_client.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/exotel/account_settings.h"
#include "libs/providers/exotel/call_identity.h"
#include "libs/providers/exotel/campaign_api.h"
#include "libs/providers/exotel/contacts_csv.h"
#include "libs/providers/exotel/dial_parameters.h"
#include "libs/providers/exotel/webhook.h"
#include "libs/providers/exotel/webhook_urls.h"
#include "libs/providers/provider_status.h"
#include "libs/telephony/phone_number.h"

namespace trunkline::providers::exotel {
namespace {

constexpr size_t kMostInlineNumbers = 5000;
constexpr size_t kMostListedNumbers = 100'000;
constexpr absl::Duration kPause = absl::Seconds(1);

DialOutcome Rejected(calls::v1::CallErrorCode code, std::string_view message, bool retryable = false) {
  DialOutcome outcome;
  outcome.kind = DialOutcome::Kind::kRejected;
  outcome.error.set_code(code);
  outcome.error.set_message(std::string(message));
  outcome.error.set_retryable(retryable);
  return outcome;
}

// Of a request that dials nothing: whatever came of it, no call was placed.
DialOutcome NothingDialed(const RestAnswer& answer) {
  DialOutcome outcome;
  outcome.kind = DialOutcome::Kind::kRejected;
  outcome.error = ErrorOf(answer);
  return outcome;
}

DialOutcome NothingDialed(const absl::Status& sent) {
  DialOutcome outcome = OutcomeOfNoAnswer(sent);
  outcome.kind = DialOutcome::Kind::kRejected;
  outcome.error.set_retryable(sent.code() != absl::StatusCode::kInvalidArgument);
  return outcome;
}

// The answer, or what it amounts to when it is none of success.
std::optional<DialOutcome> RefusalOf(const absl::StatusOr<RestAnswer>& answer) {
  if (!answer.ok()) return NothingDialed(answer.status());
  if (!answer->IsSuccess()) return NothingDialed(*answer);
  if (const auto failure = FirstFailure(*answer); failure.has_value()) return NothingDialed(*failure);
  return std::nullopt;
}

std::optional<DialOutcome> CheckRequest(const BulkDialRequest& request, const CampaignPlan& plan, bool inline_numbers) {
  if (plan.flow_url.empty()) {
    return Rejected(calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, "the account has no app_id for campaigns to play");
  }
  if (plan.caller_id.empty()) {
    return Rejected(calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, "the account has no caller_id, and the calls name none");
  }
  if (request.to.empty() || request.to.size() > (inline_numbers ? kMostInlineNumbers : kMostListedNumbers)) {
    return Rejected(calls::v1::CALL_ERROR_CODE_REJECTED, "a campaign cannot have so many numbers");
  }
  return std::nullopt;
}

DialOutcome OutcomeOfCampaign(const absl::StatusOr<RestAnswer>& answer) {
  if (!answer.ok()) return OutcomeOfNoAnswer(answer.status());
  if (!answer->IsSuccess()) return OutcomeOfRefusal(answer->status, ErrorOf(*answer), answer->retry_after);
  if (const auto failure = FirstFailure(*answer); failure.has_value()) {
    return OutcomeOfRefusal(failure->status, ErrorOf(*failure), failure->retry_after);
  }
  const nlohmann::json* campaign = FirstData(*answer);
  if (campaign == nullptr || JsonText(*campaign, "id").empty()) return OutcomeOfStrangeAnswer();
  DialOutcome outcome;
  outcome.kind = DialOutcome::Kind::kPlaced;
  return outcome;
}

}  // namespace

CampaignClient::CampaignClient(const ProviderOptions& options, RestApi& api, Wait wait)
    : options_(options), api_(api), wait_(std::move(wait)) {
  if (wait_ == nullptr) wait_ = absl::SleepFor;
}

DialOutcome CampaignClient::Start(const Account& account, const BulkDialRequest& request) {
  const bool inline_numbers = account.Setting(kBulkUpload) == "inline";
  CampaignPlan plan;
  plan.name = Concat("trunkline-", request.bulk_id);
  plan.flow_url = FlowUrlOf(account);
  plan.caller_id = CallerIdFor(account, request.options.from);
  plan.call_status_callback = BulkWebhookUrl(options_.public_url, account, kCampaignEvent, request.bulk_id);
  plan.custom_field = CustomFieldOfBulk(request.bulk_id, PartyOf(plan.caller_id, RulesOf(account)).value_or(""));
  if (const auto wrong = CheckRequest(request, plan, inline_numbers); wrong.has_value()) return *wrong;
  if (inline_numbers) {
    for (const std::string& number : request.to) {
      if (!telephony::IsE164(number)) {
        return Rejected(calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, "a number of the bulk is not E.164");
      }
    }
    plan.numbers = request.to;
  } else {
    DialOutcome refused;
    absl::StatusOr<std::string> list = Upload(account, request, plan.name, &refused);
    if (!list.ok()) return refused;
    plan.list_sid = *std::move(list);
  }
  return OutcomeOfCampaign(api_.PostJson(account, V2Url(account, "/campaigns"), CampaignBody(plan)));
}

absl::StatusOr<std::string> CampaignClient::Upload(const Account& account, const BulkDialRequest& request,
                                                   const std::string& name, DialOutcome* refused) {
  absl::Status failed = absl::FailedPreconditionError("the list was not made");
  const absl::StatusOr<std::string> csv = ContactsCsv(request.to);
  if (!csv.ok()) {
    *refused = Rejected(calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, ToStd(csv.status().message()));
    return failed;
  }
  // A UUID cannot occur in a file of numbers.
  MultipartFile file = UploadOf(name, *csv, Concat("trunkline-", request.bulk_id));
  const absl::StatusOr<RestAnswer> uploaded =
      api_.Post(account, V2Url(account, "/contacts/csv-upload"), std::move(file.content_type), std::move(file.body));
  if (const auto refusal = RefusalOf(uploaded); refusal.has_value()) {
    *refused = *refusal;
    return failed;
  }
  const std::string status_url = UploadStatusUrl(account, *uploaded);
  if (status_url.empty()) {
    *refused = Rejected(calls::v1::CALL_ERROR_CODE_BAD_RESPONSE, "the provider does not say where the upload stands");
    return failed;
  }
  TL_RETURN_IF_ERROR(WaitForUpload(account, status_url, refused));

  const absl::StatusOr<RestAnswer> lists =
      api_.Get(account, Concat(V2Url(account, "/lists"), "?", EncodeForm({{"name", name}, {"limit", "20"}})));
  if (const auto refusal = RefusalOf(lists); refusal.has_value()) {
    *refused = *refusal;
    return failed;
  }
  std::string sid = ListSidOf(*lists, name);
  if (sid.empty()) {
    *refused = Rejected(calls::v1::CALL_ERROR_CODE_BAD_RESPONSE, "the provider does not show the uploaded list", true);
    return failed;
  }
  return sid;
}

absl::Status CampaignClient::WaitForUpload(const Account& account, const std::string& url, DialOutcome* refused) {
  absl::Status failed = absl::FailedPreconditionError("the list was not made");
  const absl::Duration longest = UploadWaitOf(account);
  for (absl::Duration waited; waited <= longest; waited += kPause) {
    const absl::StatusOr<RestAnswer> answer = api_.Get(account, url);
    if (const auto refusal = RefusalOf(answer); refusal.has_value()) {
      *refused = *refusal;
      return failed;
    }
    const exotel::Upload upload = ReadUpload(*answer);
    if (upload.state == UploadState::kCompleted) {
      if (upload.failed == 0) return absl::OkStatus();
      // A campaign over a part of the numbers would leave the others without a word.
      *refused = Rejected(calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, "the provider did not take every number");
      return failed;
    }
    if (upload.state == UploadState::kUnknown) {
      *refused = Rejected(calls::v1::CALL_ERROR_CODE_BAD_RESPONSE, "the state of the upload could not be understood");
      return failed;
    }
    wait_(kPause);
  }
  *refused = Rejected(calls::v1::CALL_ERROR_CODE_TIMEOUT, "the provider did not process the numbers in time", true);
  return failed;
}

}  // namespace trunkline::providers::exotel
