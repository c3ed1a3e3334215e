#include "services/gateway/control/control_checks.h"

#include <algorithm>
#include <memory>

#include "libs/base/field_checks.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_plan_checks.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

constexpr size_t kLongestUrl = 2'048;
constexpr size_t kLongestText = 4'096;
constexpr size_t kLongestName = 64;
constexpr size_t kMostDigits = 64;
constexpr size_t kLongestExtension = 16;
constexpr absl::Duration kDefaultRing = absl::Seconds(30);
constexpr absl::Duration kShortestRing = absl::Seconds(5);
constexpr absl::Duration kLongestRing = absl::Seconds(600);

bool IsWebUrl(std::string_view url) {
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  return web && url.size() <= kLongestUrl && IsStorableText(url) &&
         std::none_of(url.begin(), url.end(), [](unsigned char c) { return c <= ' ' || c == 0x7F; });
}

bool IsSipAddress(std::string_view target) {
  const bool sip = target.starts_with("sip:") || target.starts_with("sips:");
  return sip && target.size() <= kLongestName * 4 && std::all_of(target.begin(), target.end(), [](unsigned char c) {
           return c > ' ' && c < 0x7F && c != '<' && c != '>' && c != '"' && c != '&' && c != ',';
         });
}

bool IsExtension(std::string_view target) {
  return !target.empty() && target.size() <= kLongestExtension && std::all_of(target.begin(), target.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '*' || c == '#';
  });
}

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.';
  });
}

}  // namespace

absl::Status CheckGivenPlan(const plans::v1::CallPlan& plan) {
  FieldChecks checks;
  checks.Require(!plan.verbs().empty(), "plan.verbs", "must say what the call does");
  telephony::CheckCallPlan(plan, "plan", checks);
  return checks.Finish();
}

absl::Status CheckMusic(std::string_view url) {
  FieldChecks checks;
  checks.Require(url.empty() || IsWebUrl(url), "music_url", "must be an http or https URL, or empty");
  return checks.Finish();
}

absl::StatusOr<providers::TransferRequest> CheckTransfer(const control::v1::TransferCallRequest& request) {
  FieldChecks checks;
  providers::TransferRequest transfer;
  transfer.attended = request.attended();
  transfer.target = request.target();
  if (request.target().starts_with('+')) {
    const std::optional<std::string> number = telephony::ToE164(request.target());
    checks.Require(number.has_value(), "target", "must be a phone number in E.164: '+', country code, number");
    transfer.target = number.value_or("");
  } else {
    checks.Require(IsSipAddress(request.target()) || IsExtension(request.target()), "target",
                   "must be E.164, a sip: address, or an extension of digits");
  }
  if (!request.caller_id().empty()) {
    const std::optional<std::string> caller_id = telephony::ToE164(request.caller_id());
    checks.Require(caller_id.has_value(), "caller_id", "must be a phone number in E.164, or empty");
    transfer.caller_id = caller_id.value_or("");
  }
  transfer.ring_timeout = request.has_ring_timeout() ? telephony::FromProto(request.ring_timeout()) : kDefaultRing;
  checks.Require(transfer.ring_timeout >= kShortestRing && transfer.ring_timeout <= kLongestRing, "ring_timeout",
                 "must be from 5 to 600 seconds");
  TL_RETURN_IF_ERROR(checks.Finish());
  return transfer;
}

absl::StatusOr<providers::ConferenceRequest> CheckConference(const control::v1::JoinConferenceRequest& request) {
  FieldChecks checks;
  checks.Require(IsName(request.conference()), "conference",
                 "must have from 1 to 64 letters, digits, hyphens, underscores and dots");
  TL_RETURN_IF_ERROR(checks.Finish());
  return providers::ConferenceRequest{
      .name = request.conference(), .muted = request.muted(), .end_on_exit = request.end_on_exit()};
}

absl::Status CheckDigits(std::string_view digits) {
  constexpr std::string_view kKeys = "0123456789*#ABCDw";
  FieldChecks checks;
  checks.Require(
      !digits.empty() && digits.size() <= kMostDigits && digits.find_first_not_of(kKeys) == std::string_view::npos,
      "digits", "must have from 1 to 64 of 0-9 * # A-D and w");
  return checks.Finish();
}

absl::StatusOr<providers::PlayRequest> CheckPlay(const control::v1::PlayMediaRequest& request) {
  FieldChecks checks;
  if (request.has_text()) {
    checks.Require(!request.text().empty(), "text", "must not be empty");
    checks.RequireText(request.text(), kLongestText, "text");
  } else {
    checks.Require(IsWebUrl(request.url()), "url", "must be an http or https URL, unless there is a text");
  }
  checks.RequireText(request.language(), kLongestName, "language");
  TL_RETURN_IF_ERROR(checks.Finish());
  return providers::PlayRequest{
      .url = request.url(), .text = request.text(), .language = request.language(), .loop = request.loop()};
}

absl::Status CheckOwnNumber(AccountDirectory& accounts, const std::string& business_id, const std::string& number) {
  const auto owns = [&](const BusinessAccounts& all) {
    return std::any_of(all.begin(), all.end(),
                       [&](const auto& entry) { return entry.second.numbers.contains(number); });
  };
  TL_ASSIGN_OR_RETURN(const std::shared_ptr<const BusinessAccounts> known, accounts.Of(business_id));
  if (owns(*known)) return absl::OkStatus();
  // What is remembered may be old.
  TL_ASSIGN_OR_RETURN(const std::shared_ptr<const BusinessAccounts> fresh, accounts.FreshlyOf(business_id));
  if (owns(*fresh)) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_NUMBER_NOT_OWNED,
               Concat("number ", MaskNumber(number), " is none of the business's"));
}

}  // namespace trunkline::gateway
