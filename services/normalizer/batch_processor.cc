#include "services/normalizer/batch_processor.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/container/node_hash_map.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_merge.h"
#include "libs/telephony/call_record.h"
#include "services/normalizer/call_rows.h"
#include "services/normalizer/call_store.h"
#include "services/normalizer/recording_rows.h"
#include "services/normalizer/shadow_rows.h"

namespace trunkline::normalizer {
namespace {

using events::v1::CallEvent;

std::string_view OutcomeOf(const MappedMessage& message, bool brought_something) {
  if (message.is_shadow) return "shadow";
  if (message.raw.hint_only()) return "hint";
  if (message.events.empty()) return "ignored";
  return brought_something ? "processed" : "duplicate";
}

// One batch on its way through the transaction.
class Work {
 public:
  Work(std::vector<MappedMessage>& messages, CallCache& cache) : messages_(messages), cache_(cache) {
    for (MappedMessage& message : messages_) {
      for (CallEvent& event : message.events) {
        const UuidNumber call_id = NumberOfUuid(event.call_id());
        events_.push_back({.message = &message,
                           .event = &event,
                           .event_id = NumberOfUuid(event.event_id()),
                           .call_id = call_id,
                           .call = &calls_[call_id]});
      }
    }
  }

  absl::StatusOr<ProcessedBatch> Run(postgres::Transaction& tx) {
    CallStore store(tx);
    TL_RETURN_IF_ERROR(Lock(store));
    TL_RETURN_IF_ERROR(TakeCalls(store));
    RefuseForeignEvents();
    HoldBackShadows();
    TL_RETURN_IF_ERROR(Claim(store));
    TL_RETURN_IF_ERROR(ReadReplayedCalls(store));
    MergeNewEvents();
    TL_RETURN_IF_ERROR(WriteCalls(tx, store));
    TL_RETURN_IF_ERROR(recordings_.Write(tx));
    TL_RETURN_IF_ERROR(shadows_.Write(store, tx));
    TL_RETURN_IF_ERROR(tx.Copy(kCopyEvents, event_rows_));
    TL_RETURN_IF_ERROR(tx.Copy(kCopyWebhookLogs, log_rows_));
    CompletePublication();
    return std::move(batch_);
  }

  // After the commit: the calls that go on, as they are stored now.
  void KeepCalls() {
    for (auto& [id, call] : calls_) {
      if (call.stored->has_row && !call.stored->ended) cache_.Put(id, std::move(call.stored));
    }
  }

 private:
  struct CallInHand {
    std::unique_ptr<StoredCall> stored;
    std::string_view business_id;  // of the first event, when nothing is stored
    bool is_cached = false;
    bool is_changed = false;
    bool had_cost = false;
    bool is_published = false;
  };

  enum class Novelty { kNew, kReplayed, kDuplicate };

  struct EventInHand {
    MappedMessage* message;
    CallEvent* event;
    UuidNumber event_id;
    UuidNumber call_id;
    CallInHand* call;
    Novelty novelty = Novelty::kDuplicate;
  };

  absl::Status Lock(CallStore& store) {
    std::set<std::pair<std::string, int32_t>> partitions;
    for (const MappedMessage& message : messages_) partitions.emplace(message.place.topic, message.place.partition);
    TL_ASSIGN_OR_RETURN(version_, store.LockPartitions(partitions));
    return absl::OkStatus();
  }

  absl::Status TakeCalls(CallStore& store) {
    std::vector<UuidNumber> unknown;
    for (auto& [id, call] : calls_) {
      call.stored = cache_.Take(id);
      call.is_cached = call.stored != nullptr;
      if (!call.is_cached) unknown.push_back(id);
    }
    // What is refused for another's call is not refused by a guess: its row may have been given up by hand.
    for (const EventInHand& in_hand : events_) {
      CallInHand& call = *in_hand.call;
      if (!call.is_cached || call.stored->state.business_id() == in_hand.event->business_id()) continue;
      call.stored = nullptr;
      call.is_cached = false;
      unknown.push_back(in_hand.call_id);
    }
    TL_RETURN_IF_ERROR(ReadCalls(store, unknown));
    for (auto& [id, call] : calls_) {
      if (call.stored == nullptr) call.stored = std::make_unique<StoredCall>();
    }
    return absl::OkStatus();
  }

  absl::Status ReadCalls(CallStore& store, const std::vector<UuidNumber>& ids) {
    TL_ASSIGN_OR_RETURN(CallStore::Calls read, store.Load(ids));
    for (auto& [id, call] : read) calls_.at(id).stored = std::move(call);
    return absl::OkStatus();
  }

  // A call belongs to the business that was first heard of it. A business can sign any URL with its own credentials, so
  // a call_id in a URL alone must not open another business's call.
  void RefuseForeignEvents() {
    for (const EventInHand& in_hand : events_) {
      const std::string& business_id = in_hand.event->business_id();
      CallInHand& call = *in_hand.call;
      if (call.business_id.empty()) {
        call.business_id = call.stored->has_row ? call.stored->state.business_id() : business_id;
      }
      if (call.business_id == business_id) continue;
      in_hand.message->refusal =
          Refusal{"FOREIGN_CALL", Concat("call ", in_hand.event->call_id(), " belongs to another business")};
    }
    std::erase_if(events_, [](const EventInHand& in_hand) { return in_hand.message->refusal.has_value(); });
    for (MappedMessage& message : messages_) {
      if (message.refusal.has_value()) message.events.clear();
    }
  }

  // What is for comparison only goes beside the calls, and is neither claimed nor published.
  void HoldBackShadows() {
    if (std::none_of(messages_.begin(), messages_.end(), MayBeShadow)) return;
    std::set<const MappedMessage*> held_back;
    absl::flat_hash_set<UuidNumber> applied;
    auto next = events_.begin();
    for (const MappedMessage& message : messages_) {
      const auto first = next;
      while (next != events_.end() && next->message == &message) ++next;
      if (first == next) continue;
      const bool is_known = first->call->stored->has_row || applied.contains(first->call_id);
      if (!IsShadow(message, is_known)) {
        applied.insert(first->call_id);
        continue;
      }
      held_back.insert(&message);
      std::for_each(first, next, [this](const EventInHand& in_hand) { shadows_.Add(*in_hand.event); });
    }
    std::erase_if(events_, [&](const EventInHand& in_hand) { return held_back.contains(in_hand.message); });
    for (MappedMessage& message : messages_) message.is_shadow = held_back.contains(&message);
  }

  absl::Status Claim(CallStore& store) {
    std::vector<std::pair<UuidNumber, const MessagePlace*>> first_in_batch;
    absl::flat_hash_set<UuidNumber> named;
    named.reserve(events_.size());
    for (const EventInHand& in_hand : events_) {
      if (named.insert(in_hand.event_id).second) {
        first_in_batch.emplace_back(in_hand.event_id, &in_hand.message->place);
      }
    }
    TL_ASSIGN_OR_RETURN(const CallStore::Sources sources, store.ClaimEvents(std::move(first_in_batch)));
    absl::flat_hash_set<UuidNumber> done;  // for the same event twice in the batch, or twice in one message
    done.reserve(events_.size());
    for (EventInHand& in_hand : events_) {
      const CallStore::Source& source = sources.at(in_hand.event_id);
      if (*source.place != in_hand.message->place || !done.insert(in_hand.event_id).second) continue;
      in_hand.novelty = source.is_new ? Novelty::kNew : Novelty::kReplayed;
    }
    return absl::OkStatus();
  }

  // An event that was stored before may have been stored by another normalizer, after its call was cached here. The
  // call that is published with it must hold it.
  absl::Status ReadReplayedCalls(CallStore& store) {
    std::vector<UuidNumber> doubtful;
    for (const EventInHand& in_hand : events_) {
      if (in_hand.novelty != Novelty::kReplayed || !std::exchange(in_hand.call->is_cached, false)) continue;
      doubtful.push_back(in_hand.call_id);
    }
    return ReadCalls(store, doubtful);
  }

  void MergeNewEvents() {
    auto next = events_.begin();
    for (MappedMessage& message : messages_) {
      if (message.refusal.has_value()) {
        AddDeadLetter(message);
        continue;
      }
      bool brought_something = false;
      for (; next != events_.end() && next->message == &message; ++next) brought_something |= Take(*next);
      message.outcome = OutcomeOf(message, brought_something);
      AppendWebhookLog(message, message.outcome, &log_rows_);
    }
  }

  void AddDeadLetter(MappedMessage& message) {
    message.outcome = "dead_letter";
    batch_.dead_letters.push_back(&message);
    // Without a readable message there is nothing that a row could say.
    if (!message.raw.webhook_id().empty() && message.refusal->reason != "INVALID_MESSAGE" &&
        message.refusal->reason != "UNREADABLE_MESSAGE") {
      AppendWebhookLog(message, message.outcome, &log_rows_);
    }
  }

  // False for a duplicate.
  bool Take(EventInHand& in_hand) {
    if (in_hand.novelty == Novelty::kDuplicate) {
      ++batch_.duplicate_events;
      return false;
    }
    CallEvent& event = *in_hand.event;
    CallInHand& call = *in_hand.call;
    call.is_published = true;
    std::string bytes = event.SerializeAsString();
    if (in_hand.novelty == Novelty::kNew) {
      ++batch_.new_events;
      if (!std::exchange(call.is_changed, true)) call.had_cost = call.stored->state.details().has_cost();
      if (call.stored->traceparent.empty()) call.stored->traceparent = event.traceparent();
      telephony::MergeEvent(event, &call.stored->state);
      AppendEvent(event, bytes, &event_rows_);
      recordings_.Add(event);
    } else {
      ++batch_.replayed_events;
    }
    batch_.events.push_back({std::move(event), std::move(bytes), in_hand.call_id});
    return true;
  }

  // A call that goes on is written where it stands; one that ended moves, or is replaced.
  absl::Status WriteCalls(postgres::Transaction& tx, CallStore& store) {
    size_t updated = 0;
    RowVersions removed[2];  // from call_queue, from call_history
    postgres::CopyBuffer updated_rows;
    postgres::CopyBuffer new_rows[2];  // for call_queue, for call_history
    for (auto& [id, call] : calls_) {
      if (!call.is_changed) continue;
      StoredCall& stored = *call.stored;
      const bool ended = stored.state.has_ended();
      ProcessedCall& processed = batch_.calls[id];
      const calls::v1::CallRecord& record = processed.record = telephony::Project(stored.state);
      processed.has_ended_now = ended && !stored.ended;
      processed.has_cost_now = record.details().has_cost() && !call.had_cost;
      if (stored.has_row && !stored.ended && !ended) {
        ++updated;
        AppendCall(stored.state, record, stored.traceparent, &updated_rows);
        updated_rows.TransactionId(stored.version).EndRow();
      } else {
        if (stored.has_row) removed[stored.ended ? 1 : 0].Add(id, stored.version);
        AppendCall(stored.state, record, stored.traceparent, &new_rows[ended ? 1 : 0]);
        new_rows[ended ? 1 : 0].EndRow();
      }
      stored.has_row = true;
      stored.ended = ended;
      stored.version = version_;
    }
    TL_RETURN_IF_ERROR(store.UpdateQueue(updated, updated_rows));
    TL_RETURN_IF_ERROR(store.Remove("call_queue", removed[0]));
    TL_RETURN_IF_ERROR(store.Remove("call_history", removed[1]));
    TL_RETURN_IF_ERROR(tx.Copy(CopyCallsInto("call_queue"), new_rows[0]));
    return tx.Copy(CopyCallsInto("call_history"), new_rows[1]);
  }

  void CompletePublication() {
    for (auto& [id, call] : calls_) {
      if (!call.is_published) continue;
      ProcessedCall& processed = batch_.calls[id];
      // Of a replay nothing was written, and so nothing was worked out yet.
      if (!call.is_changed) processed.record = telephony::Project(call.stored->state);
      processed.bytes = processed.record.SerializeAsString();
    }
  }

  std::vector<MappedMessage>& messages_;
  CallCache& cache_;
  absl::node_hash_map<UuidNumber, CallInHand> calls_;
  std::vector<EventInHand> events_;  // in order
  uint32_t version_ = 0;             // that the rows have which are written now
  postgres::CopyBuffer event_rows_;
  postgres::CopyBuffer log_rows_;
  RecordingRows recordings_;
  ShadowRows shadows_;
  ProcessedBatch batch_;
};

}  // namespace

BatchProcessor::BatchProcessor(postgres::Pool& pool, size_t cached_calls) : pool_(pool), cache_(cached_calls) {}

absl::StatusOr<ProcessedBatch> BatchProcessor::Process(std::vector<MappedMessage>* messages) {
  Work work(*messages, cache_);
  absl::StatusOr<ProcessedBatch> batch =
      pool_.InTransaction([&work](postgres::Transaction& tx) { return work.Run(tx); });
  batch.ok() ? work.KeepCalls() : cache_.Clear();
  return batch;
}

}  // namespace trunkline::normalizer
