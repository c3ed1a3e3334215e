#include "services/concurrency-governor/api/governor_handler.h"

#include <memory>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/telephony/timestamps.h"
#include "services/concurrency-governor/api/request_checks.h"
#include "services/concurrency-governor/api/slot_messages.h"

namespace trunkline::governor {
namespace {

using rpc::Caller;
using rpc::LateMethods;

// A batch that is decided slot by slot, on the loop's thread, and answered when the last one is.
class Batch {
 public:
  Batch(v1::AcquireSlotsResponse* response, int slots, LateMethods::Answer answer)
      : response_(response), undecided_(slots), answer_(std::move(answer)) {
    for (int i = 0; i < slots; ++i) response_->add_results();
  }

  void Decide(int index, const absl::StatusOr<Decision>& decision) {
    const absl::Status status = decision.ok() ? StatusOf(*decision) : decision.status();
    v1::SlotResult* result = response_->mutable_results(index);
    if (status.ok()) {
      Fill(decision->slot, result->mutable_slot());
      ++granted_;
    } else {
      result->mutable_error()->set_code(static_cast<int>(status.code()));
      result->mutable_error()->set_reason(ReasonOf(status));
      result->mutable_error()->set_message(std::string(status.message()));
      if (decision.ok()) {
        for (const Gate& gate : decision->shut) *result->add_shut() = ToProto(gate);
        *result->mutable_retry_delay() = telephony::ToProto(decision->retry_after);
      }
      if (first_error_.ok()) first_error_ = status;
    }
    if (--undecided_ == 0) answer_(granted_ > 0 ? absl::OkStatus() : first_error_);
  }

 private:
  v1::AcquireSlotsResponse* const response_;
  int undecided_;
  int granted_ = 0;
  absl::Status first_error_;
  const LateMethods::Answer answer_;
};

// A batch that is given back.
class ReleasedSlots {
 public:
  explicit ReleasedSlots(const v1::ReleaseSlotsRequest& request) {
    references_.reserve(static_cast<size_t>(request.slots_size()));
    for (const v1::SlotReference& reference : request.slots()) references_.push_back(FromProto(reference));
  }

  void Release(SlotLedger& ledger, absl::Time now) {
    slots_.reserve(references_.size());
    for (const SlotReference& reference : references_) {
      absl::StatusOr<Slot> slot = ledger.Release(reference, ReleaseReason::kReturned, now);
      if (slot.ok()) slots_.push_back(*std::move(slot));
    }
  }
  void Tell(v1::ReleaseSlotsResponse* response) const {
    response->mutable_slots()->Reserve(static_cast<int>(slots_.size()));
    for (const Slot& slot : slots_) Fill(slot, response->add_slots());
  }

 private:
  std::vector<SlotReference> references_;
  std::vector<Slot> slots_;
};

}  // namespace

grpc::ServerUnaryReactor* GovernorHandler::AcquireSlots(grpc::CallbackServerContext* context,
                                                        const v1::AcquireSlotsRequest* request,
                                                        v1::AcquireSlotsResponse* response) {
  return parts_.late_methods.Begin("GovernorService/AcquireSlots", context, [&](const LateMethods::Answer& answer) {
    if (absl::Status checked = Check(*request); !checked.ok()) return answer(std::move(checked));
    const absl::Duration wait = telephony::FromProto(request->wait());
    std::vector<SlotWish> wishes;
    wishes.reserve(static_cast<size_t>(request->slots_size()));
    for (const v1::SlotRequest& slot : request->slots()) {
      wishes.push_back({.request_id = slot.request_id(),
                        .subject = FromProto(slot.subject()),
                        .kind = FromProto(slot.kind()),
                        .call_id = slot.call_id()});
    }
    const auto batch = std::make_shared<Batch>(response, request->slots_size(), std::move(answer));
    parts_.loop.AcquireAll(std::move(wishes), wait, [batch](size_t index, const absl::StatusOr<Decision>& decision) {
      batch->Decide(static_cast<int>(index), decision);
    });
  });
}

grpc::ServerUnaryReactor* GovernorHandler::BindSlot(grpc::CallbackServerContext* context,
                                                    const v1::BindSlotRequest* request,
                                                    v1::BindSlotResponse* response) {
  return parts_.late_methods.Begin("GovernorService/BindSlot", context, [&](const LateMethods::Answer& answer) {
    if (absl::Status checked = Check(*request); !checked.ok()) return answer(std::move(checked));
    const auto bound = std::make_shared<absl::Status>();
    parts_.loop.Do(
        [request, response, bound](SlotLedger& ledger, absl::Time now) {
          const Subject chosen{.provider_account_id = request->provider_account_id(),
                               .caller_number = request->caller_number()};
          const auto decision = ledger.Bind(FromProto(request->slot()), request->call_id(), chosen, now);
          *bound = decision.ok() ? StatusOf(*decision) : decision.status();
          if (bound->ok()) Fill(decision->slot, response->mutable_slot());
        },
        [bound, answer](const absl::Status& status) { answer(status.ok() ? *bound : status); });
  });
}

grpc::ServerUnaryReactor* GovernorHandler::RenewSlots(grpc::CallbackServerContext* context,
                                                      const v1::RenewSlotsRequest* request,
                                                      v1::RenewSlotsResponse* response) {
  return parts_.late_methods.Begin("GovernorService/RenewSlots", context, [&](const LateMethods::Answer& answer) {
    if (absl::Status checked = Check(*request); !checked.ok()) return answer(std::move(checked));
    parts_.loop.Do(
        [request, response](SlotLedger& ledger, absl::Time now) {
          for (const v1::SlotReference& reference : request->slots()) {
            if (const auto slot = ledger.Renew(FromProto(reference), now); slot.ok()) {
              Fill(*slot, response->add_slots());
            }
          }
        },
        answer);
  });
}

grpc::ServerUnaryReactor* GovernorHandler::ReleaseSlot(grpc::CallbackServerContext* context,
                                                       const v1::ReleaseSlotRequest* request,
                                                       v1::ReleaseSlotResponse* response) {
  return parts_.late_methods.Begin("GovernorService/ReleaseSlot", context, [&](const LateMethods::Answer& answer) {
    if (absl::Status checked = Check(*request); !checked.ok()) return answer(std::move(checked));
    parts_.loop.Do(
        [request, response](SlotLedger& ledger, absl::Time now) {
          const auto slot = ledger.Release(FromProto(request->slot()), ReleaseReason::kReturned, now);
          if (slot.ok()) Fill(*slot, response->mutable_slot());
        },
        answer);
  });
}

grpc::ServerUnaryReactor* GovernorHandler::ReleaseSlots(grpc::CallbackServerContext* context,
                                                        const v1::ReleaseSlotsRequest* request,
                                                        v1::ReleaseSlotsResponse* response) {
  return parts_.late_methods.Begin("GovernorService/ReleaseSlots", context, [&](const LateMethods::Answer& answer) {
    if (absl::Status checked = Check(*request); !checked.ok()) return answer(std::move(checked));
    // What takes time is done before and after the decision, on other threads than the loop's.
    const auto released = std::make_shared<ReleasedSlots>(*request);
    parts_.loop.Do([released](SlotLedger& ledger, absl::Time now) { released->Release(ledger, now); },
                   [released, response, answer = std::move(answer)](const absl::Status& status) {
                     if (status.ok()) released->Tell(response);
                     answer(status);
                   });
  });
}

grpc::ServerWriteReactor<v1::WatchUsageResponse>* GovernorHandler::WatchUsage(grpc::CallbackServerContext* context,
                                                                              const v1::WatchUsageRequest* request) {
  if (const auto caller = parts_.late_methods.Authenticate(*context); !caller.ok()) {
    return UsageFeed::Refuse(caller.status());
  }
  return parts_.feed.Watch(*request);
}

grpc::Status GovernorHandler::GetUsage(grpc::ServerContext* context, const v1::GetUsageRequest* request,
                                       v1::GetUsageResponse* response) {
  return parts_.methods.Unary("GovernorService/GetUsage", context, [&](const Caller&) {
    return parts_.loop.DoAndWait([&](SlotLedger& ledger, absl::Time now) {
      *response->mutable_usage() = UsageOf(ledger, request->business_id(), request->include_slots(), now);
      return absl::OkStatus();
    });
  });
}

grpc::Status GovernorHandler::SetLimits(grpc::ServerContext* context, const v1::SetLimitsRequest* request,
                                        v1::SetLimitsResponse* /*response*/) {
  return parts_.methods.Unary("GovernorService/SetLimits", context, [&](const Caller&) -> absl::Status {
    TL_RETURN_IF_ERROR(Check(*request));
    std::vector<std::pair<LevelKey, Limits>> limits;
    for (const v1::LevelLimits& level : request->limits()) limits.emplace_back(KeyOf(level), FromProto(level));
    std::vector<LevelKey> cleared;
    for (const v1::LevelLimits& level : request->cleared()) cleared.push_back(KeyOf(level));
    return parts_.loop.DoAndWait(
        [&](SlotLedger& ledger, absl::Time /*now*/) { return ledger.SetLimits(limits, cleared); });
  });
}

grpc::Status GovernorHandler::GetLimits(grpc::ServerContext* context, const v1::GetLimitsRequest* /*request*/,
                                        v1::GetLimitsResponse* response) {
  return parts_.methods.Unary("GovernorService/GetLimits", context, [&](const Caller&) {
    return parts_.loop.DoAndWait([&](SlotLedger& ledger, absl::Time /*now*/) {
      for (const auto& [key, limits] : ledger.book().limits()) *response->add_limits() = ToProto(key, limits);
      return absl::OkStatus();
    });
  });
}

grpc::Status GovernorHandler::Explain(grpc::ServerContext* context, const v1::ExplainRequest* request,
                                      v1::ExplainResponse* response) {
  return parts_.methods.Unary("GovernorService/Explain", context, [&](const Caller&) -> absl::Status {
    TL_RETURN_IF_ERROR(Check(*request));
    const Subject subject = FromProto(request->subject());
    return parts_.loop.DoAndWait([&](SlotLedger& ledger, absl::Time now) {
      for (const Gate& gate : ledger.Explain(subject, FromProto(request->kind()), now)) {
        *response->add_gates() = ToProto(gate);
      }
      response->set_waiting(static_cast<int>(ledger.waiting().SizeOf(subject.business_id)));
      return absl::OkStatus();
    });
  });
}

grpc::Status GovernorHandler::NoteRefusal(grpc::ServerContext* context, const v1::NoteRefusalRequest* request,
                                          v1::NoteRefusalResponse* response) {
  return parts_.methods.Unary("GovernorService/NoteRefusal", context, [&](const Caller&) -> absl::Status {
    TL_RETURN_IF_ERROR(Check(*request));
    parts_.metrics.CountLearnedCeiling();
    return parts_.loop.DoAndWait([&](SlotLedger& ledger, absl::Time now) {
      response->set_learned_ceiling(ledger.NoteRefusal(request->provider_account_id(), now));
      return absl::OkStatus();
    });
  });
}

}  // namespace trunkline::governor
