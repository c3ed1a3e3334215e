#include "services/concurrency-governor/calls/call_sweep.h"

#include <string_view>
#include <vector>

#include "libs/base/status.h"

namespace trunkline::governor {
namespace {

std::string_view NameOf(CallLife life) {
  switch (life) {
    case CallLife::kAlive:
      return "alive";
    case CallLife::kEnded:
      return "ended";
    case CallLife::kUnknown:
      return "unknown";
  }
  return "";
}

}  // namespace

absl::StatusOr<bool> CallSweep::Run() {
  if (!loop_.lead().has_value()) {
    metrics_.SetUnknownCalls(0);
    return false;
  }
  std::vector<Slot> silent;
  TL_RETURN_IF_ERROR(loop_.DoAndWait([&silent](SlotLedger& ledger, absl::Time now) {
    silent = ledger.SilentCalls(now);
    return absl::OkStatus();
  }));
  size_t unknown = 0;
  for (const Slot& slot : silent) {
    const CallLife life = inquiry_.Ask(slot.subject().business_id, slot.call_id);
    metrics_.CountInquiry(NameOf(life));
    if (life == CallLife::kUnknown) ++unknown;
    TL_RETURN_IF_ERROR(loop_.DoAndWait([&slot, life](SlotLedger& ledger, absl::Time now) {
      ledger.NoteInquiry(slot.call_id, life, now);
      return absl::OkStatus();
    }));
  }
  metrics_.SetUnknownCalls(unknown);
  return false;
}

}  // namespace trunkline::governor
