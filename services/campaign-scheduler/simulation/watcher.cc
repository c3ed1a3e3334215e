#include "services/campaign-scheduler/simulation/watcher.h"

#include <algorithm>

#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/rules/campaign_state.h"
#include "services/campaign-scheduler/rules/disposition.h"
#include "services/campaign-scheduler/rules/retry_policy.h"

namespace trunkline::scheduler {
namespace {

constexpr size_t kMostComplaints = 20;

// Of those that the simulated campaigns have; without a rule it is longer.
absl::Duration ShortestDelay(const v1::RetryPolicy& policy) {
  absl::Duration shortest = absl::Minutes(60);
  for (const v1::RetryRule& rule : policy.rules()) {
    for (const auto& delay : rule.delays()) shortest = std::min(shortest, telephony::FromProto(delay));
  }
  return shortest;
}

// After these nobody is called again, whatever the policy says of others.
bool IsFinalEnding(v1::Disposition ending) {
  return ending == v1::DISPOSITION_REJECTED || ending == v1::DISPOSITION_INVALID_NUMBER ||
         ending == v1::DISPOSITION_ABANDONED;
}

governor::Subject SubjectOf(const Campaign& campaign) {
  return {.business_id = campaign.business_id,
          .provider_account_id = campaign.settings.provider_account_id(),
          .caller_number = campaign.settings.from(),
          .campaign_id = campaign.campaign_id};
}

}  // namespace

void Watcher::Require(bool holds, const std::string& rule, const std::string& which) {
  if (!holds && complaints_.size() < kMostComplaints) Complain(Concat(rule, ": ", which));
}

void Watcher::NoteCommit(const StoredCampaign& stored, int64_t epoch) {
  int64_t& latest = epochs_[stored.campaign.campaign_id];
  Require(epoch >= latest, "an owner that was replaced commits nothing", stored.campaign.campaign_id);
  latest = std::max(latest, epoch);
}

void Watcher::NoteCommitted(const StoredCampaign& stored, const AttemptUnderWay& attempt, absl::Time now) {
  const std::string& campaign_id = stored.campaign.campaign_id;
  const v1::CampaignSettings& settings = stored.campaign.settings;
  Require(!stopped_at_.contains(campaign_id), "no attempt is committed while the campaign does not run", campaign_id);
  Require(!attempts_.contains(attempt.attempt_id), "an attempt is committed once", attempt.attempt_id);
  attempts_[attempt.attempt_id] = {.subject = SubjectOf(stored.campaign),
                                   .contact_id = attempt.contact.record.contact_id(),
                                   .committed_at = attempt.committed_at,
                                   .dial_before = attempt.dial_before};
  Require(!suppressed_.contains({stored.campaign.business_id, attempt.contact.record.number()}),
          "whom a list forbids nobody dials", attempt.contact.record.contact_id());
  const auto ended = ended_at_.find(attempt.contact.record.contact_id());
  Require(ended == ended_at_.end() || now - ended->second >= ShortestDelay(settings.retries()),
          "nobody is called again before the delay is over", attempt.contact.record.contact_id());
  std::vector<absl::Time>& commits = commits_[campaign_id];
  std::erase_if(commits, [&](absl::Time at) { return at <= now - absl::Minutes(1); });
  const v1::Pacing& pacing = settings.pacing();
  const absl::Duration spacing = telephony::FromProto(pacing.call_spacing());
  Require(spacing == absl::ZeroDuration() || commits.empty() || now - commits.back() >= spacing,
          "no two calls of a campaign are closer than its spacing", campaign_id);
  commits.push_back(now);
  const auto since = [&](absl::Duration length) {
    return std::count_if(commits.begin(), commits.end(), [&](absl::Time at) { return at > now - length; });
  };
  Require(pacing.calls_per_second() == 0 || since(absl::Seconds(1)) <= pacing.calls_per_second(),
          "no second has more calls than the campaign allows", campaign_id);
  Require(pacing.calls_per_minute() == 0 || since(absl::Minutes(1)) <= pacing.calls_per_minute(),
          "no minute has more calls than the campaign allows", campaign_id);
  for (const std::string& name : stored.campaign.rules->TimeZonesOf(attempt.contact.record)) {
    absl::TimeZone zone;
    if (settings.rules().windows().empty() || !absl::LoadTimeZone(name, &zone)) continue;
    const std::string time = absl::FormatTime("%H:%M", now, zone);
    const bool open = std::any_of(settings.rules().windows().begin(), settings.rules().windows().end(),
                                  [&](const auto& window) { return time >= window.opens() && time < window.closes(); });
    Require(open, "nobody is called outside the hours", Concat(time, " in ", name));
  }
}

void Watcher::NoteDialed(const StoredCampaign& stored, const std::string& attempt_id, absl::Time now) {
  ++dialed_;
  const auto found = attempts_.find(attempt_id);
  Require(found != attempts_.end(), "nothing is dialled that is not committed", attempt_id);
  if (found == attempts_.end()) return;
  Known& known = found->second;
  Require(++known.dials == 1, "an attempt is dialled once", attempt_id);
  Require(stored.under_way.contains(attempt_id), "no attempt is dialled after its end is committed", attempt_id);
  Require(now <= known.dial_before + absl::Seconds(1), "nothing is dialled after its time", attempt_id);
  const auto stopped = stopped_at_.find(known.subject.campaign_id);
  Require(stopped == stopped_at_.end() || now <= stopped->second + absl::Seconds(21),
          "no dial while the campaign is paused", known.subject.campaign_id);
  Require(++dials_of_contact_[known.contact_id] <= AttemptCap(stored.campaign.settings.retries()),
          "no contact is dialled more often than its cap", known.contact_id);
  Require(++live_of_contact_[known.contact_id] == 1, "nobody has two calls at a time", known.contact_id);
  known.live = true;
  for (const governor::LevelKey& key : known.subject.Levels()) {
    const auto most = most_calls_.find(key);
    const int live = ++live_[key];
    Require(most == most_calls_.end() || live <= most->second, "no more calls at the provider than a level may have",
            Concat("level ", static_cast<int>(key.level), " ", key.id));
  }
  const int per_day = stored.campaign.settings.rules().max_calls_per_number_per_day();
  const auto& attempt = stored.under_way.find(attempt_id);
  if (attempt == stored.under_way.end()) return;
  std::vector<Dial>& dials = dials_[{known.subject.business_id, attempt->second.contact.record.number()}];
  dials.push_back({known.committed_at, per_day});
  // Whoever was committed later may have been dialled earlier, for a campaign that allows more.
  for (const Dial& dial : dials) {
    const auto before = std::count_if(dials.begin(), dials.end(), [&](const Dial& other) {
      return other.committed_at > dial.committed_at - absl::Hours(24) && other.committed_at < dial.committed_at;
    });
    Require(dial.per_day == 0 || before < dial.per_day, "no number is called more often a day than allowed",
            known.contact_id);
  }
}

void Watcher::NoteNeverDialed(const std::string& attempt_id) {
  if (const auto found = attempts_.find(attempt_id); found != attempts_.end()) {
    ++never_dialed_of_contact_[found->second.contact_id];
  }
}

void Watcher::NoteCallEnded(const std::string& attempt_id, absl::Time now) {
  const auto found = attempts_.find(attempt_id);
  if (found == attempts_.end() || !found->second.live) return;
  found->second.live = false;
  for (const governor::LevelKey& key : found->second.subject.Levels()) --live_[key];
  --live_of_contact_[found->second.contact_id];
  ended_at_[found->second.contact_id] = now;
}

void Watcher::NoteState(const std::string& campaign_id, v1::CampaignState state, absl::Time now) {
  if (state == v1::CAMPAIGN_STATE_RUNNING) {
    stopped_at_.erase(campaign_id);
  } else {
    stopped_at_.emplace(campaign_id, now);
  }
}

void Watcher::NoteEnd(const StoredCampaign& stored) {
  const std::string& campaign_id = stored.campaign.campaign_id;
  Require(stored.campaign.state == v1::CAMPAIGN_STATE_COMPLETED, "a campaign comes to its end", campaign_id);
  Require(stored.under_way.empty(), "no attempt stays under way", campaign_id);
  Require(stored.outcomes.empty(), "no outcome stays untaken", campaign_id);
  for (const StoredContact& kept : stored.contacts) {
    const Contact& contact = kept.contact;
    const std::string& id = contact.record.contact_id();
    Require(IsFinished(contact.record.state()), "no contact is skipped", id);
    // Why it is finished has to be seen in what was dialled.
    const int dialed = dials_of_contact_[id] + never_dialed_of_contact_[id];
    const auto counted = std::count_if(contact.endings.begin(), contact.endings.end(),
                                       [](v1::Disposition ending) { return !IsUndialed(ending); });
    Require(counted == dialed, "as many attempts count as were dialled", id);
    if (contact.record.state() == v1::CONTACT_STATE_SUPPRESSED) {
      Require(dialed == 0, "whom a list forbids nobody dials", id);
    } else {
      Require(dialed > 0, "no contact is skipped", id);
    }
    if (contact.record.state() != v1::CONTACT_STATE_EXHAUSTED || contact.endings.empty()) continue;
    Require(counted >= stored.campaign.settings.retries().max_attempts() || IsFinalEnding(contact.endings.back()),
            "nobody is given up early", id);
  }
}

}  // namespace trunkline::scheduler
