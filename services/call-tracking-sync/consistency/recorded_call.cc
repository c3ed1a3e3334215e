// Calls here in the form of calls of platforms.
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"
#include "services/call-tracking-sync/consistency/call_comparison.h"

namespace trunkline::tracking_sync {
namespace {

using calls::v1::CallDetails;
using calls::v1::Money;
using tracking::Told;

constexpr int64_t kMicrosInAmount = 100;

Told<std::string> Text(const std::string& text) {
  return text.empty() ? Told<std::string>::None() : Told<std::string>::Of(text);
}

Told<int64_t> Amount(bool has, const Money& money) {
  return has && !money.currency().empty() ? Told<int64_t>::Of(money.micros() / kMicrosInAmount) : Told<int64_t>::None();
}

Told<absl::Time> Time(bool has, const google::protobuf::Timestamp& time) {
  return has ? Told<absl::Time>::Of(telephony::FromProto(time)) : Told<absl::Time>::None();
}

Told<int64_t> Seconds(bool has, const google::protobuf::Duration& duration) {
  return has ? Told<int64_t>::Of(absl::ToInt64Seconds(telephony::FromProto(duration))) : Told<int64_t>::None();
}

std::string CurrencyOf(const CallDetails& details) {
  for (const Money* money : {&details.revenue(), &details.payout(), &details.cost()}) {
    if (!money->currency().empty()) return money->currency();
  }
  return {};
}

}  // namespace

tracking::TrackedCall TrackedCallOf(const calls::v1::CallRecord& record) {
  const CallDetails& details = record.details();
  const calls::v1::CallTimes& times = record.times();
  const calls::v1::CallDurations& durations = record.durations();
  tracking::TrackedCall call;
  call.external_id = details.external_call_id();
  call.caller = Text(details.from());
  call.tracking_number = Text(details.to());
  call.destination = Text(details.forwarded_to());
  call.campaign_id = Text(details.tracking_campaign_id());
  call.publisher_id = Text(details.publisher_id());
  call.buyer_id = Text(details.buyer_id());
  if (record.status() != calls::v1::CALL_STATUS_UNSPECIFIED) call.status = record.status();
  call.started_at = Time(times.has_initiated_at(), times.initiated_at());
  call.answered_at = Time(times.has_answered_at(), times.answered_at());
  call.ended_at = Time(times.has_ended_at(), times.ended_at());
  call.duration_seconds = Seconds(durations.has_total(), durations.total());
  call.talk_seconds = Seconds(durations.has_talk(), durations.talk());
  const bool has_recording = details.recording().status() == calls::v1::RECORDING_STATUS_READY;
  call.recording_url = has_recording ? Told<std::string>::Of(details.recording().url()) : Told<std::string>::None();
  call.revenue = Amount(details.has_revenue(), details.revenue());
  call.payout = Amount(details.has_payout(), details.payout());
  call.cost = Amount(details.has_cost(), details.cost());
  call.currency = CurrencyOf(details);
  call.converted = Told<bool>::Of(details.converted());
  call.updated_at = Time(details.has_record_changed_at(), details.record_changed_at());
  call.deleted_at = Time(details.has_record_deleted_at(), details.record_deleted_at());
  call.tags =
      Told<tracking::Tags>::Of({details.tracking_tags().values().begin(), details.tracking_tags().values().end()});
  return call;
}

}  // namespace trunkline::tracking_sync
