#include "services/campaign-scheduler/campaigns/explainer.h"

#include <optional>
#include <utility>

#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/campaigns/call_gates.h"
#include "services/campaign-scheduler/campaigns/pacing_gates.h"
#include "services/campaign-scheduler/records/campaign_record.h"
#include "services/campaign-scheduler/records/contact_record.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::Campaign;
using campaigns::v1::Contact;
using campaigns::v1::ExplainCampaignRequest;
using campaigns::v1::ExplainCampaignResponse;
using campaigns::v1::ExplainContactRequest;
using campaigns::v1::ExplainContactResponse;
using postgres::Micros;
using postgres::Result;
using postgres::Transaction;

constexpr std::string_view kNil = "00000000-0000-0000-0000-000000000000";

// Until when each row lasts; for good without a time.
std::optional<absl::Time> Until(const Result& rows, int row, int column) {
  return rows.Time(row, column).value_or(absl::InfiniteFuture());
}

absl::StatusOr<CampaignFacts> FactsOfCampaign(Transaction& tx, const Campaign& campaign, absl::Time now) {
  CampaignFacts facts{.state = campaign.state()};
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(Concat("SELECT ", Micros("hour"), ", sum(attempts)::bigint, coalesce(sum(attempts) FILTER (WHERE ",
                        "disposition = $3), 0)::bigint FROM campaign_hours WHERE campaign_id = $1 AND hour > $2 AND ",
                        "disposition IN ($3, $4) GROUP BY hour"),
                 {campaign.campaign_id(), now - kLongAbandonPeriod - absl::Hours(1),
                  static_cast<int>(campaigns::v1::DISPOSITION_ABANDONED),
                  static_cast<int>(campaigns::v1::DISPOSITION_CONNECTED)}));
  for (int i = 0; i < rows.size(); ++i) {
    facts.people.Note(*rows.Time(i, 0), {.reached = rows.Integer(i, 1), .abandoned = rows.Integer(i, 2)});
  }
  return facts;
}

absl::StatusOr<Contact> FindContact(Transaction& tx, const Campaign& campaign, const ExplainContactRequest& request) {
  if (!request.contact_id().empty()) {
    return ReadContact(tx, campaign.campaign_id(), request.contact_id(), campaign.state());
  }
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(Concat("SELECT ", ContactColumns(),
                                                           " FROM contacts WHERE campaign_id = $1 AND number = $2"),
                                                    {campaign.campaign_id(), request.number()}));
  if (rows.empty()) return NoSuchContact(campaign.campaign_id(), "with that number");
  return ContactOf(rows, 0, campaign.state());
}

}  // namespace

absl::StatusOr<NumberFacts> Explainer::FactsOf(Transaction& tx, const std::string& campaign_id,
                                               const std::string& number) const {
  NumberFacts facts;
  TL_ASSIGN_OR_RETURN(const Result dials,
                      tx.Execute(Concat("SELECT ", Micros("dial"), " FROM number_dials, unnest(dialed_at) AS dial ",
                                        "WHERE number = $1"),
                                 {number}));
  for (int i = 0; i < dials.size(); ++i) facts.dials.push_back(*dials.Time(i, 0));
  const auto lists = [&](Transaction& reader, std::string_view business) {
    return reader.Execute(Concat("SELECT campaign_id = '", kNil, "', ", Micros("expires_at"),
                                 " FROM suppression WHERE ", "number = $1 AND (campaign_id = $2 OR campaign_id = '",
                                 kNil, "') AND (business_id = '", kNil, "') = $3::boolean"),
                          {number, campaign_id, business.empty()});
  };
  TL_ASSIGN_OR_RETURN(const Result own, lists(tx, "own"));
  for (int i = 0; i < own.size(); ++i) {
    (own.Boolean(i, 0) ? facts.on_business_list : facts.on_campaign_list) = Until(own, i, 1);
  }
  TL_ASSIGN_OR_RETURN(const Result global,
                      parts_.worker_pool.InTransaction([&](Transaction& worker) { return lists(worker, ""); }));
  if (!global.empty()) facts.on_global_list = Until(global, 0, 1);
  return facts;
}

absl::Status Explainer::AddPacing(Transaction& tx, const Campaign& campaign, Gates* gates) const {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute(Concat("SELECT ", Micros("last_committed_at"), ", ", Micros("running_since"), ", ",
                                        Micros("now()"), " FROM campaign_progress WHERE campaign_id = $1"),
                                 {campaign.campaign_id()}));
  if (rows.empty()) return absl::InternalError("a campaign without its progress");
  const absl::Time now = *rows.Time(0, 2);
  PaceSoFar so_far{.running_since = rows.Time(0, 1).value_or(now), .committed = {}};
  TL_ASSIGN_OR_RETURN(const Result commits,
                      tx.Execute(Concat("SELECT ", Micros("committed_at"), " FROM attempts WHERE campaign_id = $1 ",
                                        "AND committed_at > now() - interval '1 minute' ORDER BY committed_at"),
                                 {campaign.campaign_id()}));
  for (int i = 0; i < commits.size(); ++i) so_far.committed.push_back(*commits.Time(i, 0));
  if (so_far.committed.empty() && !rows.IsNull(0, 0)) so_far.committed.push_back(*rows.Time(0, 0));
  for (control::v1::CallGate& gate : PacingGates(campaign.settings().pacing(), options_.usual_spacing, so_far, now)) {
    *gates->Add() = std::move(gate);
  }
  return absl::OkStatus();
}

void Explainer::AddOthers(const Campaign& campaign, const std::string& number, Gates* gates) const {
  if (parts_.ask_governor) {
    governor::v1::ExplainRequest request;
    request.mutable_subject()->set_business_id(campaign.business_id());
    request.mutable_subject()->set_provider_account_id(campaign.settings().provider_account_id());
    request.mutable_subject()->set_caller_number(campaign.settings().from());
    request.mutable_subject()->set_campaign_id(campaign.campaign_id());
    request.set_kind(governor::v1::SLOT_KIND_ORDINARY);
    if (const auto response = parts_.ask_governor(request); response.ok()) {
      for (const governor::v1::Gate& gate : response->gates()) *gates->Add() = GateOf(gate);
    } else {
      *gates->Add() = UnknownGate("concurrency", "not known: the governor cannot be asked");
    }
  }
  if (!parts_.ask_gateway || number.empty()) return;
  control::v1::ExplainCallRequest request;
  control::v1::InitiateCallRequest& call = *request.mutable_call();
  call.set_to(number);
  call.set_from(campaign.settings().from());
  call.set_provider_account_id(campaign.settings().provider_account_id());
  call.set_campaign_id(campaign.campaign_id());
  if (campaign.settings().has_warm_up()) *call.mutable_warm_up() = campaign.settings().warm_up();
  if (const auto response = parts_.ask_gateway(campaign.business_id(), request); response.ok()) {
    for (const control::v1::CallGate& gate : response->gates()) *gates->Add() = gate;
  } else {
    *gates->Add() = UnknownGate("gateway", Concat("not known: ", ToStd(response.status().message())));
  }
}

absl::StatusOr<ExplainContactResponse> Explainer::ExplainContact(std::string_view business_id,
                                                                 const ExplainContactRequest& request) const {
  FieldChecks checks;
  checks.Require(request.contact_id().empty() != request.number().empty(), "contact_id",
                 "either contact_id or number must be given");
  checks.Require(request.number().empty() || telephony::IsE164(request.number()), "number", telephony::kMustBeE164);
  TL_RETURN_IF_ERROR(checks.Finish());
  const absl::Time now = parts_.clock.Now();
  Campaign campaign;
  TL_ASSIGN_OR_RETURN(
      ExplainContactResponse response,
      parts_.pool.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ExplainContactResponse> {
        TL_ASSIGN_OR_RETURN(campaign, ReadCampaign(tx, request.campaign_id()));
        ExplainContactResponse explained;
        TL_ASSIGN_OR_RETURN(*explained.mutable_contact(), FindContact(tx, campaign, request));
        TL_ASSIGN_OR_RETURN(const auto attempts,
                            ReadAttempts(tx, campaign.campaign_id(), explained.contact().position()));
        explained.mutable_attempts()->Add(attempts.begin(), attempts.end());
        TL_ASSIGN_OR_RETURN(const CampaignFacts facts, FactsOfCampaign(tx, campaign, now));
        TL_ASSIGN_OR_RETURN(const NumberFacts number,
                            FactsOf(tx, campaign.campaign_id(), explained.contact().number()));
        const DialRules rules(campaign.settings(), options_.blocked_prefixes);
        const campaigns::v1::Decision decision = Decide(rules, facts, explained.contact(), number, now);
        for (const auto& result : decision.results()) *explained.add_gates() = GateOf(result);
        TL_RETURN_IF_ERROR(AddPacing(tx, campaign, explained.mutable_gates()));
        return explained;
      }));
  AddOthers(campaign, response.contact().number(), response.mutable_gates());
  response.set_summary(SummaryOf(response.gates()));
  return response;
}

absl::StatusOr<ExplainCampaignResponse> Explainer::ExplainCampaign(std::string_view business_id,
                                                                   const ExplainCampaignRequest& request) const {
  const absl::Time now = parts_.clock.Now();
  Campaign campaign;
  TL_ASSIGN_OR_RETURN(
      ExplainCampaignResponse response,
      parts_.pool.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ExplainCampaignResponse> {
        TL_ASSIGN_OR_RETURN(campaign, ReadCampaign(tx, request.campaign_id()));
        ExplainCampaignResponse explained;
        TL_ASSIGN_OR_RETURN(*explained.mutable_progress(), parts_.progress.Read(tx, campaign));
        TL_ASSIGN_OR_RETURN(const CampaignFacts facts, FactsOfCampaign(tx, campaign, now));
        // Of a contact that nothing else stands in the way of, what is left are the rules of the campaign itself.
        const DialRules rules(campaign.settings(), options_.blocked_prefixes);
        const campaigns::v1::Decision decision = Decide(rules, facts, Contact(), {}, now);
        for (const auto& result : decision.results()) {
          if (result.rule() == campaigns::v1::CALL_RULE_CAMPAIGN_STATE ||
              result.rule() == campaigns::v1::CALL_RULE_ABANDON_RATE) {
            *explained.add_gates() = GateOf(result);
          }
        }
        TL_RETURN_IF_ERROR(AddPacing(tx, campaign, explained.mutable_gates()));
        TL_ASSIGN_OR_RETURN(
            const Result waiting,
            tx.Execute(Concat("SELECT last_rule, count(*), ", Micros("min(due_at)"), " FROM contacts ",
                              "WHERE campaign_id = $1 AND state = 3 GROUP BY last_rule ORDER BY 2 DESC"),
                       {campaign.campaign_id()}));
        for (int i = 0; i < waiting.size(); ++i) {
          campaigns::v1::RuleCount& count = *explained.add_waiting();
          count.set_rule(static_cast<campaigns::v1::CallRule>(waiting.Integer(i, 0)));
          count.set_contacts(waiting.Integer(i, 1));
          if (const auto next = waiting.Time(i, 2)) *count.mutable_next_at() = telephony::ToProto(*next);
        }
        return explained;
      }));
  AddOthers(campaign, "", response.mutable_gates());
  const campaigns::v1::ContactCounts& counts = response.progress().contacts();
  response.set_summary(counts.pending() + counts.waiting() + counts.in_flight() == 0
                           ? std::string("every contact is finished")
                           : SummaryOf(response.gates()));
  return response;
}

}  // namespace trunkline::scheduler
