// Slots, gates and limits as the contract writes them.
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "services/concurrency-governor/ledger/slot_ledger.h"
#include "trunkline/governor/v1/governor_service.pb.h"

namespace trunkline::governor {

void Fill(const Slot& slot, v1::Slot* out);
v1::Gate ToProto(const Gate& gate);
v1::LevelLimits ToProto(const LevelKey& key, const Limits& limits);
Subject FromProto(const v1::SlotSubject& subject);
SlotReference FromProto(const v1::SlotReference& reference);
LevelKey KeyOf(const v1::LevelLimits& limits);
Limits FromProto(const v1::LevelLimits& limits);
// Ordinary when it is not said.
SlotKind FromProto(v1::SlotKind kind);

// What is in use, of one business or of all.
v1::Usage UsageOf(const SlotLedger& ledger, const std::string& business_id, bool include_slots, absl::Time now);

// The error of a request that came to nothing: RESOURCE_EXHAUSTED LIMIT_REACHED with a QuotaFailure and RetryInfo, or
// what else was wrong. OK for a slot that was granted.
absl::Status StatusOf(const Decision& decision);

}  // namespace trunkline::governor
