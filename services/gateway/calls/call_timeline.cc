#include "services/gateway/calls/call_timeline.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

using control::v1::GetCallTimelineResponse;
using control::v1::TimelineEntry;
using postgres::Micros;
using postgres::Result;
using postgres::Transaction;

// A column of a row under a name; left out where it is null.
struct Detail {
  const char* name;
  int column;
};

void Add(const Result& rows, int row, int at, control::v1::TimelineStep step, std::string summary, int traceparent,
         std::initializer_list<Detail> details, GetCallTimelineResponse* timeline) {
  const auto time = rows.Time(row, at);
  if (!time.has_value()) return;
  TimelineEntry* entry = timeline->add_entries();
  *entry->mutable_at() = telephony::ToProto(*time);
  entry->set_step(step);
  entry->set_summary(std::move(summary));
  if (traceparent >= 0 && !rows.IsNull(row, traceparent)) entry->set_traceparent(rows.String(row, traceparent));
  for (const Detail& detail : details) {
    if (!rows.IsNull(row, detail.column)) {
      (*entry->mutable_details())[detail.name] = rows.String(row, detail.column);
    }
  }
}

absl::Status AddDial(Transaction& tx, const std::string& call_id, GetCallTimelineResponse* timeline) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(Concat("SELECT ", Micros("r.created_at"), ", ",
                        Micros("coalesce(d.attempt_committed_at, d.committed_at)"), ", ", Micros("d.resolved_at"),
                        ", d.state, d.resolved_by, d.external_call_id, d.checks, d.provider_account_id, ",
                        "d.campaign_id, r.request_id, d.traceparent, d.attempt FROM dial_intents d ",
                        "LEFT JOIN call_requests r USING (business_id, call_id) WHERE d.call_id = $1"),
                 {call_id}));
  for (int i = 0; i < rows.size(); ++i) {
    Add(rows, i, 0, control::v1::TIMELINE_STEP_REQUEST, "the call was asked for", 10,
        {{"request_id", 9}, {"campaign_id", 8}}, timeline);
    Add(rows, i, 1, control::v1::TIMELINE_STEP_INTENT, "admitted, and the intent to dial was committed", 10,
        {{"attempt", 11}, {"provider_account_id", 7}}, timeline);
    Add(rows, i, 2, control::v1::TIMELINE_STEP_RESOLUTION,
        Concat("the dial is known as ", rows.String(i, 3), ", by ", rows.String(i, 4)), 10,
        {{"state", 3}, {"resolved_by", 4}, {"external_call_id", 5}, {"checks", 6}}, timeline);
  }
  return absl::OkStatus();
}

// The attempts before the latest.
absl::Status AddAttempts(Transaction& tx, const std::string& call_id, GetCallTimelineResponse* timeline) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(Concat("SELECT ", Micros("committed_at"), ", ", Micros("resolved_at"),
                        ", number, provider_account_id, state, resolved_by, error_code, error_message, ",
                        "provider_error_code FROM dial_attempts WHERE call_id = $1 ORDER BY number"),
                 {call_id}));
  for (int i = 0; i < rows.size(); ++i) {
    const bool asked = rows.Text(i, 5) != "passed_over";
    if (asked) {
      Add(rows, i, 0, control::v1::TIMELINE_STEP_INTENT, Concat("attempt ", rows.String(i, 2), " was committed"), -1,
          {{"attempt", 2}, {"provider_account_id", 3}}, timeline);
    }
    Add(rows, i, 1, control::v1::TIMELINE_STEP_RESOLUTION,
        asked ? Concat("attempt ", rows.String(i, 2), " is known as ", rows.String(i, 4), ", by ", rows.String(i, 5))
              : Concat("attempt ", rows.String(i, 2), ": the account was passed over"),
        -1,
        {{"attempt", 2},
         {"provider_account_id", 3},
         {"state", 4},
         {"resolved_by", 5},
         {"error", 6},
         {"message", 7},
         {"provider_code", 8}},
        timeline);
  }
  return absl::OkStatus();
}

absl::Status AddProviderRequests(Transaction& tx, const std::string& call_id, GetCallTimelineResponse* timeline) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(Concat("SELECT ", Micros("asked_at"), ", operation, outcome, message, ",
                        "(extract(epoch FROM took) * 1000)::numeric(12, 3), traceparent FROM provider_requests ",
                        "WHERE call_id = $1"),
                 {call_id}));
  for (int i = 0; i < rows.size(); ++i) {
    Add(rows, i, 0, control::v1::TIMELINE_STEP_PROVIDER_REQUEST,
        Concat("the provider was asked: ", rows.String(i, 1), ", ", rows.String(i, 2)), 5,
        {{"operation", 1}, {"outcome", 2}, {"message", 3}, {"milliseconds", 4}}, timeline);
  }
  return absl::OkStatus();
}

// The audit has no index by call, which would cost every webhook: the events tell the times to look at.
absl::Status AddWebhooks(Transaction& tx, const std::string& call_id, GetCallTimelineResponse* timeline) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(
          Concat("SELECT ", Micros("w.received_at"), ", w.event, w.outcome, w.reason, w.events, ",
                 "w.remote_address, w.webhook_id, w.raw_topic, w.raw_partition, w.raw_offset FROM webhook_logs w ",
                 "JOIN (SELECT min(received_at) AS first, max(received_at) AS last FROM call_events ",
                 "WHERE call_id = $1) AS known ON w.received_at BETWEEN known.first AND known.last ",
                 "WHERE w.call_id = $1"),
          {call_id}));
  for (int i = 0; i < rows.size(); ++i) {
    Add(rows, i, 0, control::v1::TIMELINE_STEP_WEBHOOK,
        Concat("received: ", rows.String(i, 1), ", ", rows.String(i, 2)), -1,
        {{"event", 1},
         {"outcome", 2},
         {"reason", 3},
         {"events", 4},
         {"remote_address", 5},
         {"webhook_id", 6},
         {"topic", 7},
         {"partition", 8},
         {"offset", 9}},
        timeline);
  }
  return absl::OkStatus();
}

absl::Status AddEvents(Transaction& tx, const std::string& call_id, GetCallTimelineResponse* timeline) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute(Concat("SELECT ", Micros("received_at"),
                                        ", type, status, source, event_id, webhook_id, sequence, mapping_version, ",
                                        "traceparent, occurred_at FROM call_events WHERE call_id = $1"),
                                 {call_id}));
  for (int i = 0; i < rows.size(); ++i) {
    Add(rows, i, 0, control::v1::TIMELINE_STEP_EVENT,
        Concat("stored, merged and published: ", rows.String(i, 1), ", from ", rows.String(i, 3)), 8,
        {{"type", 1},
         {"status", 2},
         {"source", 3},
         {"occurred_at", 9},
         {"event_id", 4},
         {"webhook_id", 5},
         {"sequence", 6},
         {"mapping_version", 7}},
        timeline);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<GetCallTimelineResponse> CallTimeline::Of(const std::string& business_id, const std::string& call_id) {
  TL_RETURN_IF_ERROR(reader_.Get(business_id, call_id).status());
  GetCallTimelineResponse timeline;
  const absl::Status read = pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(AddAttempts(tx, call_id, &timeline));
    TL_RETURN_IF_ERROR(AddDial(tx, call_id, &timeline));
    TL_RETURN_IF_ERROR(AddProviderRequests(tx, call_id, &timeline));
    TL_RETURN_IF_ERROR(AddWebhooks(tx, call_id, &timeline));
    return AddEvents(tx, call_id, &timeline);
  });
  TL_RETURN_IF_ERROR(read);
  // Of steps at one time, in the order in which one follows from the other.
  std::stable_sort(timeline.mutable_entries()->begin(), timeline.mutable_entries()->end(),
                   [](const TimelineEntry& a, const TimelineEntry& b) {
                     const int64_t earlier = telephony::ToMicros(a.at());
                     const int64_t later = telephony::ToMicros(b.at());
                     return earlier != later ? earlier < later : a.step() < b.step();
                   });
  return timeline;
}

}  // namespace trunkline::gateway
