#include "libs/tracking/apply_mode.h"

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::tracking {
namespace {

constexpr std::string_view kAll = "all";
constexpr std::string_view kShadow = "shadow";
constexpr std::string_view kNewCalls = "new_calls";

std::optional<absl::Time> ReadTime(std::string_view text) {
  absl::Time time;
  const bool is_time = absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, nullptr);
  return is_time && time > absl::UnixEpoch() && time < absl::InfiniteFuture() ? std::optional(time) : std::nullopt;
}

}  // namespace

void CheckApplyMode(const providers::Account& account, providers::AccountForm* form) {
  form->CheckSetting(kApplyMode, "must be shadow, new_calls or all",
                     [](std::string_view word) { return word == kShadow || word == kNewCalls || word == kAll; });
  form->CheckSetting(kApplyFrom, "must be a time like 2026-03-01T00:00:00Z",
                     [](std::string_view text) { return ReadTime(text).has_value(); });
  if (account.Setting(kApplyMode) == kNewCalls) form->RequireSetting(kApplyFrom, "is required by apply_mode");
}

void ApplyTo(const providers::Account& account, webhooks::v1::RawWebhook* raw) {
  const std::string mode = account.Setting(kApplyMode);
  raw->set_shadow(false);
  raw->clear_apply_calls_from();
  if (mode.empty() || mode == kAll) return;
  const std::optional<absl::Time> from = ReadTime(account.Setting(kApplyFrom));
  if (mode == kNewCalls && from.has_value()) {
    *raw->mutable_apply_calls_from() = telephony::ToProto(*from);
  } else {
    // What the gateway stored is well-formed; if it is not all the same, no call may change.
    raw->set_shadow(true);
  }
}

}  // namespace trunkline::tracking
