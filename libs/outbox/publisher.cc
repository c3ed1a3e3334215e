#include "libs/outbox/publisher.h"

#include <latch>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::outbox {
namespace {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

constexpr int kBatch = 500;

}  // namespace

Publisher::Publisher(Options options, postgres::Pool& pool, MessageOf message_of, Send send,
                     std::function<void(int64_t)> published)
    : options_(std::move(options)),
      pool_(pool),
      message_of_(std::move(message_of)),
      send_(std::move(send)),
      published_(std::move(published)) {}

absl::StatusOr<bool> Publisher::PublishBatch() {
  absl::Status failure;  // of messages; what was delivered beside them is committed all the same
  auto more = pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<bool> {
    // Most looks find nothing, and need no turn. By the index, which forgets rows that are gone; a scan of the table
    // would go over all that left since the last vacuum.
    TL_ASSIGN_OR_RETURN(const Result any,
                        tx.Execute(Concat("SELECT outbox_id FROM ", options_.table, " ORDER BY outbox_id LIMIT 1")));
    if (any.empty()) return false;
    // The transaction is idle while Kafka is waited for, however long a role may be so otherwise.
    TL_RETURN_IF_ERROR(tx.Execute("SELECT pg_advisory_xact_lock($1), "
                                  "set_config('idle_in_transaction_session_timeout', '0', true)",
                                  {options_.turn})
                           .status());
    TL_ASSIGN_OR_RETURN(const Result rows, tx.ExecuteBinary(Concat("SELECT outbox_id, message FROM ", options_.table,
                                                                   " ORDER BY outbox_id LIMIT ", kBatch)));

    std::vector<kafka::OutgoingMessage> messages;
    for (int i = 0; i < rows.size(); ++i) {
      TL_ASSIGN_OR_RETURN(messages.emplace_back(), message_of_(rows.Bytes(i, 1)));
    }
    std::vector<absl::Status> reports(messages.size(), absl::UnavailableError("not sent"));
    std::latch reported(static_cast<ptrdiff_t>(messages.size()));
    for (size_t i = 0; i < messages.size(); ++i) {
      const absl::Status sent = send_(messages[i], [&reports, &reported, i](absl::Status status) {
        reports[i] = std::move(status);
        reported.count_down();
      });
      if (sent.ok()) continue;
      reports[i] = sent;
      reported.count_down();
    }
    reported.wait();

    // A crash that undoes the removal has the messages sent again, so the disk need not be waited for.
    TL_RETURN_IF_ERROR(tx.Execute("SET LOCAL synchronous_commit = off").status());
    std::vector<int64_t> delivered;
    for (int i = 0; i < rows.size(); ++i) {
      const absl::Status& report = reports[static_cast<size_t>(i)];
      if (report.ok()) {
        delivered.push_back(rows.Integer(i, 0));
      } else {
        failure = report;
      }
    }
    TL_RETURN_IF_ERROR(tx.Execute(Concat("DELETE FROM ", options_.table, " WHERE outbox_id = ANY ($1::bigint[])"),
                                  {Parameter::Array(delivered)})
                           .status());
    published_(static_cast<int64_t>(delivered.size()));
    return rows.size() == kBatch;
  });
  if (more.ok() && !failure.ok()) return Annotate(failure, "sending to Kafka");
  return more;
}

absl::StatusOr<Backlog> Publisher::Measure() {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<Backlog> {
    TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(Concat("SELECT count(*), ", Micros("clock_timestamp()"), ", ",
                                                             Micros("min(created_at)"), " FROM ", options_.table)));
    const std::optional<absl::Time> oldest = rows.Time(0, 2);
    return Backlog{.messages = rows.Integer(0, 0),
                   .age = oldest.has_value() ? *rows.Time(0, 1) - *oldest : absl::ZeroDuration()};
  });
}

}  // namespace trunkline::outbox
