#include "services/gateway/calls/provider_requests.h"

#include <algorithm>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

using postgres::Parameter;
using postgres::Transaction;
using providers::DialOutcome;

// Few rows at a time, so that no call waits for a processor that writes many.
constexpr absl::Duration kInterval = absl::Milliseconds(100);
constexpr size_t kMostInOneStatement = 1'000;
// Beyond it the oldest are forgotten: the database is away, and memory is worth more than a timeline.
constexpr size_t kMostNoted = 20'000;
constexpr size_t kLongestMessage = 500;

absl::Status Write(Transaction& tx, const std::vector<ProviderRequest>& requests) {
  // One array for each column.
  std::vector<std::string> times, durations, businesses, accounts, calls, operations, outcomes, messages, traces;
  for (const ProviderRequest& request : requests) {
    times.push_back(postgres::FormatTimestamp(absl::ToUnixMicros(request.asked_at)));
    durations.push_back(Concat(absl::ToInt64Microseconds(request.took), " microseconds"));
    businesses.push_back(request.call.business_id);
    accounts.push_back(request.call.provider_account_id);
    calls.push_back(request.call.call_id);
    operations.push_back(request.operation);
    outcomes.push_back(request.outcome);
    messages.push_back(request.message);
    traces.push_back(request.call.traceparent);
  }
  return tx
      .Execute(
          "INSERT INTO provider_requests (asked_at, took, business_id, provider_account_id, call_id, operation, "
          "outcome, message, traceparent) SELECT at, took, business, account, call, operation, outcome, "
          "nullif(message, ''), nullif(trace, '') FROM unnest($1::timestamptz[], $2::interval[], $3::uuid[], "
          "$4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[]) "
          "AS r(at, took, business, account, call, operation, outcome, message, trace)",
          {Parameter::Array(times), Parameter::Array(durations), Parameter::Array(businesses),
           Parameter::Array(accounts), Parameter::Array(calls), Parameter::Array(operations),
           Parameter::Array(outcomes), Parameter::Array(messages), Parameter::Array(traces)})
      .status();
}

std::string Kept(std::string_view text) {
  return ToStorableText(MaskNumbers(ToStorableText(text)).substr(0, kLongestMessage));
}

}  // namespace

std::string_view NameOf(DialOutcome::Kind kind) {
  switch (kind) {
    case DialOutcome::Kind::kPlaced:
      return "placed";
    case DialOutcome::Kind::kRejected:
      return "rejected";
    case DialOutcome::Kind::kInDoubt:
      return "in_doubt";
  }
  return "in_doubt";
}

ProviderRequests::ProviderRequests(postgres::Pool& pool, GatewayMetrics& metrics, const Clock& clock)
    : pool_(pool),
      metrics_(metrics),
      clock_(clock),
      writing_("writing provider requests", kInterval, [this] { return Flush(); }) {}

ProviderRequests::~ProviderRequests() {
  if (const absl::StatusOr<bool> written = Flush(); !written.ok()) {
    LogWarning("the latest requests to providers are not in the timelines", {{"error", written.status()}});
  }
}

std::string ProviderRequests::OutcomeOf(const absl::Status& status) {
  return status.ok() ? "ok" : absl::StatusCodeToString(status.code());
}

std::string ProviderRequests::OutcomeOf(const DialOutcome& outcome) { return std::string(NameOf(outcome.kind)); }

std::string ProviderRequests::MessageOf(const absl::Status& status) { return std::string(ToStd(status.message())); }

std::string ProviderRequests::MessageOf(const DialOutcome& outcome) {
  const calls::v1::CallError& error = outcome.error;
  if (error.provider_code().empty() && error.provider_message().empty()) return error.message();
  return Concat(error.message(), " (", error.provider_code(), ": ", error.provider_message(), ")");
}

void ProviderRequests::Note(ProviderRequest request) {
  metrics_.ObserveProvider(request.call.provider, request.operation, request.took);
  request.message = Kept(request.message);
  const std::lock_guard lock(mutex_);
  noted_.push_back(std::move(request));
  if (noted_.size() > kMostNoted) noted_.pop_front();
}

absl::StatusOr<bool> ProviderRequests::Flush() {
  std::vector<ProviderRequest> batch;
  {
    const std::lock_guard lock(mutex_);
    const size_t size = std::min(noted_.size(), kMostInOneStatement);
    batch.assign(std::make_move_iterator(noted_.begin()),
                 std::make_move_iterator(noted_.begin() + static_cast<std::ptrdiff_t>(size)));
    noted_.erase(noted_.begin(), noted_.begin() + static_cast<std::ptrdiff_t>(size));
  }
  if (batch.empty()) return false;
  absl::Status written = pool_.InTransaction([&batch](Transaction& tx) -> absl::Status {
    // A crash may lose the latest; see the table.
    TL_RETURN_IF_ERROR(tx.Execute("SET LOCAL synchronous_commit = off").status());
    return Write(tx, batch);
  });
  const std::lock_guard lock(mutex_);
  if (!written.ok()) {
    noted_.insert(noted_.begin(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
    return written;
  }
  return !noted_.empty();
}

}  // namespace trunkline::gateway
