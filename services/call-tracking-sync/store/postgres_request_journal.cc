#include "services/call-tracking-sync/store/postgres_request_journal.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/call-tracking-sync/store/finite_time.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

// A request left at most so long after the time that the journal has of it; see RequestBudget::Options::freshness.
constexpr absl::Duration kLatest = absl::Seconds(3);
constexpr int kForgotten = 5'000;
// The row of an account as a whole among those of its resources.
constexpr int kWholeAccount = -1;

int64_t Millionths(double part) { return static_cast<int64_t>(part * 1'000'000); }

absl::StatusOr<Allowance> ReadAllowance(Transaction& tx, std::string_view account_id) {
  static const std::string sql =
      Concat("SELECT resource, ", Micros("paused_until"), ", pace::text, ", Micros("paced_at"), ", failures, opened, ",
             Micros("open_until"), ", credentials_sha256 FROM tracking_allowances WHERE provider_account_id = $1");
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(sql, {account_id}));
  Allowance allowance;
  for (int i = 0; i < rows.size(); ++i) {
    const int64_t resource = rows.Integer(i, 0);
    if (resource >= 0 && resource < static_cast<int64_t>(kResources)) {
      const auto index = static_cast<size_t>(resource);
      allowance.paused_until[index] = rows.Time(i, 1).value_or(absl::InfinitePast());
      allowance.pace[index] = ParseDouble(rows.Text(i, 2)).value_or(1);
      allowance.paced_at = rows.Time(i, 3).value_or(absl::InfinitePast());
    } else {
      allowance.circuit = {.failures = static_cast<int>(rows.Integer(i, 4)),
                           .opened = static_cast<int>(rows.Integer(i, 5)),
                           .open_until = rows.Time(i, 6).value_or(absl::InfinitePast()),
                           .refused_credentials = rows.Bytes(i, 7)};
    }
  }
  return allowance;
}

}  // namespace

absl::StatusOr<RequestJournal::Memory> PostgresRequestJournal::Read(std::string_view account_id, absl::Time now) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<Memory> {
    Memory memory;
    // By age: the clocks of two machines need not agree.
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.ExecuteBinary(
            "SELECT resource::bigint, priority::bigint, (extract(epoch FROM clock_timestamp() - sent_at) * "
            "1000000)::bigint FROM tracking_requests WHERE provider_account_id = $1 AND sent_at > "
            "clock_timestamp() - interval '25 hours' ORDER BY sent_at, request_id",
            {account_id}));
    for (int i = 0; i < rows.size(); ++i) {
      const absl::Time sent_at = now - absl::Microseconds(rows.Integer(i, 2)) + kLatest;
      memory.requests.push_back({.resource = static_cast<tracking::Resource>(rows.Integer(i, 0)),
                                 .priority = static_cast<Priority>(rows.Integer(i, 1)),
                                 .sent_at = std::min(sent_at, now)});
    }
    TL_ASSIGN_OR_RETURN(memory.allowance, ReadAllowance(tx, account_id));
    return memory;
  });
}

absl::Status PostgresRequestJournal::Write(std::string_view account_id, int64_t epoch, tracking::Resource resource,
                                           Priority priority) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_ASSIGN_OR_RETURN(
        const Result written,
        tx.Execute(
            "WITH owned AS (SELECT provider_account_id, business_id FROM sync_status WHERE provider_account_id = "
            "$1 AND epoch = $2 FOR SHARE) INSERT INTO tracking_requests (business_id, provider_account_id, "
            "resource, priority) SELECT business_id, provider_account_id, $3::smallint, $4::smallint FROM owned",
            {account_id, epoch, static_cast<int>(resource), static_cast<int>(priority)}));
    if (written.affected() == 1) return absl::OkStatus();
    return absl::FailedPreconditionError("the account is read by another replica");
  });
}

absl::Status PostgresRequestJournal::WriteAllowance(std::string_view account_id, int64_t epoch,
                                                    const Allowance& allowance, absl::Time) {
  static constexpr std::string_view kUpsert =
      "INSERT INTO tracking_allowances (provider_account_id, resource, business_id, paused_until, pace, paced_at, "
      "failures, opened, open_until, credentials_sha256) SELECT provider_account_id, $3::smallint, business_id, "
      "$4::timestamptz, "
      "$5::bigint / 1000000.0, $6::timestamptz, $7::integer, $8::integer, $9::timestamptz, $10::bytea FROM sync_status "
      "WHERE "
      "provider_account_id = $1 AND epoch = $2 ON CONFLICT "
      "(provider_account_id, resource) DO UPDATE SET (paused_until, pace, paced_at, failures, opened, open_until, "
      "credentials_sha256) = (EXCLUDED.paused_until, EXCLUDED.pace, EXCLUDED.paced_at, EXCLUDED.failures, "
      "EXCLUDED.opened, EXCLUDED.open_until, EXCLUDED.credentials_sha256)";
  return pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    const auto paced_at = FiniteOrNone(allowance.paced_at);
    for (size_t i = 0; i < kResources; ++i) {
      TL_RETURN_IF_ERROR(
          tx.Execute(kUpsert, {account_id, epoch, i, FiniteOrNone(allowance.paused_until[i]),
                               Millionths(allowance.pace[i]), paced_at, 0, 0, std::nullopt, std::nullopt})
              .status());
    }
    const Circuit::State& circuit = allowance.circuit;
    return tx
        .Execute(kUpsert, {account_id, epoch, kWholeAccount, std::nullopt, Millionths(1), paced_at, circuit.failures,
                           circuit.opened, FiniteOrNone(circuit.open_until),
                           circuit.refused_credentials.empty() ? Parameter(std::nullopt)
                                                               : Parameter::Bytes(circuit.refused_credentials)})
        .status();
  });
}

absl::StatusOr<bool> PostgresRequestJournal::Forget() {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<bool> {
    TL_ASSIGN_OR_RETURN(const Result gone,
                        tx.Execute("DELETE FROM tracking_requests WHERE request_id IN (SELECT request_id FROM "
                                   "tracking_requests ORDER BY request_id LIMIT $1) AND sent_at < clock_timestamp() - "
                                   "interval '26 hours'",
                                   {kForgotten}));
    return gone.affected() == kForgotten;
  });
}

}  // namespace trunkline::tracking_sync
