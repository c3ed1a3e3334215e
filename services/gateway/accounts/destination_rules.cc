#include "services/gateway/accounts/destination_rules.h"

#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/gateway/accounts/account_store.h"

namespace trunkline::gateway {
namespace {

using postgres::Result;
using postgres::Transaction;
using Rule = accounts::v1::DestinationRule;

constexpr size_t kLongestNote = 200;
constexpr int64_t kMostRules = 1'000;

void CheckPrefix(const std::string& prefix, std::string_view field, FieldChecks& checks) {
  checks.Require(IsDestinationPrefix(prefix), field, "must be '+' and up to 15 digits");
}

absl::Status CheckRule(const Rule& rule) {
  FieldChecks checks;
  CheckPrefix(rule.prefix(), "rule.prefix", checks);
  checks.Require(rule.action() == accounts::v1::DESTINATION_ACTION_ALLOW ||
                     rule.action() == accounts::v1::DESTINATION_ACTION_BLOCK,
                 "rule.action", "must be allow or block");
  checks.RequireText(rule.note(), kLongestNote, "rule.note");
  return checks.Finish();
}

absl::Status TooMany() {
  return Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
               Concat("a business has at most ", kMostRules, " destination rules; delete one first"));
}

}  // namespace

absl::StatusOr<std::vector<Rule>> DestinationRules::List(const rpc::Caller& caller) {
  TL_ASSIGN_OR_RETURN(const std::vector<DestinationRule> rows,
                      pool_.InBusiness(caller.business_id, ReadDestinationRules));
  std::vector<Rule> rules;
  for (const DestinationRule& row : rows) {
    Rule& rule = rules.emplace_back();
    rule.set_prefix(row.prefix);
    rule.set_action(row.allows ? accounts::v1::DESTINATION_ACTION_ALLOW : accounts::v1::DESTINATION_ACTION_BLOCK);
    rule.set_note(row.note);
  }
  return rules;
}

absl::StatusOr<Rule> DestinationRules::Put(const rpc::Caller& caller, const Rule& rule) {
  TL_RETURN_IF_ERROR(CheckRule(rule));
  const char* action = rule.action() == accounts::v1::DESTINATION_ACTION_ALLOW ? "allow" : "block";
  const absl::Status written = pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO destination_rules (business_id, prefix, action, note, updated_at) "
                   "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (business_id, prefix) "
                   "DO UPDATE SET action = excluded.action, note = excluded.note, updated_at = excluded.updated_at",
                   {caller.business_id, rule.prefix(), action, rule.note(), clock_.Now()})
            .status());
    TL_ASSIGN_OR_RETURN(const Result count, tx.Execute("SELECT count(*) FROM destination_rules"));
    if (count.Integer(0, 0) > kMostRules) return TooMany();
    return WriteAudit(tx, caller.business_id, caller.actor, "destination_rule.put", rule.prefix(),
                      {{"action", action}});
  });
  TL_RETURN_IF_ERROR(written);
  directory_.Invalidate();
  return rule;
}

absl::Status DestinationRules::Delete(const rpc::Caller& caller, const std::string& prefix) {
  FieldChecks checks;
  CheckPrefix(prefix, "prefix", checks);
  TL_RETURN_IF_ERROR(checks.Finish());
  TL_RETURN_IF_ERROR(pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::Status {
    TL_ASSIGN_OR_RETURN(const Result deleted, tx.Execute("DELETE FROM destination_rules WHERE prefix = $1", {prefix}));
    if (deleted.affected() == 0) return absl::OkStatus();
    return WriteAudit(tx, caller.business_id, caller.actor, "destination_rule.delete", prefix, {});
  }));
  directory_.Invalidate();
  return absl::OkStatus();
}

}  // namespace trunkline::gateway
