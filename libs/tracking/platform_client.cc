#include "libs/tracking/platform_client.h"

#include <algorithm>
#include <utility>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/redaction.h"
#include "libs/tracking/tracking_error.h"

namespace trunkline::tracking {
namespace {

constexpr size_t kLongestBadCall = 64 * 1024;

}  // namespace

std::optional<absl::Duration> Receipt::ClockOffset() const {
  if (!server_time.has_value()) return std::nullopt;
  return *server_time - (sent_at + (answered_at - sent_at) / 2);
}

void AddCall(nlohmann::json object, absl::StatusOr<TrackedCall> (*read)(const nlohmann::json&, Extent),
             const Account& account, const std::optional<calls::v1::CallStatus>& only, CallPage* page) {
  Redact(&object);
  std::string body = WriteJson(object);
  absl::StatusOr<TrackedCall> call = read(object, Extent::kRecord);
  if (!call.ok()) {
    std::string id = MemberText(object, "uuid");
    if (id.empty()) id = MemberText(object, "id");
    if (id.empty()) id = MemberText(object, "inboundCallId");
    page->bad.push_back({std::move(id), body.substr(0, kLongestBadCall), std::string(ToStd(call.status().message()))});
    return;
  }
  call->currency = CurrencyOf(account);
  if (only.has_value() && call->status != only) return;
  page->items.push_back({std::move(body), *std::move(call), page->receipt.sent_at});
}

absl::Time WidenedFrom(const CallQuery& query) { return query.from - absl::Seconds(1); }
absl::Time WidenedTo(const CallQuery& query) { return query.to + absl::Seconds(1); }

std::optional<int64_t> NumberOf(const std::optional<Position>& position, std::string_view kind, int64_t first) {
  if (!position.has_value()) return first;
  const std::optional<int64_t> number = ParseInt(position->value);
  return position->kind == kind && number.has_value() && *number >= 0 ? number : std::nullopt;
}

int PageSizeOf(const CallQuery& query, const Account& account, const SyncSettings& defaults) {
  const SyncSettings settings = SyncSettingsOf(account, defaults);
  return std::clamp(query.size > 0 ? query.size : settings.batch_size, 1, settings.largest_batch);
}

absl::Status PlatformClient::Lacks(v1::Feature feature) const { return Unsupported(platform_, feature); }

absl::StatusOr<CallPage> PlatformClient::FetchCalls(const Account&, const std::vector<std::string>&) {
  return Lacks(v1::FEATURE_FETCH_CALLS_AT_ONCE);
}

absl::StatusOr<Answer<std::vector<WebhookDelivery>>> PlatformClient::ListDeliveries(const Account&, std::string_view) {
  return Lacks(v1::FEATURE_WEBHOOK_DELIVERIES);
}

}  // namespace trunkline::tracking
