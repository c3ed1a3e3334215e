#include "services/call-tracking-sync/reconciliation/conversation.h"

#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::tracking_sync {
namespace {

std::optional<calls::v1::Money> AmountOf(bool has, const calls::v1::Money& money) {
  return has && !money.currency().empty() ? std::optional(money) : std::nullopt;
}

absl::Time StartOf(const calls::v1::CallRecord& record) {
  const calls::v1::CallTimes& times = record.times();
  if (times.has_initiated_at()) return telephony::FromProto(times.initiated_at());
  if (times.has_ringing_at()) return telephony::FromProto(times.ringing_at());
  if (times.has_answered_at()) return telephony::FromProto(times.answered_at());
  return telephony::FromProto(record.last_event_at());
}

}  // namespace

ConversationSide SideOf(const calls::v1::CallRecord& record) {
  const calls::v1::CallDetails& details = record.details();
  ConversationSide side;
  side.call_id = record.call_id();
  side.account_id = details.provider_account_id();
  side.external_call_id = details.external_call_id();
  side.from = details.from();
  side.to = details.to();
  side.forwarded_to = details.forwarded_to();
  side.started_at = StartOf(record);
  if (record.times().has_ended_at()) side.ended_at = telephony::FromProto(record.times().ended_at());
  side.is_over = telephony::IsEnded(record.status());
  side.was_answered = record.times().has_answered_at();
  if (record.durations().has_talk()) {
    side.talk_seconds = absl::ToInt64Seconds(telephony::FromProto(record.durations().talk()));
  }
  side.revenue = AmountOf(details.has_revenue(), details.revenue());
  side.payout = AmountOf(details.has_payout(), details.payout());
  side.cost = AmountOf(details.has_cost(), details.cost());
  return side;
}

}  // namespace trunkline::tracking_sync
