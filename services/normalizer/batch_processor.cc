#include "services/normalizer/batch_processor.h"

#include <map>
#include <set>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_merge.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/call_status.h"
#include "services/normalizer/call_rows.h"
#include "services/normalizer/call_store.h"

namespace trunkline::normalizer {
namespace {

using events::v1::CallEvent;

// One batch on its way through the transaction.
class Work {
 public:
  Work(postgres::Transaction& tx, std::vector<MappedMessage>& messages) : tx_(tx), store_(tx), messages_(messages) {}

  absl::StatusOr<ProcessedBatch> Run() {
    TL_RETURN_IF_ERROR(LockAndLoad());
    RefuseForeignEvents();
    TL_RETURN_IF_ERROR(Claim());
    MergeNewEvents();
    TL_RETURN_IF_ERROR(WriteCalls());
    TL_RETURN_IF_ERROR(tx_.Copy(kCopyEvents, event_rows_));
    TL_RETURN_IF_ERROR(tx_.Copy(kCopyWebhookLogs, log_rows_));
    CompletePublication();
    return std::move(batch_);
  }

 private:
  absl::Status LockAndLoad() {
    std::set<std::pair<std::string, int32_t>> partitions;
    std::set<std::string> call_ids;
    for (const MappedMessage& message : messages_) {
      partitions.emplace(message.place.topic, message.place.partition);
      for (const CallEvent& event : message.events) call_ids.insert(event.call_id());
    }
    TL_RETURN_IF_ERROR(store_.LockPartitions(partitions));
    if (call_ids.empty()) return absl::OkStatus();
    TL_ASSIGN_OR_RETURN(CallStore::Loaded loaded, store_.Load(call_ids));
    calls_ = std::move(loaded.calls);
    rows_ = std::move(loaded.rows);
    return absl::OkStatus();
  }

  // A call belongs to the business that was first heard of it. A business can sign any URL with its own credentials, so
  // a call_id in a URL alone must not open another business's call.
  void RefuseForeignEvents() {
    std::map<std::string, std::string> owners;
    for (const auto& [id, call] : calls_) owners[id] = call.state.business_id();
    for (MappedMessage& message : messages_) {
      for (const CallEvent& event : message.events) {
        const auto [owner, first] = owners.emplace(event.call_id(), event.business_id());
        if (owner->second == event.business_id()) continue;
        message.refusal = Refusal{"FOREIGN_CALL", Concat("call ", event.call_id(), " belongs to another business")};
      }
      if (message.refusal.has_value()) message.events.clear();
    }
  }

  absl::Status Claim() {
    std::map<std::string, MessagePlace> first_in_batch;
    for (const MappedMessage& message : messages_) {
      for (const CallEvent& event : message.events) first_in_batch.emplace(event.event_id(), message.place);
    }
    TL_ASSIGN_OR_RETURN(sources_, store_.ClaimEvents(first_in_batch));
    return absl::OkStatus();
  }

  void MergeNewEvents() {
    std::set<std::string> done;  // events of this batch, for the same event twice in it, or twice in one message
    for (MappedMessage& message : messages_) {
      if (message.refusal.has_value()) {
        batch_.dead_letters.push_back(&message);
        // Without a readable message there is nothing that a row could say.
        if (!message.raw.webhook_id().empty() && message.refusal->reason != "INVALID_MESSAGE" &&
            message.refusal->reason != "UNREADABLE_MESSAGE") {
          AppendWebhookLog(message, "dead_letter", &log_rows_);
        }
        continue;
      }
      bool brought_something = false;
      for (CallEvent& event : message.events) {
        const CallStore::Source& source = sources_.at(event.event_id());
        if (source.place != message.place || !done.insert(event.event_id()).second) {
          ++batch_.duplicate_events;
          continue;
        }
        brought_something = true;
        published_calls_.insert(event.call_id());
        std::string bytes = event.SerializeAsString();
        if (source.is_new) {
          ++batch_.new_events;
          StoredCall& call = calls_[event.call_id()];
          if (call.traceparent.empty()) call.traceparent = event.traceparent();
          telephony::Merge(telephony::Lift(event), &call.state);
          changed_calls_.insert(event.call_id());
          AppendEvent(event, bytes, &event_rows_);
        } else {
          ++batch_.replayed_events;
        }
        batch_.events.push_back({std::move(event), std::move(bytes)});
      }
      AppendWebhookLog(message, message.events.empty() ? "ignored" : (brought_something ? "processed" : "duplicate"),
                       &log_rows_);
    }
  }

  // A call that goes on is written where it stands; one that ended moves, or is replaced.
  absl::Status WriteCalls() {
    std::map<std::string, int64_t> updated;
    std::map<std::string, int64_t> removed[2];  // from call_queue, from call_history
    postgres::CopyBuffer updated_rows;
    postgres::CopyBuffer new_rows[2];  // for call_queue, for call_history
    for (const std::string& id : changed_calls_) {
      const StoredCall& call = calls_.at(id);
      const bool ended = call.state.has_ended();
      const auto row = rows_.find(id);
      const bool in_place = row != rows_.end() && !row->second.ended && !ended;
      if (in_place) {
        updated[id] = row->second.version;
      } else if (row != rows_.end()) {
        removed[row->second.ended ? 1 : 0][id] = row->second.version;
      }
      calls::v1::CallRecord record = telephony::Project(call.state);
      AppendCall(call.state, record, call.traceparent, in_place ? &updated_rows : &new_rows[ended ? 1 : 0]);
      if (published_calls_.contains(id)) batch_.calls[id].record = std::move(record);
    }
    TL_RETURN_IF_ERROR(store_.UpdateQueue(updated, updated_rows));
    TL_RETURN_IF_ERROR(store_.Remove(/*ended=*/false, removed[0]));
    TL_RETURN_IF_ERROR(store_.Remove(/*ended=*/true, removed[1]));
    TL_RETURN_IF_ERROR(tx_.Copy(CopyCallsInto("call_queue"), new_rows[0]));
    return tx_.Copy(CopyCallsInto("call_history"), new_rows[1]);
  }

  void CompletePublication() {
    for (const std::string& id : published_calls_) {
      ProcessedCall& call = batch_.calls[id];
      // Of a replay nothing was written, and so nothing was worked out yet.
      if (call.record.call_id().empty()) call.record = telephony::Project(calls_.at(id).state);
      call.bytes = call.record.SerializeAsString();
    }
  }

  postgres::Transaction& tx_;
  CallStore store_;
  std::vector<MappedMessage>& messages_;
  std::map<std::string, StoredCall> calls_;
  std::map<std::string, StoredRow> rows_;
  std::map<std::string, CallStore::Source> sources_;
  std::set<std::string> changed_calls_;
  std::set<std::string> published_calls_;
  postgres::CopyBuffer event_rows_;
  postgres::CopyBuffer log_rows_;
  ProcessedBatch batch_;
};

}  // namespace

BatchProcessor::BatchProcessor(postgres::Pool& pool) : pool_(pool) {}

absl::StatusOr<ProcessedBatch> BatchProcessor::Process(std::vector<MappedMessage>* messages) {
  return pool_.InTransaction([messages](postgres::Transaction& tx) { return Work(tx, *messages).Run(); });
}

}  // namespace trunkline::normalizer
