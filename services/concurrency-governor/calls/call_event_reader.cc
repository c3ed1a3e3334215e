#include "services/concurrency-governor/calls/call_event_reader.h"

#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::governor {
namespace {

constexpr absl::Duration kLookForLead = absl::Milliseconds(200);
constexpr absl::Duration kPatience = absl::Milliseconds(200);
constexpr size_t kBatch = 2'000;

}  // namespace

std::optional<CallNews> NewsOf(const events::v1::CallEvent& event) {
  if (event.call_id().empty() || event.business_id().empty()) return std::nullopt;
  const calls::v1::CallRecord& record = event.call();
  return CallNews{
      .call_id = event.call_id(),
      .subject = {.business_id = event.business_id(), .provider_account_id = record.details().provider_account_id()},
      .inbound = record.details().direction() == calls::v1::CALL_DIRECTION_INBOUND,
      // The record may know of the end already, when an event comes late.
      .ended = telephony::IsEnded(event.status()) || telephony::IsEnded(record.status()),
      .at = telephony::FromProto(event.occurred_at())};
}

CallEventReader::CallEventReader(Options options, DecisionLoop& loop, GovernorMetrics& metrics)
    : options_(std::move(options)),
      loop_(loop),
      metrics_(metrics),
      worker_("reading call events", kLookForLead, [this] { return Read(); }) {}

absl::StatusOr<bool> CallEventReader::Read() {
  const std::optional<DecisionLoop::Lead> lead = loop_.lead();
  if (!lead.has_value()) {
    consumer_.reset();
    return false;
  }
  if (consumer_ == nullptr || epoch_ != lead->epoch) {
    consumer_.reset();
    TL_ASSIGN_OR_RETURN(consumer_, kafka::PositionedConsumer::Start({.bootstrap = options_.bootstrap,
                                                                     .topic = options_.topic,
                                                                     .positions = lead->positions,
                                                                     .start_limit = options_.start_limit}));
    epoch_ = lead->epoch;
  }
  return ReadBatch();
}

absl::StatusOr<bool> CallEventReader::ReadBatch() {
  const std::vector<kafka::Message> messages = consumer_->Poll(kBatch, kPatience);
  metrics_.SetEventLag(consumer_->Lag());
  if (messages.empty()) return true;
  std::vector<CallNews> news;
  Positions positions;
  for (const kafka::Message& message : messages) {
    positions[message.partition()] = message.offset() + 1;
    const std::optional<events::v1::CallEvent> event = kafka::ParseValue<events::v1::CallEvent>(message);
    if (!event.has_value()) continue;
    if (std::optional<CallNews> of_call = NewsOf(*event)) news.push_back(*std::move(of_call));
  }
  const absl::Status noted = loop_.DoAndWait(
      [&news](SlotLedger& ledger, absl::Time now) {
        for (const CallNews& of_call : news) ledger.NoteCall(of_call, now);
        return absl::OkStatus();
      },
      std::move(positions));
  // The lead is lost: whoever has it next reads from what is committed.
  if (!noted.ok()) consumer_.reset();
  return noted.ok();
}

}  // namespace trunkline::governor
