#include "services/campaign-scheduler/records/contact_record.h"

#include <utility>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {

using campaigns::v1::Attempt;
using campaigns::v1::CampaignState;
using campaigns::v1::Contact;
using campaigns::v1::ContactState;
using postgres::Micros;
using postgres::Result;
using postgres::Transaction;

std::string ContactColumns() {
  return Concat("contacts.contact_id, contacts.campaign_id, contacts.position, contacts.number, contacts.external_id, ",
                "contacts.priority, contacts.time_zone, contacts.variables, contacts.state, contacts.attempts, ",
                Micros("contacts.due_at"), ", contacts.endings[cardinality(contacts.endings)], contacts.last_rule");
}

ContactState ShownState(ContactState state, CampaignState campaign_state) {
  const bool open = state == campaigns::v1::CONTACT_STATE_PENDING || state == campaigns::v1::CONTACT_STATE_WAITING;
  return open && campaign_state == campaigns::v1::CAMPAIGN_STATE_CANCELLED ? campaigns::v1::CONTACT_STATE_REMOVED
                                                                           : state;
}

absl::StatusOr<Contact> ContactOf(const Result& rows, int row, CampaignState campaign_state) {
  Contact contact;
  if (!contact.ParseFromString(rows.Bytes(row, 7))) return absl::DataLossError("a contact's variables cannot be read");
  contact.set_contact_id(rows.String(row, 0));
  contact.set_campaign_id(rows.String(row, 1));
  contact.set_position(rows.Integer(row, 2));
  contact.set_number(rows.String(row, 3));
  contact.set_external_id(rows.String(row, 4));
  contact.set_priority(static_cast<int32_t>(rows.Integer(row, 5)));
  contact.set_time_zone(rows.String(row, 6));
  contact.set_state(ShownState(static_cast<ContactState>(rows.Integer(row, 8)), campaign_state));
  contact.set_attempts(static_cast<int32_t>(rows.Integer(row, 9)));
  const auto due_at = rows.Time(row, 10);
  if (due_at.has_value() && contact.state() == campaigns::v1::CONTACT_STATE_WAITING) {
    *contact.mutable_due_at() = telephony::ToProto(*due_at);
  }
  contact.set_last_disposition(static_cast<campaigns::v1::Disposition>(rows.Integer(row, 11)));
  contact.set_last_rule(static_cast<campaigns::v1::CallRule>(rows.Integer(row, 12)));
  return contact;
}

std::string AttemptColumns() {
  return Concat("attempts.attempt_id, attempts.contact_id, attempts.campaign_id, attempts.number, ",
                Micros("attempts.committed_at"), ", ", Micros("attempts.dial_before"),
                ", attempts.slot_id, attempts.call_id, attempts.disposition, ", Micros("attempts.ended_at"),
                ", attempts.outcome, attempts.decision");
}

absl::StatusOr<Attempt> AttemptOf(const Result& rows, int row, int first) {
  Attempt attempt;
  if (!attempt.ParseFromString(rows.Bytes(row, first + 10)) ||
      !attempt.mutable_decision()->ParseFromString(rows.Bytes(row, first + 11))) {
    return absl::DataLossError("an attempt's outcome or decision cannot be read");
  }
  attempt.set_attempt_id(rows.String(row, first));
  attempt.set_contact_id(rows.String(row, first + 1));
  attempt.set_campaign_id(rows.String(row, first + 2));
  attempt.set_number(static_cast<int32_t>(rows.Integer(row, first + 3)));
  *attempt.mutable_committed_at() = telephony::ToProto(*rows.Time(row, first + 4));
  *attempt.mutable_dial_before() = telephony::ToProto(*rows.Time(row, first + 5));
  attempt.set_slot_id(rows.String(row, first + 6));
  attempt.set_call_id(rows.String(row, first + 7));
  attempt.set_disposition(static_cast<campaigns::v1::Disposition>(rows.Integer(row, first + 8)));
  if (const auto ended_at = rows.Time(row, first + 9)) *attempt.mutable_ended_at() = telephony::ToProto(*ended_at);
  return attempt;
}

absl::Status NoSuchContact(std::string_view campaign_id, std::string_view contact_id) {
  return Error(absl::StatusCode::kNotFound, Reason::REASON_CONTACT_NOT_FOUND,
               Concat("the campaign ", campaign_id, " has no contact ", contact_id),
               {{"campaign_id", std::string(campaign_id)}, {"contact_id", std::string(contact_id)}});
}

absl::StatusOr<Contact> ReadContact(Transaction& tx, std::string_view campaign_id, std::string_view contact_id,
                                    CampaignState campaign_state) {
  if (!IsUuid(contact_id)) {
    return InvalidFields({{.field = "contact_id", .description = "must be a UUID in lower case"}});
  }
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(Concat("SELECT ", ContactColumns(), " FROM contacts WHERE ",
                                                           "contact_id = $1 AND campaign_id = $2"),
                                                    {contact_id, campaign_id}));
  if (rows.empty()) return NoSuchContact(campaign_id, contact_id);
  return ContactOf(rows, 0, campaign_state);
}

absl::StatusOr<std::vector<Attempt>> ReadAttempts(Transaction& tx, std::string_view campaign_id, int64_t position) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute(Concat("SELECT ", AttemptColumns(), " FROM attempts WHERE campaign_id = $1 AND ",
                                        "position = $2 ORDER BY number"),
                                 {campaign_id, position}));
  std::vector<Attempt> attempts;
  for (int i = 0; i < rows.size(); ++i) {
    TL_ASSIGN_OR_RETURN(attempts.emplace_back(), AttemptOf(rows, i));
  }
  return attempts;
}

}  // namespace trunkline::scheduler
