#include "services/campaign-scheduler/engine/dial_request.h"

#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {
namespace {

using Variables = google::protobuf::Map<std::string, std::string>;

constexpr absl::Duration kLongestPause = absl::Seconds(10);  // between two tries of a warm-up

void FillInText(const Variables& variables, std::string* text) {
  std::string filled;
  size_t from = 0;
  for (size_t begin = text->find("{{"); begin != std::string::npos; begin = text->find("{{", from)) {
    const size_t end = text->find("}}", begin + 2);
    if (end == std::string::npos) break;
    filled.append(*text, from, begin - from);
    if (const auto found = variables.find(text->substr(begin + 2, end - begin - 2)); found != variables.end()) {
      filled += found->second;
    }
    from = end + 2;
  }
  if (from == 0) return;
  filled.append(*text, from);
  *text = std::move(filled);
}

void FillInVerbs(const Variables& variables, google::protobuf::RepeatedPtrField<plans::v1::Verb>* verbs) {
  for (plans::v1::Verb& verb : *verbs) {
    if (verb.has_say()) FillInText(variables, verb.mutable_say()->mutable_text());
    if (verb.has_gather()) FillInVerbs(variables, verb.mutable_gather()->mutable_prompts());
  }
}

}  // namespace

void FillIn(const std::string& variables, plans::v1::CallPlan* plan) {
  v1::Contact contact;
  // What cannot be read has no variables.
  if (!contact.ParseFromString(variables)) contact.clear_variables();
  FillInVerbs(contact.variables(), plan->mutable_verbs());
  for (auto& [name, step] : *plan->mutable_steps()) FillInVerbs(contact.variables(), step.mutable_verbs());
}

control::v1::InitiateCallRequest DialRequestOf(const Campaign& campaign, const AttemptUnderWay& attempt) {
  const v1::CampaignSettings& settings = campaign.settings;
  control::v1::InitiateCallRequest request;
  request.set_request_id(attempt.attempt_id);
  request.set_to(attempt.contact.record.number());
  request.set_from(settings.from());
  request.set_provider_account_id(settings.provider_account_id());
  *request.mutable_plan() = settings.plan();
  FillIn(attempt.contact.variables, request.mutable_plan());
  if (settings.has_ring_timeout()) *request.mutable_ring_timeout() = settings.ring_timeout();
  if (settings.has_time_limit()) *request.mutable_time_limit() = settings.time_limit();
  request.set_record(settings.record());
  request.set_detect_machine(settings.machine_policy() != v1::MACHINE_POLICY_UNSPECIFIED);
  *request.mutable_tags() = settings.tags();
  request.set_campaign_id(campaign.campaign_id);
  request.set_attempt_id(attempt.attempt_id);
  *request.mutable_dial_before() = telephony::ToProto(attempt.dial_before);
  if (settings.has_warm_up()) *request.mutable_warm_up() = settings.warm_up();
  request.set_slot_id(attempt.slot_id);
  return request;
}

absl::Duration DialTimeOf(const v1::CampaignSettings& settings, absl::Duration usual, const WarmUpDefaults& defaults) {
  if (!settings.has_warm_up()) return usual;
  const auto& warm_up = settings.warm_up();
  const absl::Duration timeout = warm_up.has_timeout() ? telephony::FromProto(warm_up.timeout()) : defaults.timeout;
  const int retries = warm_up.has_retries() ? warm_up.retries() : defaults.retries;
  return usual + timeout * (retries + 1) + kLongestPause * retries;
}

}  // namespace trunkline::scheduler
