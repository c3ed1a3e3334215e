#include "services/campaign-scheduler/contacts/campaign_export.h"

#include <utility>
#include <vector>

#include "libs/base/field_checks.h"
#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/records/campaign_record.h"
#include "services/campaign-scheduler/records/contact_record.h"
#include "services/campaign-scheduler/records/index_order.h"
#include "services/campaign-scheduler/rules/decision.h"
#include "services/campaign-scheduler/rules/disposition.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::Attempt;
using campaigns::v1::Contact;
using campaigns::v1::ExportCampaignRequest;
using campaigns::v1::ExportKind;
using nlohmann::json;
using postgres::Result;
using postgres::Transaction;

constexpr int kPage = 1'000;

std::vector<std::string> ColumnsOf(ExportKind kind) {
  switch (kind) {
    case campaigns::v1::EXPORT_KIND_ATTEMPTS:
      return {"attempt_id",   "contact_id", "position", "number",       "attempt",  "committed_at",
              "dial_before",  "slot_id",    "call_id",  "disposition",  "ended_at", "talk_seconds",
              "hangup_cause", "error_code", "error",    "provider_code"};
    case campaigns::v1::EXPORT_KIND_DECISIONS:
      return {"attempt_id", "contact_id", "number", "attempt", "decided_at", "allowed",
              "time_zones", "rule",       "passes", "value",   "limit",      "next_at"};
    default:
      return {"contact_id",   "position",     "number",           "external_id",   "priority",
              "time_zone",    "state",        "attempts",         "due_at",        "last_rule",
              "last_call_id", "last_attempt", "last_disposition", "last_ended_at", "talk_seconds",
              "hangup_cause", "error",        "variables"};
  }
}

json TextOrNull(const std::string& text) { return text.empty() ? json() : json(text); }

json TimeOrNull(bool is_set, const google::protobuf::Timestamp& time) {
  if (!is_set) return {};
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", telephony::FromProto(time), absl::UTCTimeZone());
}

json Seconds(int64_t milliseconds) { return static_cast<double>(milliseconds) / 1'000; }

std::string NameOf(campaigns::v1::ContactState state) {
  constexpr size_t kPrefix = std::string_view("CONTACT_STATE_").size();
  return Lower(campaigns::v1::ContactState_Name(state).substr(kPrefix));
}

json CauseOf(const Attempt& attempt) {
  return attempt.has_hangup() ? json(telephony::NameOf(attempt.hangup().cause())) : json();
}

// A cell of a spreadsheet holds no map, but text.
json VariablesOf(const Contact& contact, bool as_text) {
  json variables = json::object();
  for (const auto& [name, value] : contact.variables()) variables[name] = value;
  return as_text ? json(WriteJson(variables)) : variables;
}

std::string JoinedZones(const campaigns::v1::Decision& decision) {
  std::string zones;
  for (const std::string& zone : decision.time_zones()) zones += Concat(zones.empty() ? "" : " ", zone);
  return zones;
}

void WriteDecision(const FileWriter& writer, const Attempt& attempt, const std::string& number, std::string* out) {
  const campaigns::v1::Decision& decision = attempt.decision();
  for (const campaigns::v1::RuleResult& result : decision.results()) {
    writer.Write(
        {attempt.attempt_id(), attempt.contact_id(), number, attempt.number(),
         TimeOrNull(decision.has_decided_at(), decision.decided_at()), decision.allowed(),
         TextOrNull(JoinedZones(decision)), RuleName(result.rule()), result.passes(), TextOrNull(result.value()),
         TextOrNull(result.limit()), TimeOrNull(result.has_next_at(), result.next_at())},
        out);
  }
}

}  // namespace

absl::StatusOr<CampaignExport> CampaignExport::Begin(postgres::Pool& pool, std::string_view business_id,
                                                     const ExportCampaignRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.campaign_id(), "campaign_id");
  checks.Require(campaigns::v1::ExportKind_IsValid(request.kind()), "kind", "must be contacts, attempts or decisions");
  checks.Require(campaigns::v1::FileFormat_IsValid(request.format()), "format", "must be CSV or JSON lines");
  TL_RETURN_IF_ERROR(checks.Finish());
  const auto campaign =
      pool.InBusiness(business_id, [&](Transaction& tx) { return ReadCampaign(tx, request.campaign_id()); });
  TL_RETURN_IF_ERROR(campaign.status());
  return CampaignExport(pool, business_id, request, campaign->state());
}

CampaignExport::CampaignExport(postgres::Pool& pool, std::string_view business_id, const ExportCampaignRequest& request,
                               campaigns::v1::CampaignState state)
    : pool_(&pool),
      business_id_(business_id),
      request_(request),
      state_(state),
      writer_(request.format(), ColumnsOf(request.kind())) {}

absl::StatusOr<std::optional<std::string>> CampaignExport::Next() {
  if (done_) return std::nullopt;
  const bool contacts = request_.kind() == campaigns::v1::EXPORT_KIND_UNSPECIFIED ||
                        request_.kind() == campaigns::v1::EXPORT_KIND_CONTACTS;
  std::string piece = header_written_ ? std::string() : writer_.Header();
  header_written_ = true;
  // A page may have no rows to show: attempts whose decision has no rules.
  TL_ASSIGN_OR_RETURN(const std::string rows, pool_->InBusiness(business_id_, [&](Transaction& tx) {
    return contacts ? Contacts(tx) : Attempts(tx);
  }));
  piece += rows;
  return piece;
}

absl::StatusOr<std::string> CampaignExport::Contacts(Transaction& tx) {
  TL_RETURN_IF_ERROR(ReadInIndexOrder(tx));
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(
          Concat("SELECT ", ContactColumns(), ", attempts.talk_milliseconds, ", AttemptColumns(),
                 " FROM (SELECT * FROM contacts WHERE campaign_id = $1 AND position > $2 ORDER BY position LIMIT ",
                 kPage, ") contacts LEFT JOIN LATERAL (SELECT * FROM attempts a WHERE a.campaign_id = $1 AND ",
                 "a.position = contacts.position ORDER BY a.number DESC LIMIT 1) attempts ON true ",
                 "ORDER BY contacts.position"),
          {request_.campaign_id(), position_}));
  std::string out;
  for (int i = 0; i < rows.size(); ++i) {
    TL_ASSIGN_OR_RETURN(const Contact contact, ContactOf(rows, i, state_));
    Attempt last;
    const bool attempted = !rows.IsNull(i, kContactColumns + 1);
    if (attempted) {
      TL_ASSIGN_OR_RETURN(last, AttemptOf(rows, i, kContactColumns + 1));
    }
    position_ = contact.position();
    writer_.Write({contact.contact_id(), contact.position(), contact.number(), TextOrNull(contact.external_id()),
                   contact.priority(), TextOrNull(contact.time_zone()), NameOf(contact.state()), contact.attempts(),
                   TimeOrNull(contact.has_due_at(), contact.due_at()), TextOrNull(RuleName(contact.last_rule())),
                   TextOrNull(last.call_id()), attempted ? json(last.number()) : json(),
                   TextOrNull(DispositionName(last.disposition())), TimeOrNull(last.has_ended_at(), last.ended_at()),
                   last.has_ended_at() ? Seconds(rows.Integer(i, kContactColumns)) : json(), CauseOf(last),
                   TextOrNull(last.error().message()),
                   VariablesOf(contact, request_.format() != campaigns::v1::FILE_FORMAT_JSON_LINES)},
                  &out);
  }
  done_ = rows.size() < kPage;
  return out;
}

absl::StatusOr<std::string> CampaignExport::Attempts(Transaction& tx) {
  TL_RETURN_IF_ERROR(ReadInIndexOrder(tx));
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute(Concat("SELECT ", AttemptColumns(), ", position, to_number, talk_milliseconds ",
                                        "FROM attempts WHERE campaign_id = $1 AND (position, number) > ($2::bigint, ",
                                        "$3::bigint) ORDER BY position, number LIMIT ", kPage),
                                 {request_.campaign_id(), position_, number_}));
  std::string out;
  for (int i = 0; i < rows.size(); ++i) {
    TL_ASSIGN_OR_RETURN(const Attempt attempt, AttemptOf(rows, i));
    position_ = rows.Integer(i, kAttemptColumns);
    number_ = attempt.number();
    const std::string number = rows.String(i, kAttemptColumns + 1);
    if (request_.kind() == campaigns::v1::EXPORT_KIND_DECISIONS) {
      WriteDecision(writer_, attempt, number, &out);
      continue;
    }
    writer_.Write({attempt.attempt_id(), attempt.contact_id(), position_, number, attempt.number(),
                   TimeOrNull(true, attempt.committed_at()), TimeOrNull(true, attempt.dial_before()), attempt.slot_id(),
                   TextOrNull(attempt.call_id()), TextOrNull(DispositionName(attempt.disposition())),
                   TimeOrNull(attempt.has_ended_at(), attempt.ended_at()),
                   attempt.has_ended_at() ? Seconds(rows.Integer(i, kAttemptColumns + 2)) : json(), CauseOf(attempt),
                   attempt.has_error() ? json(telephony::NameOf(attempt.error().code())) : json(),
                   TextOrNull(attempt.error().message()), TextOrNull(attempt.error().provider_code())},
                  &out);
  }
  done_ = rows.size() < kPage;
  return out;
}

}  // namespace trunkline::scheduler
