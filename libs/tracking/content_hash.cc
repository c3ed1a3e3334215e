#include "libs/tracking/content_hash.h"

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/telephony/call_status.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/exact_json.h"

namespace trunkline::tracking {
namespace {

using nlohmann::json;

json Text(const Told<std::string>& text) { return text.has_value() && !(*text).empty() ? json(*text) : json(); }
json Time(const Told<absl::Time>& time) { return time.has_value() ? json(FormatMilliseconds(*time)) : json(); }
json Number(const Told<int64_t>& number) { return number.has_value() ? json(*number) : json(); }
json Money(const Told<int64_t>& amount) { return amount.has_value() ? json(FormatAmount(*amount)) : json(); }

}  // namespace

std::string FormatMilliseconds(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

std::string CanonicalJson(std::string_view platform, const TrackedCall& call, const Tags* known_tags) {
  json tags = json::object();
  const Tags* source = call.tags.has_value() ? &*call.tags : nullptr;
  if (!call.tags.is_told) source = known_tags;
  if (source != nullptr) {
    for (const auto& [name, value] : *source) tags[name] = value;
  }
  const json members = {{"answered_at", Time(call.answered_at)},
                        {"buyer_id", Text(call.buyer_id)},
                        {"caller_number", Text(call.caller)},
                        {"campaign_id", Text(call.campaign_id)},
                        {"converted", call.converted.value.value_or(false)},
                        {"cost", Money(call.cost)},
                        {"currency", call.currency},
                        {"destination_number", Text(call.destination)},
                        {"duration_seconds", Number(call.duration_seconds)},
                        {"ended_at", Time(call.ended_at)},
                        {"external_id", call.external_id},
                        {"payout", Money(call.payout)},
                        {"provider", platform},
                        {"publisher_id", Text(call.publisher_id)},
                        {"recording_present", call.recording_url.has_value()},
                        {"revenue", Money(call.revenue)},
                        {"started_at", Time(call.started_at)},
                        {"status", call.status.has_value() ? json(telephony::NameOf(*call.status)) : json()},
                        {"tags", tags},
                        {"talk_seconds", Number(call.talk_seconds)},
                        {"tracking_number", Text(call.tracking_number)}};
  return WriteJson(members);
}

std::string ContentHash(std::string_view platform, const TrackedCall& call, const Tags* known_tags) {
  return HexEncode(Sha256(CanonicalJson(platform, call, known_tags)));
}

}  // namespace trunkline::tracking
