#include "services/campaign-scheduler/contacts/contact_queries.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/field_checks.h"
#include "libs/base/ids.h"
#include "libs/base/page_token.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/phone_number.h"
#include "services/campaign-scheduler/contacts/import_record.h"
#include "services/campaign-scheduler/records/campaign_record.h"
#include "services/campaign-scheduler/records/change_notice.h"
#include "services/campaign-scheduler/records/contact_record.h"
#include "services/campaign-scheduler/records/index_order.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::Campaign;
using campaigns::v1::CampaignState;
using campaigns::v1::Contact;
using campaigns::v1::ContactState;
using campaigns::v1::GetContactRequest;
using campaigns::v1::GetContactResponse;
using campaigns::v1::ListContactImportErrorsRequest;
using campaigns::v1::ListContactImportErrorsResponse;
using campaigns::v1::ListContactsRequest;
using campaigns::v1::ListContactsResponse;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

constexpr size_t kLongestColumn = 64;

// The states in the table that are shown as one of those asked for; all when none is asked for.
std::vector<int64_t> StoredStates(const ListContactsRequest& request, CampaignState campaign_state) {
  std::vector<int64_t> stored;
  for (int state = 1; state < campaigns::v1::ContactState_ARRAYSIZE; ++state) {
    const ContactState shown = ShownState(static_cast<ContactState>(state), campaign_state);
    for (const int wanted : request.states()) {
      if (wanted == shown) stored.push_back(state);
    }
    if (request.states().empty()) stored.push_back(state);
  }
  return stored;
}

// Of a list that is ordered by one or two numbers: "17", "17 column".
absl::StatusOr<std::pair<int64_t, std::string>> PlaceOf(std::string_view list, const std::string& token) {
  if (token.empty()) return std::pair<int64_t, std::string>(0, "");
  TL_ASSIGN_OR_RETURN(const std::string text, ReadTextPageToken(list, token));
  const std::string_view number = std::string_view(text).substr(0, text.find(' '));
  return std::pair(ParseInt(number).value_or(0), text.substr(std::min(text.size(), number.size() + 1)));
}

}  // namespace

absl::StatusOr<ListContactsResponse> ContactQueries::List(std::string_view business_id,
                                                          const ListContactsRequest& request) {
  FieldChecks checks;
  const int page_size = PageSize(request.page_size(), checks);
  checks.RequireUuid(request.campaign_id(), "campaign_id");
  for (int i = 0; i < request.states_size(); ++i) {
    checks.Require(campaigns::v1::ContactState_IsValid(request.states(i)) && request.states(i) != 0,
                   Concat("states[", i, "]"), "must be a state");
  }
  checks.Require(request.number().empty() || telephony::IsE164(request.number()), "number", telephony::kMustBeE164);
  TL_RETURN_IF_ERROR(checks.Finish());
  ListContactsRequest filters = request;
  filters.clear_page_size();
  filters.clear_page_token();
  const std::string list = Concat("contacts ", business_id, " ", filters.SerializeAsString());
  TL_ASSIGN_OR_RETURN(const auto after, PlaceOf(list, request.page_token()));
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ListContactsResponse> {
    TL_ASSIGN_OR_RETURN(const Campaign campaign, ReadCampaign(tx, request.campaign_id()));
    TL_RETURN_IF_ERROR(ReadInIndexOrder(tx));
    // One more than the page shows whether there is another.
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(Concat("SELECT ", ContactColumns(), " FROM contacts WHERE campaign_id = $1 AND position > $2 AND ",
                          "state = ANY ($3::smallint[]) AND ($4::text IS NULL OR number = $4) ORDER BY position LIMIT ",
                          page_size + 1),
                   {request.campaign_id(), after.first, Parameter::Array(StoredStates(request, campaign.state())),
                    Parameter::TextOrNull(request.number())}));
    ListContactsResponse response;
    for (int i = 0; i < rows.size() && i < page_size; ++i) {
      TL_ASSIGN_OR_RETURN(*response.add_contacts(), ContactOf(rows, i, campaign.state()));
    }
    if (rows.size() > page_size) {
      response.set_next_page_token(MakeTextPageToken(list, Concat(response.contacts(page_size - 1).position())));
    }
    return response;
  });
}

absl::StatusOr<GetContactResponse> ContactQueries::Get(std::string_view business_id, const GetContactRequest& request) {
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<GetContactResponse> {
    TL_ASSIGN_OR_RETURN(const Campaign campaign, ReadCampaign(tx, request.campaign_id()));
    GetContactResponse response;
    TL_ASSIGN_OR_RETURN(*response.mutable_contact(),
                        ReadContact(tx, request.campaign_id(), request.contact_id(), campaign.state()));
    TL_ASSIGN_OR_RETURN(const auto attempts, ReadAttempts(tx, request.campaign_id(), response.contact().position()));
    response.mutable_attempts()->Add(attempts.begin(), attempts.end());
    return response;
  });
}

absl::StatusOr<campaigns::v1::ContactImport> ContactQueries::GetImport(std::string_view business_id,
                                                                       std::string_view import_id) {
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<campaigns::v1::ContactImport> {
    TL_ASSIGN_OR_RETURN(const std::optional<ImportRecord> record, FindImport(tx, import_id));
    if (!record.has_value()) return NoSuchImport(import_id);
    return record->shown;
  });
}

absl::StatusOr<ListContactImportErrorsResponse> ContactQueries::ListImportErrors(
    std::string_view business_id, const ListContactImportErrorsRequest& request) {
  FieldChecks checks;
  const int page_size = PageSize(request.page_size(), checks);
  TL_RETURN_IF_ERROR(checks.Finish());
  const std::string list = Concat("import errors ", business_id, " ", request.import_id());
  TL_ASSIGN_OR_RETURN(const auto after, PlaceOf(list, request.page_token()));
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ListContactImportErrorsResponse> {
    TL_ASSIGN_OR_RETURN(const std::optional<ImportRecord> record, FindImport(tx, request.import_id()));
    if (!record.has_value()) return NoSuchImport(request.import_id());
    TL_ASSIGN_OR_RETURN(const Result rows,
                        tx.Execute(Concat("SELECT line, column_name, message FROM contact_import_errors ",
                                          "WHERE import_id = $1 AND (line, column_name) > ($2::bigint, $3::text) ",
                                          "ORDER BY line, column_name LIMIT ", page_size + 1),
                                   {request.import_id(), after.first, after.second.substr(0, kLongestColumn)}));
    ListContactImportErrorsResponse response;
    for (int i = 0; i < rows.size() && i < page_size; ++i) {
      auto* error = response.add_errors();
      error->set_line(rows.Integer(i, 0));
      error->set_column(rows.String(i, 1));
      error->set_message(rows.String(i, 2));
    }
    if (rows.size() > page_size) {
      const auto& last = response.errors(page_size - 1);
      response.set_next_page_token(MakeTextPageToken(list, Concat(last.line(), " ", last.column())));
    }
    return response;
  });
}

absl::StatusOr<Contact> ContactQueries::Remove(const rpc::Caller& caller,
                                               const campaigns::v1::RemoveContactRequest& request) {
  return pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<Contact> {
    const std::string& campaign_id = request.campaign_id();
    TL_ASSIGN_OR_RETURN(const CampaignState state, LockProgress(tx, campaign_id));
    TL_RETURN_IF_ERROR(
        tx.Execute("SELECT FROM contacts WHERE contact_id = $1 AND campaign_id = $2 FOR UPDATE",
                   {Parameter::TextOrNull(IsUuid(request.contact_id()) ? request.contact_id() : ""), campaign_id})
            .status());
    TL_ASSIGN_OR_RETURN(const Contact contact, ReadContact(tx, campaign_id, request.contact_id(), state));
    const bool pending = contact.state() == campaigns::v1::CONTACT_STATE_PENDING;
    const bool waiting = contact.state() == campaigns::v1::CONTACT_STATE_WAITING;
    if (contact.state() == campaigns::v1::CONTACT_STATE_IN_FLIGHT) {
      TL_RETURN_IF_ERROR(
          tx.Execute("INSERT INTO suppression (number, business_id, campaign_id, reason, actor, added_at) "
                     "VALUES ($1, $2, $3, 'contact removed', $4, $5) ON CONFLICT DO NOTHING",
                     {contact.number(), caller.business_id, campaign_id, caller.actor, InMicros(clock_.Now())})
              .status());
    } else if (pending || waiting) {
      TL_RETURN_IF_ERROR(
          tx.Execute("UPDATE contacts SET state = $3, due_at = NULL WHERE campaign_id = $1 AND "
                     "position = $2",
                     {campaign_id, contact.position(), static_cast<int>(campaigns::v1::CONTACT_STATE_REMOVED)})
              .status());
      TL_RETURN_IF_ERROR(
          tx.Execute("UPDATE campaign_progress SET contacts_removed = contacts_removed + 1, "
                     "contacts_pending = contacts_pending - $2, contacts_waiting = contacts_waiting - $3 "
                     "WHERE campaign_id = $1",
                     {campaign_id, pending ? 1 : 0, waiting ? 1 : 0})
              .status());
      TL_RETURN_IF_ERROR(NoticeChange(tx, campaign_id));
    }
    return ReadContact(tx, campaign_id, request.contact_id(), state);
  });
}

}  // namespace trunkline::scheduler
