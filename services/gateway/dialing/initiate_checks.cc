#include "services/gateway/dialing/initiate_checks.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "libs/base/crypto.h"
#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/api_url.h"
#include "libs/telephony/call_plan_checks.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

using control::v1::InitiateCallRequest;

constexpr absl::Duration kDefaultRing = absl::Seconds(60);
constexpr absl::Duration kShortestRing = absl::Seconds(5);
constexpr absl::Duration kLongestRing = absl::Seconds(600);
constexpr absl::Duration kLongestCall = absl::Hours(24);
constexpr int kMostTags = 20;
constexpr size_t kLongestTag = 64;
constexpr size_t kMostCustomData = 4 * 1024;
constexpr size_t kLongestReference = 128;
constexpr absl::Duration kLongestWarmUp = absl::Minutes(5);
constexpr int kMostWarmUpRetries = 10;
constexpr absl::Duration kLongestReady = absl::Hours(1);

// Maps have no order on the wire unless it is asked for. Until when, and with which slot, is not what is wished for.
std::string DigestOf(InitiateCallRequest request) {
  request.clear_dial_before();
  request.clear_slot_id();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    request.SerializeToCodedStream(&coded);
  }
  return Sha256(bytes);
}

void CheckCustomData(const google::protobuf::Map<std::string, std::string>& data, FieldChecks& checks) {
  size_t bytes = 0;
  for (const auto& [name, value] : data) {
    bytes += name.size() + value.size();
    checks.Require(!name.empty() && IsStorableText(name) && IsStorableText(value), "custom_data",
                   "names must not be empty, names and values must be UTF-8 without NUL");
  }
  checks.Require(bytes <= kMostCustomData, "custom_data", "must have at most 4 KiB, names and values together");
}

void CheckWarmUp(const control::v1::BotWarmUp& bot, FieldChecks& checks) {
  checks.Require(bot.url().empty() || providers::IsApiUrl(bot.url()), "warm_up.url",
                 "must be an https URL without query and user, or empty for the deployment's");
  if (bot.has_timeout()) {
    const absl::Duration timeout = telephony::FromProto(bot.timeout());
    checks.Require(timeout >= absl::Seconds(1) && timeout <= kLongestWarmUp, "warm_up.timeout",
                   "must be from one second to five minutes");
  }
  checks.Require(bot.retries() >= 0 && bot.retries() <= kMostWarmUpRetries, "warm_up.retries", "must be from 0 to 10");
  const absl::Duration stays = telephony::FromProto(bot.stays_ready());
  checks.Require(stays >= absl::ZeroDuration() && stays <= kLongestReady, "warm_up.stays_ready",
                 "must be from zero to one hour");
}

}  // namespace

absl::StatusOr<CheckedRequest> CheckInitiate(const InitiateCallRequest& request) {
  FieldChecks checks;
  CheckedRequest checked;
  checked.request_id = Lower(request.request_id());
  checks.RequireUuid(checked.request_id, "request_id");

  const std::optional<std::string> to = telephony::ToE164(request.to());
  checks.Require(to.has_value(), "to", "must be a phone number in E.164: '+', country code, number");
  checked.to = to.value_or("");
  if (!request.from().empty()) {
    const std::optional<std::string> from = telephony::ToE164(request.from());
    checks.Require(from.has_value(), "from", "must be a phone number in E.164, or empty for the account's default");
    checked.from = from.value_or("");
  }
  checked.provider_account_id = Lower(request.provider_account_id());
  if (!checked.provider_account_id.empty()) checks.RequireUuid(checked.provider_account_id, "provider_account_id");

  telephony::CheckCallPlan(request.plan(), "plan", checks);

  const providers::DialOptions options = DialOptionsOf(request, checked.from);
  checks.Require(options.ring_timeout >= kShortestRing && options.ring_timeout <= kLongestRing, "ring_timeout",
                 "must be from 5 to 600 seconds");
  if (options.time_limit.has_value()) {
    checks.Require(*options.time_limit >= absl::Seconds(1) && *options.time_limit <= kLongestCall, "time_limit",
                   "must be from one second to 24 hours");
  }
  checks.Require(request.tags_size() <= kMostTags, "tags", "must be at most 20");
  for (int i = 0; i < request.tags_size() && i < kMostTags; ++i) {
    checks.RequireText(request.tags(i), kLongestTag, Concat("tags[", i, "]"));
  }
  CheckCustomData(request.custom_data(), checks);
  checks.RequireText(request.campaign_id(), kLongestReference, "campaign_id");
  checks.RequireText(request.attempt_id(), kLongestReference, "attempt_id");
  if (request.has_warm_up()) CheckWarmUp(request.warm_up(), checks);
  if (!request.slot_id().empty()) checks.RequireUuid(request.slot_id(), "slot_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  checked.body_sha256 = DigestOf(request);
  return checked;
}

providers::DialOptions DialOptionsOf(const InitiateCallRequest& request, const std::string& from) {
  providers::DialOptions options{.from = from,
                                 .ring_timeout = kDefaultRing,
                                 .record = request.record(),
                                 .detect_machine = request.detect_machine()};
  if (request.has_ring_timeout()) options.ring_timeout = telephony::FromProto(request.ring_timeout());
  if (request.has_time_limit()) options.time_limit = telephony::FromProto(request.time_limit());
  return options;
}

}  // namespace trunkline::gateway
