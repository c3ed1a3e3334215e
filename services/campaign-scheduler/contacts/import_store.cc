#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/contacts/contact_import.h"
#include "services/campaign-scheduler/contacts/import_record.h"
#include "services/campaign-scheduler/records/campaign_record.h"
#include "services/campaign-scheduler/records/change_notice.h"
#include "services/campaign-scheduler/rules/campaign_state.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::Campaign;
using campaigns::v1::CampaignState;
using campaigns::v1::ImportHead;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

constexpr int kMostErrorsKept = 10'000;

absl::Status CheckTakesContacts(CampaignState state) {
  if (!IsFinal(state)) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_ILLEGAL_TRANSITION,
               Concat("the campaign is ", StateName(state), ", and takes no more contacts; clone it, or make another"),
               {{"state", StateName(state)}});
}

// The same import, whoever asks for it again.
bool IsSame(const ImportHead& stored, const ImportHead& asked) {
  return stored.campaign_id() == asked.campaign_id() && stored.format() == asked.format() &&
         stored.duplicates() == asked.duplicates() &&
         (asked.default_region().empty() || stored.default_region() == asked.default_region());
}

// The rows of a batch, by what becomes of them.
struct Sorted {
  std::vector<const ContactRow*> added;
  std::vector<std::pair<int64_t, const ContactRow*>> changed;  // with their positions
  std::vector<RowProblem> rejected;
  int64_t updated = 0;
  int64_t duplicates = 0;
};

Sorted Sort(const std::vector<ContactRow>& rows, const std::map<std::string, int64_t, std::less<>>& known,
            campaigns::v1::DuplicatePolicy policy) {
  Sorted sorted;
  std::map<std::string_view, size_t> added;    // indexes in sorted.added
  std::map<std::string_view, size_t> changed;  // and in sorted.changed
  for (const ContactRow& row : rows) {
    const auto stored = known.find(row.number);
    const auto before = added.find(row.number);
    if (stored == known.end() && before == added.end()) {
      added.emplace(row.number, sorted.added.size());
      sorted.added.push_back(&row);
    } else if (policy == campaigns::v1::DUPLICATE_POLICY_UPDATE) {
      ++sorted.updated;
      if (before != added.end()) {
        sorted.added[before->second] = &row;
      } else if (const auto [at, is_first] = changed.emplace(row.number, sorted.changed.size()); is_first) {
        sorted.changed.emplace_back(stored->second, &row);
      } else {
        sorted.changed[at->second].second = &row;
      }
    } else if (policy == campaigns::v1::DUPLICATE_POLICY_REJECT) {
      sorted.rejected.push_back(
          {.line = row.line, .column = "number", .message = "the campaign has this number already"});
    } else {
      ++sorted.duplicates;
    }
  }
  return sorted;
}

// The columns of many rows, as arrays.
struct Columns {
  explicit Columns(size_t rows) {
    for (auto* column : {&numbers, &external_ids, &time_zones, &variables}) column->reserve(rows);
    priorities.reserve(rows);
  }
  void Add(const ContactRow& row) {
    numbers.push_back(row.number);
    external_ids.push_back(row.external_id);
    time_zones.push_back(row.time_zone);
    variables.push_back(row.variables);
    priorities.push_back(row.priority);
  }

  std::vector<std::string_view> numbers;
  std::vector<std::string_view> external_ids;
  std::vector<std::string_view> time_zones;
  std::vector<std::string_view> variables;
  std::vector<int32_t> priorities;
};

absl::StatusOr<std::map<std::string, int64_t, std::less<>>> FindKnown(Transaction& tx, const std::string& campaign_id,
                                                                      const std::vector<ContactRow>& rows) {
  std::vector<std::string_view> numbers;
  numbers.reserve(rows.size());
  for (const ContactRow& row : rows) numbers.push_back(row.number);
  TL_ASSIGN_OR_RETURN(
      const Result found,
      tx.ExecuteBinary("SELECT number, position FROM contacts WHERE campaign_id = $1 AND number = ANY ($2::text[])",
                       {campaign_id, Parameter::Texts(numbers)}));
  std::map<std::string, int64_t, std::less<>> known;
  for (int i = 0; i < found.size(); ++i) known.emplace(found.String(i, 0), found.Integer(i, 1));
  return known;
}

absl::Status AddContacts(Transaction& tx, const ImportRecord& record, int64_t last_position, absl::Time now,
                         const std::vector<const ContactRow*>& rows) {
  if (rows.empty()) return absl::OkStatus();
  Columns columns(rows.size());
  std::vector<UuidNumber> ids;
  ids.reserve(rows.size());
  for (const ContactRow* row : rows) {
    columns.Add(*row);
    ids.push_back(NumberOfUuid(NewUuid(now)));
  }
  return tx
      .Execute(
          "INSERT INTO contacts (campaign_id, business_id, position, contact_id, number, external_id, time_zone, "
          "variables, priority) SELECT $1::uuid, $2::uuid, $3::bigint + ordinality, contact_id, number, external_id, "
          "time_zone, "
          "variables, priority FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::bytea[], "
          "$9::integer[]) WITH ORDINALITY AS row (contact_id, number, external_id, time_zone, variables, priority, "
          "ordinality) ORDER BY ordinality",
          {record.head.campaign_id(), record.business_id, last_position, Parameter::Uuids(ids),
           Parameter::Texts(columns.numbers), Parameter::Texts(columns.external_ids),
           Parameter::Texts(columns.time_zones), Parameter::ByteStrings(columns.variables),
           Parameter::Integers(columns.priorities)})
      .status();
}

absl::Status ChangeContacts(Transaction& tx, const std::string& campaign_id,
                            const std::vector<std::pair<int64_t, const ContactRow*>>& rows) {
  if (rows.empty()) return absl::OkStatus();
  Columns columns(rows.size());
  std::vector<int64_t> positions;
  for (const auto& [position, row] : rows) {
    columns.Add(*row);
    positions.push_back(position);
  }
  return tx
      .Execute(
          "UPDATE contacts c SET external_id = row.external_id, time_zone = row.time_zone, "
          "variables = row.variables, priority = row.priority FROM unnest($2::bigint[], $3::text[], $4::text[], "
          "$5::bytea[], $6::integer[]) AS row (position, external_id, time_zone, variables, priority) "
          "WHERE c.campaign_id = $1 AND c.position = row.position",
          {campaign_id, Parameter::Bigints(positions), Parameter::Texts(columns.external_ids),
           Parameter::Texts(columns.time_zones), Parameter::ByteStrings(columns.variables),
           Parameter::Integers(columns.priorities)})
      .status();
}

absl::Status AddProblems(Transaction& tx, const ImportRecord& record, const std::vector<RowProblem>& problems) {
  if (problems.empty()) return absl::OkStatus();
  std::vector<int64_t> lines;
  std::vector<std::string_view> columns;
  std::vector<std::string_view> messages;
  for (const RowProblem& problem : problems) {
    lines.push_back(problem.line);
    columns.push_back(problem.column);
    messages.push_back(problem.message);
  }
  return tx
      .Execute(
          "INSERT INTO contact_import_errors (import_id, business_id, line, column_name, message) "
          "SELECT $1::uuid, $2::uuid, line, column_name, message FROM unnest($3::bigint[], $4::text[], $5::text[]) AS "
          "problem "
          "(line, column_name, message) ORDER BY line LIMIT greatest(0, $6::bigint - "
          "(SELECT count(*) FROM contact_import_errors WHERE import_id = $1)) ON CONFLICT DO NOTHING",
          {record.head.import_id(), record.business_id, Parameter::Bigints(lines), Parameter::Texts(columns),
           Parameter::Texts(messages), kMostErrorsKept})
      .status();
}

// The import, if it is where the record says.
absl::Status LockImport(Transaction& tx, const ImportRecord& record) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute("SELECT next_offset, state FROM contact_imports WHERE import_id = $1 FOR UPDATE",
                                 {record.head.import_id()}));
  if (rows.empty()) return NoSuchImport(record.head.import_id());
  if (rows.Integer(0, 0) == record.next.offset && rows.Integer(0, 1) == campaigns::v1::IMPORT_STATE_OPEN) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_IMPORT_OFFSET_MISMATCH,
               Concat("another stream brings this import, and went on to byte ", rows.Integer(0, 0), " of its file"),
               {{"import_id", record.head.import_id()}, {"next_offset", rows.String(0, 0)}});
}

}  // namespace

absl::StatusOr<ImportRecord> ImportStore::Begin(std::string_view business_id, const ImportHead& head) {
  const auto find = [&](Transaction& tx) -> absl::StatusOr<std::optional<ImportRecord>> {
    TL_ASSIGN_OR_RETURN(std::optional<ImportRecord> record, FindImport(tx, head.import_id()));
    if (record.has_value() && !IsSame(record->head, head)) {
      return Error(absl::StatusCode::kAlreadyExists, Reason::REASON_REQUEST_ID_REUSED,
                   "the import_id was used for another campaign, format, policy or region; choose another UUID");
    }
    return record;
  };
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ImportRecord> {
    TL_ASSIGN_OR_RETURN(std::optional<ImportRecord> record, find(tx));
    if (record.has_value()) return *std::move(record);
    TL_ASSIGN_OR_RETURN(const Campaign campaign, ReadCampaign(tx, head.campaign_id()));
    TL_RETURN_IF_ERROR(CheckTakesContacts(campaign.state()));
    ImportHead resolved = head;
    if (resolved.default_region().empty()) resolved.set_default_region(campaign.settings().default_region());
    TL_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO contact_imports (import_id, business_id, campaign_id, head, state, "
                   "created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING",
                   {head.import_id(), business_id, head.campaign_id(), Parameter::Bytes(resolved.SerializeAsString()),
                    static_cast<int>(campaigns::v1::IMPORT_STATE_OPEN), InMicros(clock_.Now())})
            .status());
    TL_ASSIGN_OR_RETURN(record, find(tx));
    if (record.has_value()) return *std::move(record);
    return Error(absl::StatusCode::kAlreadyExists, Reason::REASON_REQUEST_ID_REUSED,
                 "the import_id is in use; choose another UUID");
  });
}

absl::Status ImportStore::Commit(const ImportBatch& batch, const std::vector<std::string>& header, bool complete,
                                 ImportRecord* record) {
  const absl::Time now = InMicros(clock_.Now());
  const std::string& campaign_id = record->head.campaign_id();
  absl::StatusOr<ImportRecord> committed =
      pool_.InBusiness(record->business_id, [&](Transaction& tx) -> absl::StatusOr<ImportRecord> {
        TL_ASSIGN_OR_RETURN(const CampaignState state, LockProgress(tx, campaign_id));
        TL_RETURN_IF_ERROR(LockImport(tx, *record));
        TL_RETURN_IF_ERROR(CheckTakesContacts(state));
        TL_ASSIGN_OR_RETURN(const auto known, FindKnown(tx, campaign_id, batch.rows));
        Sorted sorted = Sort(batch.rows, known, record->head.duplicates());
        const auto added = static_cast<int64_t>(sorted.added.size());
        TL_ASSIGN_OR_RETURN(
            const Result position,
            tx.Execute("UPDATE campaign_progress SET contacts_total = contacts_total + $2, contacts_pending = "
                       "contacts_pending + $2, last_position = last_position + $2 WHERE campaign_id = $1 "
                       "RETURNING last_position",
                       {campaign_id, added}));
        TL_RETURN_IF_ERROR(AddContacts(tx, *record, position.Integer(0, 0) - added, now, sorted.added));
        TL_RETURN_IF_ERROR(ChangeContacts(tx, campaign_id, sorted.changed));
        const int64_t errors = batch.wrong_rows + static_cast<int64_t>(sorted.rejected.size());
        sorted.rejected.insert(sorted.rejected.end(), batch.problems.begin(), batch.problems.end());
        TL_RETURN_IF_ERROR(AddProblems(tx, *record, sorted.rejected));
        TL_RETURN_IF_ERROR(
            tx.Execute(
                  "UPDATE contact_imports SET header = $2, state = $3, next_offset = $4, next_line = $5, "
                  "rows = rows + $6, added = added + $7, updated = updated + $8, duplicates = duplicates + $9, "
                  "errors = errors + $10, updated_at = $11 WHERE import_id = $1",
                  {record->head.import_id(), header.empty() ? "" : WriteJson(nlohmann::json(header)),
                   static_cast<int>(complete ? campaigns::v1::IMPORT_STATE_COMPLETE : campaigns::v1::IMPORT_STATE_OPEN),
                   batch.next.offset, batch.next.line, static_cast<int64_t>(batch.rows.size()) + batch.wrong_rows,
                   added, sorted.updated, sorted.duplicates, errors, now})
                .status());
        if (added > 0) TL_RETURN_IF_ERROR(NoticeChange(tx, campaign_id));
        TL_ASSIGN_OR_RETURN(std::optional<ImportRecord> after, FindImport(tx, record->head.import_id()));
        if (!after.has_value()) return NoSuchImport(record->head.import_id());
        return *std::move(after);
      });
  TL_RETURN_IF_ERROR(committed.status());
  *record = *std::move(committed);
  return absl::OkStatus();
}

}  // namespace trunkline::scheduler
