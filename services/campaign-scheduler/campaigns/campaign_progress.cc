#include "services/campaign-scheduler/campaigns/campaign_progress.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/records/campaign_record.h"
#include "services/campaign-scheduler/rules/calling_hours.h"
#include "services/campaign-scheduler/rules/people_reached.h"
#include "services/campaign-scheduler/rules/progress_forecast.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::Campaign;
using campaigns::v1::CampaignProgress;
using campaigns::v1::ContactCounts;
using campaigns::v1::OwnerHealth;
using postgres::Micros;
using postgres::Result;
using postgres::Transaction;

// How far back the pace is looked at.
constexpr absl::Duration kLately = absl::Hours(6);

int64_t Finished(const ContactCounts& counts) {
  return counts.reached() + counts.exhausted() + counts.suppressed() + counts.removed();
}

int64_t Remaining(const ContactCounts& counts) { return counts.pending() + counts.in_flight() + counts.waiting(); }

// The part of a week that the windows leave open. Every zone has the same: a week is looked at in UTC.
double OpenPart(const campaigns::v1::CallingRules& rules) {
  const CallingHours hours(rules.windows(), {});
  if (!hours.has_windows()) return 1;
  constexpr absl::Duration kStep = absl::Minutes(15);
  const absl::Time monday = absl::FromCivil(absl::CivilDay(2024, 1, 1), absl::UTCTimeZone());
  int open = 0;
  int all = 0;
  for (absl::Time at = monday; at < monday + absl::Hours(7 * 24); at += kStep) {
    ++all;
    if (hours.InWindow(at, absl::UTCTimeZone())) ++open;
  }
  return std::max(1, open) / static_cast<double>(all);
}

// The pace of the hours lately, each from when the campaign began to run in it.
struct Pace {
  std::vector<PaceSample> samples;
  int64_t attempts = 0;
  absl::Duration length;
};

absl::StatusOr<Pace> PaceOf(Transaction& tx, const CampaignProgress& progress, absl::Time now,
                            std::optional<absl::Time> running_since) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute(Concat("SELECT ", Micros("hour"), ", sum(attempts) FROM campaign_hours WHERE ",
                                        "campaign_id = $1 AND hour > $2 GROUP BY hour ORDER BY hour"),
                                 {progress.campaign_id(), now - kLately}));
  // Attempts are counted by hour, finished contacts are not: so many of them as attempts in all.
  const double finished_per_attempt =
      progress.attempts() == 0
          ? 0
          : std::min(1.0, static_cast<double>(progress.contacts().reached() + progress.contacts().exhausted()) /
                              static_cast<double>(progress.attempts()));
  Pace pace;
  for (int i = 0; i < rows.size(); ++i) {
    const absl::Time hour = *rows.Time(i, 0);
    absl::Time from = hour;
    if (progress.has_started_at()) from = std::max(from, telephony::FromProto(progress.started_at()));
    if (i + 1 == rows.size() && running_since.has_value()) from = std::max(from, std::min(*running_since, now));
    const absl::Duration length = std::min(hour + absl::Hours(1), now) - from;
    if (length < absl::Seconds(1)) continue;
    const int64_t attempts = rows.Integer(i, 1);
    pace.samples.push_back(
        {.length = length, .finished = static_cast<int64_t>(static_cast<double>(attempts) * finished_per_attempt)});
    pace.attempts += attempts;
    pace.length += length;
  }
  return pace;
}

absl::Status AddForecast(Transaction& tx, const Campaign& campaign, const Pace& pace, absl::Time now,
                         CampaignProgress* progress) {
  TL_ASSIGN_OR_RETURN(
      const Result last_due,
      tx.Execute(Concat("SELECT ", Micros("max(due_at)"), " FROM contacts WHERE campaign_id = $1 AND ", "state = 3"),
                 {campaign.campaign_id()}));
  const Forecast forecast = ForecastCompletion({.now = now,
                                                .remaining = Remaining(progress->contacts()),
                                                .last_due_at = last_due.Time(0, 0),
                                                .samples = pace.samples,
                                                .open_part = OpenPart(campaign.settings().rules())});
  const auto put = [](const std::optional<absl::Time>& time, google::protobuf::Timestamp* field) {
    if (time.has_value()) *field = telephony::ToProto(*time);
  };
  if (forecast.expected) put(forecast.expected, progress->mutable_estimated_completion());
  if (forecast.earliest) put(forecast.earliest, progress->mutable_estimated_completion_earliest());
  if (forecast.latest) put(forecast.latest, progress->mutable_estimated_completion_latest());
  return absl::OkStatus();
}

}  // namespace

OwnerHealth HealthOf(std::optional<absl::Duration> silent_for, const OwnerLimits& limits) {
  if (!silent_for.has_value() || *silent_for > limits.orphaned_after) return campaigns::v1::OWNER_HEALTH_ORPHANED;
  // One sign of life may be late; two in a row may not.
  return *silent_for > 2 * limits.heartbeat_interval ? campaigns::v1::OWNER_HEALTH_SILENT
                                                     : campaigns::v1::OWNER_HEALTH_ALIVE;
}

absl::StatusOr<CampaignProgress> ProgressReader::Get(std::string_view business_id, std::string_view campaign_id) {
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<CampaignProgress> {
    TL_ASSIGN_OR_RETURN(const Campaign campaign, ReadCampaign(tx, campaign_id));
    return Read(tx, campaign);
  });
}

absl::StatusOr<CampaignProgress> ProgressReader::Read(Transaction& tx, const Campaign& campaign) const {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(
          Concat("SELECT p.attempts, p.attempts_connected, p.attempts_failed, p.position, ", Micros("p.started_at"),
                 ", ", Micros("p.running_since"), ", extract(epoch FROM p.ran)::bigint, ", Micros("now()"),
                 ", r.address, p.epoch, ", Micros("r.heartbeat_at"),
                 ", (SELECT position FROM contacts n WHERE n.campaign_id = p.campaign_id AND n.state = 1 ",
                 "ORDER BY n.priority DESC, n.position LIMIT 1) FROM campaign_progress p ",
                 "LEFT JOIN scheduler_replicas r USING (replica_id) WHERE p.campaign_id = $1"),
          {campaign.campaign_id()}));
  if (rows.empty()) return absl::InternalError("a campaign without its progress");
  const absl::Time now = *rows.Time(0, 7);
  const std::optional<absl::Time> running_since = rows.Time(0, 5);
  CampaignProgress progress;
  progress.set_campaign_id(campaign.campaign_id());
  progress.set_state(campaign.state());
  *progress.mutable_contacts() = campaign.contacts();
  const ContactCounts& counts = progress.contacts();
  progress.set_finished_rate(
      counts.total() == 0 ? 0 : static_cast<int32_t>(Finished(counts) * kWholeRate / counts.total()));
  progress.set_attempts(rows.Integer(0, 0));
  progress.set_connected(rows.Integer(0, 1));
  progress.set_failed(rows.Integer(0, 2));
  progress.set_position(rows.Integer(0, 3));
  if (counts.pending() > 0) progress.set_next_position(rows.Integer(0, 11));
  if (const auto started_at = rows.Time(0, 4)) *progress.mutable_started_at() = telephony::ToProto(*started_at);
  absl::Duration ran = absl::Seconds(rows.Integer(0, 6));
  if (running_since.has_value()) ran += std::max(absl::ZeroDuration(), now - *running_since);
  *progress.mutable_running_time() = telephony::ToProto(ran);
  if (campaign.state() != campaigns::v1::CAMPAIGN_STATE_RUNNING) return progress;

  TL_ASSIGN_OR_RETURN(const Pace pace, PaceOf(tx, progress, now, running_since));
  if (pace.length > absl::ZeroDuration()) {
    progress.set_attempts_per_minute(static_cast<double>(pace.attempts) / absl::ToDoubleMinutes(pace.length));
  }
  TL_RETURN_IF_ERROR(AddForecast(tx, campaign, pace, now, &progress));
  const std::optional<absl::Time> heartbeat = rows.Time(0, 10);
  campaigns::v1::CampaignOwner& owner = *progress.mutable_owner();
  owner.set_replica(rows.String(0, 8));
  owner.set_epoch(rows.Integer(0, 9));
  if (heartbeat.has_value()) *owner.mutable_heartbeat_at() = telephony::ToProto(*heartbeat);
  owner.set_health(HealthOf(heartbeat.has_value() ? std::optional(now - *heartbeat) : std::nullopt, limits_));
  return progress;
}

}  // namespace trunkline::scheduler
