#include "services/call-tracking-sync/consistency/judgement_rows.h"

#include "libs/base/ids.h"
#include "libs/base/status.h"

namespace trunkline::tracking_sync {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

absl::Status PutJudgement(Transaction& tx, const std::string& business_id, const CheckRow& row,
                          const Judgement& judgement) {
  for (const tracking::v1::Finding& finding : judgement.findings) {
    TL_RETURN_IF_ERROR(PutFinding(tx, row.check.check_id(), business_id, finding));
  }
  if (judgement.to_repair.empty()) return absl::OkStatus();
  return tx
      .Execute(
          "INSERT INTO audit_log (business_id, actor, action, subject, detail) VALUES ($1, 'call-tracking-sync', "
          "'tracking.repair', 'calls', jsonb_build_object('check_id', $2::text, 'calls', $3::bigint))",
          {business_id, row.check.check_id(), static_cast<int64_t>(judgement.to_repair.size())})
      .status();
}

absl::Status PutListed(Transaction& tx, const CheckRow& row, const std::string& business_id,
                       const std::vector<std::string>& call_ids) {
  std::vector<UuidNumber> ids;
  ids.reserve(call_ids.size());
  for (const std::string& call_id : call_ids) ids.push_back(NumberOfUuid(call_id));
  return tx
      .Execute(
          "INSERT INTO consistency_listed (check_id, call_id, business_id) SELECT $1, id, $2 FROM "
          "unnest($3::uuid[]) AS id ON CONFLICT DO NOTHING",
          {row.check.check_id(), business_id, Parameter::Uuids(ids)})
      .status();
}

absl::Status ForgetListed(Transaction& tx, const CheckRow& row) {
  return tx.Execute("DELETE FROM consistency_listed WHERE check_id = $1", {row.check.check_id()}).status();
}

absl::StatusOr<std::set<std::string>> ReadListed(Transaction& tx, const CheckRow& row,
                                                 const std::vector<std::string>& call_ids) {
  std::vector<UuidNumber> ids;
  ids.reserve(call_ids.size());
  for (const std::string& call_id : call_ids) ids.push_back(NumberOfUuid(call_id));
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute("SELECT call_id FROM consistency_listed WHERE check_id = $1 AND "
                                                    "call_id = ANY ($2::uuid[])",
                                                    {row.check.check_id(), Parameter::Uuids(ids)}));
  std::set<std::string> listed;
  for (int i = 0; i < rows.size(); ++i) listed.insert(rows.String(i, 0));
  return listed;
}

}  // namespace trunkline::tracking_sync
