#include "tools/trunkctl/suppression_store.h"

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::trunkctl {
namespace {

using postgres::Parameter;

// Stands for all businesses; the table's own default.
constexpr std::string_view kForAll = "business_id = '00000000-0000-0000-0000-000000000000'";

}  // namespace

absl::StatusOr<int64_t> SuppressForAll(postgres::Transaction& tx, const std::vector<std::string>& numbers,
                                       const std::string& reason, const std::string& actor) {
  TL_ASSIGN_OR_RETURN(const postgres::Result added,
                      tx.Execute("INSERT INTO suppression (number, reason, actor) SELECT DISTINCT number, $2, $3 FROM "
                                 "unnest($1::text[]) AS number ON CONFLICT DO NOTHING",
                                 {Parameter::Array(numbers), reason, actor}));
  return added.affected();
}

absl::StatusOr<int64_t> AllowForAll(postgres::Transaction& tx, const std::vector<std::string>& numbers) {
  TL_ASSIGN_OR_RETURN(const postgres::Result removed,
                      tx.Execute(Concat("DELETE FROM suppression WHERE ", kForAll, " AND number = ANY ($1::text[])"),
                                 {Parameter::Array(numbers)}));
  return removed.affected();
}

absl::StatusOr<std::vector<SuppressedNumber>> ListSuppressedForAll(postgres::Transaction& tx, const std::string& after,
                                                                   int most) {
  TL_ASSIGN_OR_RETURN(
      const postgres::Result rows,
      tx.Execute(Concat("SELECT number, reason, actor, ", postgres::Micros("expires_at"), " FROM suppression WHERE ",
                        kForAll, " AND number > $1 ORDER BY number LIMIT ", most),
                 {after}));
  std::vector<SuppressedNumber> list;
  list.reserve(static_cast<size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    list.push_back({.number = rows.String(i, 0),
                    .reason = rows.String(i, 1),
                    .actor = rows.String(i, 2),
                    .expires_at = rows.Time(i, 3)});
  }
  return list;
}

}  // namespace trunkline::trunkctl
