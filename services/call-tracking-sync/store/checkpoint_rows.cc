#include "services/call-tracking-sync/store/checkpoint_rows.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/call-tracking-sync/store/finite_time.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

PassRun RunOf(const Result& rows, int i) {
  PassRun run{.started_at = *rows.Time(i, 2), .to = rows.Time(i, 3).value_or(absl::InfiniteFuture())};
  Window& window = run.window;
  window.from = rows.Time(i, 4).value_or(absl::InfinitePast());
  window.to = rows.Time(i, 5).value_or(absl::InfiniteFuture());
  window.started_at = rows.Time(i, 6).value_or(run.started_at);
  window.page_size = static_cast<int>(rows.Integer(i, 7));
  if (!rows.IsNull(i, 8)) window.position = tracking::Position{rows.String(i, 8), rows.String(i, 9)};
  window.first_page_max = rows.Time(i, 10);
  window.last_change = rows.Time(i, 11);
  if (!rows.IsNull(i, 12)) window.first_total = rows.Integer(i, 12);
  window.seen = rows.Integer(i, 13);
  window.restarts = static_cast<int>(rows.Integer(i, 14));
  return run;
}

}  // namespace

absl::StatusOr<std::map<std::string, Checkpoint>> ReadCheckpoints(Transaction& tx, std::string_view account_id) {
  static const std::string sql =
      Concat("SELECT pass, ", Micros("watermark"), ", ", Micros("run_started_at"), ", ", Micros("run_to"), ", ",
             Micros("window_from"), ", ", Micros("window_to"), ", ", Micros("window_started_at"),
             ", page_size, position_kind, position_value, ", Micros("first_page_max"), ", ", Micros("last_change"),
             ", first_total, window_seen, restarts, pages, seen, inserted, updated, unchanged, failed, ",
             Micros("finished_at"), " FROM sync_checkpoints WHERE provider_account_id = $1");
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(sql, {account_id}));
  std::map<std::string, Checkpoint> checkpoints;
  for (int i = 0; i < rows.size(); ++i) {
    Checkpoint& checkpoint = checkpoints[rows.String(i, 0)];
    checkpoint.watermark = rows.Time(i, 1);
    if (!rows.IsNull(i, 2)) checkpoint.run = RunOf(rows, i);
    checkpoint.counters = {rows.Integer(i, 15), rows.Integer(i, 16), rows.Integer(i, 17),
                           rows.Integer(i, 18), rows.Integer(i, 19), rows.Integer(i, 20)};
    checkpoint.finished_at = rows.Time(i, 21);
  }
  return checkpoints;
}

absl::Status WriteCheckpoint(Transaction& tx, std::string_view account_id, std::string_view business_id,
                             std::string_view pass, const Checkpoint& checkpoint) {
  const bool runs = checkpoint.run.has_value();
  const PassRun run = checkpoint.run.value_or(PassRun{});
  const Window& window = run.window;
  const auto if_runs = [runs](Parameter value) { return runs ? std::move(value) : Parameter(std::nullopt); };
  const auto position = [&](const std::string tracking::Position::*part) {
    return window.position.has_value() ? Parameter((*window.position).*part) : Parameter(std::nullopt);
  };
  static const std::string sql =
      "INSERT INTO sync_checkpoints (provider_account_id, pass, business_id, watermark, run_started_at, run_to, "
      "window_from, window_to, window_started_at, page_size, position_kind, position_value, first_page_max, "
      "last_change, first_total, window_seen, restarts, pages, seen, inserted, updated, unchanged, failed, "
      "finished_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, "
      "$18, $19, $20, $21, $22, $23, $24, clock_timestamp()) ON CONFLICT (provider_account_id, pass) DO UPDATE SET "
      "(watermark, run_started_at, run_to, window_from, window_to, window_started_at, page_size, position_kind, "
      "position_value, first_page_max, last_change, first_total, window_seen, restarts, pages, seen, inserted, "
      "updated, unchanged, failed, finished_at, updated_at) = (EXCLUDED.watermark, EXCLUDED.run_started_at, "
      "EXCLUDED.run_to, EXCLUDED.window_from, EXCLUDED.window_to, EXCLUDED.window_started_at, EXCLUDED.page_size, "
      "EXCLUDED.position_kind, EXCLUDED.position_value, EXCLUDED.first_page_max, EXCLUDED.last_change, "
      "EXCLUDED.first_total, EXCLUDED.window_seen, EXCLUDED.restarts, EXCLUDED.pages, EXCLUDED.seen, "
      "EXCLUDED.inserted, EXCLUDED.updated, EXCLUDED.unchanged, EXCLUDED.failed, EXCLUDED.finished_at, "
      "EXCLUDED.updated_at)";
  const Counters& counters = checkpoint.counters;
  const auto from = FiniteOrNone(window.from);
  return tx
      .Execute(sql, {account_id,
                     pass,
                     business_id,
                     checkpoint.watermark,
                     if_runs(run.started_at),
                     if_runs(FiniteOrNone(run.to)),
                     if_runs(from),
                     if_runs(FiniteOrNone(window.to)),
                     if_runs(window.started_at),
                     window.page_size,
                     position(&tracking::Position::kind),
                     position(&tracking::Position::value),
                     window.first_page_max,
                     window.last_change,
                     window.first_total,
                     window.seen,
                     window.restarts,
                     counters.pages,
                     counters.seen,
                     counters.inserted,
                     counters.updated,
                     counters.unchanged,
                     counters.failed,
                     checkpoint.finished_at})
      .status();
}

}  // namespace trunkline::tracking_sync
