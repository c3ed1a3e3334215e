#include "services/campaign-scheduler/simulation/model_store.h"

#include <algorithm>

#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/engine/slot_line.h"
#include "services/campaign-scheduler/rules/campaign_state.h"
#include "services/campaign-scheduler/rules/decision.h"
#include "services/campaign-scheduler/rules/disposition.h"

namespace trunkline::scheduler {
namespace {

v1::Decision DenialOf(v1::CallRule rule) {
  v1::Decision decision;
  decision.set_rule(rule);
  return decision;
}

}  // namespace

void ModelStore::Add(Campaign campaign, std::vector<Contact> contacts, absl::Time now) {
  StoredCampaign& stored = campaigns_[campaign.campaign_id];
  stored.campaign = std::move(campaign);
  stored.running_since = now;
  for (Contact& contact : contacts) {
    const auto position = static_cast<int64_t>(stored.contacts.size()) + 1;
    contact.record.set_position(position);
    if (contact.record.state() == v1::CONTACT_STATE_WAITING && contact.record.has_due_at()) {
      stored.waiting.insert({telephony::FromProto(contact.record.due_at()), position});
    } else {
      contact.record.set_state(v1::CONTACT_STATE_PENDING);
      stored.pending.insert({-contact.record.priority(), position});
    }
    stored.contacts.push_back({.contact = std::move(contact)});
  }
  stored.unfinished = static_cast<int64_t>(stored.contacts.size());
}

void ModelStore::SetState(const std::string& campaign_id, v1::CampaignState state, absl::Time now) {
  StoredCampaign& stored = of(campaign_id);
  if (!IsLegalTransition(stored.campaign.state, state)) return;
  stored.campaign.state = state;
  ++stored.campaign.version;
  if (state == v1::CAMPAIGN_STATE_RUNNING) stored.running_since = now;
}

int64_t ModelStore::RaiseEpoch(const std::string& campaign_id, int owner) {
  StoredCampaign& stored = of(campaign_id);
  stored.owner = owner;
  return ++stored.epoch;
}

absl::StatusOr<Takeover> ModelStore::Load(const std::string& campaign_id, int64_t epoch, absl::Time now) {
  const StoredCampaign& stored = of(campaign_id);
  if (stored.epoch != epoch) return absl::FailedPreconditionError("another replica runs the campaign by now");
  Takeover takeover{.campaign = stored.campaign,
                    .epoch = epoch,
                    .now = now,
                    .running_since = stored.running_since,
                    .recent_commits = {stored.commits.begin(), stored.commits.end()},
                    .people = stored.people};
  for (const auto& [attempt_id, attempt] : stored.under_way) {
    takeover.under_way.push_back(attempt);
    takeover.under_way.back().contact =
        stored.contacts[static_cast<size_t>(attempt.contact.record.position()) - 1].contact;
  }
  return takeover;
}

NumberFacts ModelStore::FactsOf(const std::string& business_id, const std::string& number) const {
  NumberFacts facts;
  if (const auto dials = dials_.find({business_id, number}); dials != dials_.end()) facts.dials = dials->second;
  if (suppressed_.contains({business_id, number})) facts.on_business_list = absl::InfiniteFuture();
  return facts;
}

DueContacts ModelStore::ReadDue(const std::string& campaign_id, const scheduler::ReadDue& wanted,
                                absl::Time now) const {
  const StoredCampaign& stored = campaigns_.at(campaign_id);
  const absl::flat_hash_set<int64_t> in_hand(wanted.in_hand.begin(), wanted.in_hand.end());
  DueContacts due;
  const auto add = [&](int64_t position) {
    if (in_hand.contains(position)) return;
    const Contact& contact = stored.contacts[static_cast<size_t>(position) - 1].contact;
    due.contacts.push_back({contact, FactsOf(stored.campaign.business_id, contact.record.number())});
  };
  auto waiting = stored.waiting.begin();
  for (; waiting != stored.waiting.end() && waiting->first <= now && due.contacts.size() < wanted.most; ++waiting) {
    add(waiting->second);
  }
  if (waiting != stored.waiting.end()) due.next_due_at = waiting->first;
  auto pending = stored.pending.begin();
  for (; pending != stored.pending.end() && due.contacts.size() < wanted.most; ++pending) add(pending->second);
  due.more = pending != stored.pending.end() || due.next_due_at <= now;
  return due;
}

void ModelStore::Move(StoredCampaign& stored, int64_t position, v1::ContactState to, std::optional<absl::Time> due_at) {
  v1::Contact& contact = stored.contacts[static_cast<size_t>(position) - 1].contact.record;
  if (contact.state() == v1::CONTACT_STATE_PENDING) stored.pending.erase({-contact.priority(), position});
  if (contact.state() == v1::CONTACT_STATE_WAITING) {
    stored.waiting.erase({telephony::FromProto(contact.due_at()), position});
  }
  if (!IsFinished(contact.state()) && IsFinished(to)) --stored.unfinished;
  contact.set_state(to);
  contact.clear_due_at();
  if (to != v1::CONTACT_STATE_WAITING) return;
  *contact.mutable_due_at() = telephony::ToProto(due_at.value_or(absl::InfinitePast()));
  stored.waiting.insert({telephony::FromProto(contact.due_at()), position});
}

void ModelStore::Deny(StoredCampaign& stored, const v1::Contact& contact, const v1::Decision& decision) {
  if (decision.rule() == v1::CALL_RULE_ABANDON_RATE) return;
  switch (ConsequenceOf(decision)) {
    case Consequence::kLeave:
      return;
    case Consequence::kPutOff:
      return Move(stored, contact.position(), v1::CONTACT_STATE_WAITING, telephony::FromProto(decision.next_at()));
    case Consequence::kSuppress:
      return Move(stored, contact.position(), v1::CONTACT_STATE_SUPPRESSED, std::nullopt);
    case Consequence::kExhaust:
      return Move(stored, contact.position(), v1::CONTACT_STATE_EXHAUSTED, std::nullopt);
  }
}

CommitResult ModelStore::Commit(const std::string& campaign_id, int64_t epoch, const Campaign& given,
                                const CommitBatch& batch, absl::Time now) {
  StoredCampaign& stored = of(campaign_id);
  if (stored.epoch != epoch) return {.fenced = true};
  watch_.commit(stored, epoch);
  CommitResult result{.now = now};
  if (stored.campaign.version != given.version) result.campaign = stored.campaign;
  const std::string& business = stored.campaign.business_id;
  const CampaignFacts facts{.state = stored.campaign.state, .people = batch.people};
  for (const PlannedAttempt& planned : batch.attempts) {
    const Contact& contact = stored.contacts[static_cast<size_t>(planned.contact.record.position()) - 1].contact;
    const std::string& number = contact.record.number();
    v1::Decision decision = DenialOf(v1::CALL_RULE_CONTACT_STATE);
    if (stored.campaign.state != v1::CAMPAIGN_STATE_RUNNING) {
      decision = DenialOf(v1::CALL_RULE_CAMPAIGN_STATE);
    } else if (NextNumberOf(contact) == planned.number) {
      decision = Decide(*stored.campaign.rules, facts, contact.record, FactsOf(business, number), now);
    }
    if (!decision.allowed()) {
      Deny(stored, contact.record, decision);
      result.denied.push_back({planned.attempt_id, std::move(decision)});
      continue;
    }
    AttemptUnderWay attempt{.attempt_id = planned.attempt_id,
                            .number = planned.number,
                            .contact = contact,
                            .slot_id = planned.slot_id,
                            .committed_at = now,
                            .dial_before = now + batch.dial_time};
    watch_.attempt(stored, attempt, now);
    dials_[{business, number}].push_back(now);
    Move(stored, contact.record.position(), v1::CONTACT_STATE_IN_FLIGHT, std::nullopt);
    stored.under_way.emplace(planned.attempt_id, std::move(attempt));
    stored.commits.push_back(now);
    ++stored.attempts;
    result.started.push_back(planned.attempt_id);
  }
  while (stored.commits.size() > 1 && stored.commits.front() <= now - absl::Minutes(1)) stored.commits.pop_front();
  for (const ContactPutOff& put_off : batch.put_off) {
    const v1::Contact& contact = stored.contacts[static_cast<size_t>(put_off.position) - 1].contact.record;
    if (contact.state() != v1::CONTACT_STATE_PENDING && contact.state() != v1::CONTACT_STATE_WAITING) continue;
    Move(stored, put_off.position, put_off.to, put_off.due_at);
  }
  for (const CallTold& call : batch.calls) {
    if (const auto found = stored.under_way.find(call.attempt_id); found != stored.under_way.end()) {
      found->second.call_id = call.call_id;
    }
  }
  for (const AttemptEnding& ending : batch.endings) {
    stored.outcomes.erase(ending.attempt_id);
    if (stored.under_way.erase(ending.attempt_id) == 0) continue;
    ++stored.dispositions[ending.disposition];
    const bool abandoned = ending.disposition == v1::DISPOSITION_ABANDONED;
    if (abandoned || ending.disposition == v1::DISPOSITION_CONNECTED) {
      stored.people.Note(ending.ended_at, {.reached = 1, .abandoned = abandoned ? 1 : 0});
    }
    if (IsUndialed(ending.disposition)) std::erase(dials_[{business, ending.to_number}], ending.committed_at);
    Contact& contact = stored.contacts[static_cast<size_t>(ending.position) - 1].contact;
    if (contact.record.state() != v1::CONTACT_STATE_IN_FLIGHT) continue;
    contact.endings.push_back(ending.disposition);
    contact.record.set_attempts(ending.attempts);
    Move(stored, ending.position, ending.contact_state, ending.due_at);
  }
  for (const std::string& attempt_id : batch.known_outcomes) stored.outcomes.erase(attempt_id);
  if (stored.campaign.state != v1::CAMPAIGN_STATE_RUNNING) return result;
  if (stored.unfinished == 0) {
    SetState(campaign_id, v1::CAMPAIGN_STATE_COMPLETED, now);
  } else if (batch.stop.has_value()) {
    SetState(campaign_id, batch.stop->to, now);
  }
  if (stored.campaign.version != given.version) result.campaign = stored.campaign;
  return result;
}

void ModelStore::KeepOutcome(const std::string& campaign_id, AttemptOutcome outcome) {
  StoredCampaign& stored = of(campaign_id);
  if (!stored.under_way.contains(outcome.attempt_id)) return;
  stored.outcomes.emplace(outcome.attempt_id, std::move(outcome));
}

}  // namespace trunkline::scheduler
