#include "services/normalizer/recording_rows.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::normalizer {
namespace {

using calls::v1::Recording;
using events::v1::CallEvent;
using postgres::Parameter;

// The same for every event of a recording.
std::string RecordingIdOf(std::string_view provider_account_id, std::string_view external_recording_id) {
  return UuidOfName("recording", Concat(provider_account_id, '\0', external_recording_id));
}

std::string StatusOf(const Recording& recording) {
  return Lower(calls::v1::RecordingStatus_Name(recording.status()).substr(17));
}

// What decides which of two events a row is made of; the same comparison stands in the statement below.
auto RankOf(const CallEvent& event) {
  return std::make_tuple(static_cast<int>(event.details().recording().status()),
                         telephony::ToMicros(event.occurred_at()), event.event_id());
}

CallEvent OnlyRecordingOf(const CallEvent& event) {
  CallEvent told;
  told.set_event_id(event.event_id());
  told.set_call_id(event.call_id());
  told.set_business_id(event.business_id());
  *told.mutable_occurred_at() = event.occurred_at();
  told.mutable_details()->set_provider(event.details().provider());
  told.mutable_details()->set_provider_account_id(event.details().provider_account_id());
  *told.mutable_details()->mutable_recording() = event.details().recording();
  return told;
}

}  // namespace

void RecordingRows::Add(const CallEvent& event) {
  const calls::v1::CallDetails& details = event.details();
  if (!details.has_recording() || details.recording().external_recording_id().empty()) return;
  if (details.provider_account_id().empty()) return;
  const std::string id = RecordingIdOf(details.provider_account_id(), details.recording().external_recording_id());
  const int64_t micros = telephony::ToMicros(event.occurred_at());
  const auto [found, is_new] = rows_.try_emplace(id, Row{.told = {}, .created_micros = micros});
  Row& row = found->second;
  row.created_micros = std::min(row.created_micros, micros);
  if (is_new || RankOf(event) > RankOf(row.told)) row.told = OnlyRecordingOf(event);
}

absl::Status RecordingRows::Write(postgres::Transaction& tx) const {
  if (rows_.empty()) return absl::OkStatus();
  // One array for each column.
  std::vector<std::string> ids, businesses, calls, providers, accounts, names, urls, statuses, created, told_at,
      told_by;
  std::vector<int64_t> orders, durations, channels;
  for (const auto& [id, row] : rows_) {
    const calls::v1::CallDetails& details = row.told.details();
    const Recording& recording = details.recording();
    ids.push_back(id);
    businesses.push_back(row.told.business_id());
    calls.push_back(row.told.call_id());
    providers.push_back(ToStorableText(details.provider()));
    accounts.push_back(details.provider_account_id());
    names.push_back(ToStorableText(recording.external_recording_id()));
    urls.push_back(ToStorableText(recording.url()));
    statuses.push_back(StatusOf(recording));
    orders.push_back(recording.status());
    durations.push_back(recording.has_duration() ? absl::ToInt64Milliseconds(telephony::FromProto(recording.duration()))
                                                 : -1);
    channels.push_back(recording.channels());
    created.push_back(postgres::FormatTimestamp(row.created_micros));
    told_at.push_back(postgres::FormatTimestamp(telephony::ToMicros(row.told.occurred_at())));
    told_by.push_back(row.told.event_id());
  }
  // An event of an earlier time may move created_at without being the one that the row is made of.
  constexpr std::string_view kIsFurther =
      "(excluded.status_order, excluded.told_at, excluded.told_by) > (r.status_order, r.told_at, r.told_by)";
  std::string assignments = "created_at = least(r.created_at, excluded.created_at)";
  for (const std::string_view column :
       {"url", "status", "status_order", "duration_milliseconds", "channels", "told_at", "told_by"}) {
    assignments +=
        Concat(", ", column, " = CASE WHEN ", kIsFurther, " THEN excluded.", column, " ELSE r.", column, " END");
  }
  return tx
      .Execute(
          Concat("INSERT INTO recordings AS r (recording_id, business_id, call_id, provider, provider_account_id, "
                 "external_recording_id, url, status, status_order, duration_milliseconds, channels, created_at, "
                 "told_at, told_by) SELECT id, business, call, provider, account, name, nullif(url, ''), status, "
                 "status_order, nullif(duration, -1), nullif(channels, 0), created, told_at, told_by "
                 "FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::text[], "
                 "$8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::timestamptz[], $13::timestamptz[], "
                 "$14::uuid[]) AS n(id, business, call, provider, account, name, url, status, status_order, duration, "
                 "channels, created, told_at, told_by) ON CONFLICT (recording_id) DO UPDATE SET ",
                 assignments),
          {Parameter::Array(ids), Parameter::Array(businesses), Parameter::Array(calls), Parameter::Array(providers),
           Parameter::Array(accounts), Parameter::Array(names), Parameter::Array(urls), Parameter::Array(statuses),
           Parameter::Array(orders), Parameter::Array(durations), Parameter::Array(channels), Parameter::Array(created),
           Parameter::Array(told_at), Parameter::Array(told_by)})
      .status();
}

}  // namespace trunkline::normalizer
