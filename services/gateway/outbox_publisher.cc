#include "services/gateway/outbox_publisher.h"

#include <latch>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/webhooks/raw_webhook_message.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::gateway {
namespace {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using webhooks::v1::RawWebhook;

constexpr int kBatch = 500;
constexpr int64_t kTurn = 0x6f7574626f78;  // "outbox": the advisory lock of this table

absl::StatusOr<kafka::OutgoingMessage> MessageOfRow(const Result& rows, int row, const std::string& topic) {
  std::string bytes = rows.Bytes(row, 1);
  RawWebhook raw;
  if (!raw.ParseFromString(bytes)) return absl::DataLossError("a fact of the outbox cannot be read");
  return webhooks::MessageOf(raw, std::move(bytes), topic);
}

}  // namespace

OutboxPublisher::OutboxPublisher(postgres::Pool& pool, std::string topic, Send send, GatewayMetrics& metrics,
                                 const Clock& clock)
    : pool_(pool), topic_(std::move(topic)), send_(std::move(send)), metrics_(metrics), clock_(clock) {}

absl::StatusOr<bool> OutboxPublisher::PublishBatch() {
  absl::Status failure;  // of messages; what was delivered beside them is committed all the same
  auto more = pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<bool> {
    // Most looks find nothing, and need no turn. By the index, which forgets rows that are gone; a scan of the table
    // would go over all that left since the last vacuum.
    TL_ASSIGN_OR_RETURN(const Result any,
                        tx.Execute("SELECT outbox_id FROM call_facts_outbox ORDER BY outbox_id LIMIT 1"));
    if (any.empty()) return false;
    TL_RETURN_IF_ERROR(tx.Execute("SELECT pg_advisory_xact_lock($1)", {kTurn}).status());
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(Concat("SELECT outbox_id, message FROM call_facts_outbox ORDER BY outbox_id LIMIT ", kBatch)));

    std::vector<kafka::OutgoingMessage> messages;
    for (int i = 0; i < rows.size(); ++i) {
      TL_ASSIGN_OR_RETURN(messages.emplace_back(), MessageOfRow(rows, i, topic_));
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

    // A crash that undoes the removal has the facts sent again, so the disk need not be waited for.
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
    TL_RETURN_IF_ERROR(
        tx.Execute("DELETE FROM call_facts_outbox WHERE outbox_id = ANY ($1::bigint[])", {Parameter::Array(delivered)})
            .status());
    metrics_.CountFactsPublished(static_cast<int64_t>(delivered.size()));
    return rows.size() == kBatch;
  });
  if (more.ok() && !failure.ok()) return Annotate(failure, "sending facts to Kafka");
  return more;
}

absl::Status OutboxPublisher::Measure() {
  return pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(Concat("SELECT count(*), ", postgres::Micros("min(created_at)"),
                                                             " FROM call_facts_outbox")));
    const absl::Time now = clock_.Now();
    metrics_.SetOutbox(rows.Integer(0, 0), now - rows.Time(0, 1).value_or(now));
    return absl::OkStatus();
  });
}

}  // namespace trunkline::gateway
