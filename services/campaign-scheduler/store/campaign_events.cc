#include "services/campaign-scheduler/store/campaign_events.h"

#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/records/campaign_event_outbox.h"

namespace trunkline::scheduler {

using campaigns::v1::CampaignEvent;

CampaignEvent CampaignEvents::Begin(campaigns::v1::CampaignEventType type) {
  CampaignEvent event;
  event.set_event_id(CampaignEventId(campaign_id_, ++sequence_));
  event.set_campaign_id(campaign_id_);
  event.set_business_id(business_id_);
  event.set_type(type);
  *event.mutable_occurred_at() = telephony::ToProto(now_);
  event.set_sequence(sequence_);
  event.set_actor(actor_);
  return event;
}

void CampaignEvents::AttemptStarted(const PlannedAttempt& attempt, absl::Time dial_before) {
  CampaignEvent event = Begin(campaigns::v1::CAMPAIGN_EVENT_TYPE_ATTEMPT_STARTED);
  v1::Attempt& data = *event.mutable_attempt();
  data.set_attempt_id(attempt.attempt_id);
  data.set_contact_id(attempt.contact.record.contact_id());
  data.set_campaign_id(campaign_id_);
  data.set_number(attempt.number);
  *data.mutable_committed_at() = telephony::ToProto(now_);
  *data.mutable_dial_before() = telephony::ToProto(dial_before);
  data.set_slot_id(attempt.slot_id);
  messages_.push_back(event.SerializeAsString());
}

void CampaignEvents::AttemptEnded(const AttemptEnding& ending) {
  CampaignEvent event = Begin(campaigns::v1::CAMPAIGN_EVENT_TYPE_ATTEMPT_ENDED);
  v1::Attempt& data = *event.mutable_attempt();
  data = ending.outcome;
  data.set_attempt_id(ending.attempt_id);
  data.set_contact_id(ending.contact_id);
  data.set_campaign_id(campaign_id_);
  data.set_number(ending.number);
  *data.mutable_committed_at() = telephony::ToProto(ending.committed_at);
  data.set_call_id(ending.call_id);
  data.set_disposition(ending.disposition);
  *data.mutable_ended_at() = telephony::ToProto(ending.ended_at);
  messages_.push_back(event.SerializeAsString());
}

void CampaignEvents::ContactFinished(std::string_view contact_id, v1::ContactState state, int attempts,
                                     v1::CallRule rule) {
  CampaignEvent event = Begin(campaigns::v1::CAMPAIGN_EVENT_TYPE_CONTACT_FINISHED);
  event.mutable_contact()->set_contact_id(std::string(contact_id));
  event.mutable_contact()->set_state(state);
  event.mutable_contact()->set_attempts(attempts);
  event.mutable_contact()->set_rule(rule);
  messages_.push_back(event.SerializeAsString());
}

void CampaignEvents::OwnerChanged(std::string_view replica_id, int64_t epoch, std::string_view reason) {
  CampaignEvent event = Begin(campaigns::v1::CAMPAIGN_EVENT_TYPE_OWNER_CHANGED);
  event.mutable_owner_change()->set_replica(std::string(replica_id));
  event.mutable_owner_change()->set_epoch(epoch);
  event.mutable_owner_change()->set_reason(std::string(reason));
  messages_.push_back(event.SerializeAsString());
}

}  // namespace trunkline::scheduler
