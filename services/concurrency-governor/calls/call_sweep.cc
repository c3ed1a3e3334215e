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

absl::StatusOr<bool> CallSweep::AskAboutSilent() {
  size_t unknown = 0;
  if (loop_.lead().has_value()) {
    TL_ASSIGN_OR_RETURN(unknown, Ask(&SlotLedger::SilentCalls));
  }
  metrics_.SetUnknownCalls(unknown);
  return false;
}

absl::StatusOr<bool> CallSweep::AskAboutUnheard() {
  if (!loop_.lead().has_value()) return false;
  TL_RETURN_IF_ERROR(Ask(&SlotLedger::UnheardCalls).status());
  return false;
}

absl::StatusOr<size_t> CallSweep::Ask(Calls calls) {
  std::vector<Slot> silent;
  TL_RETURN_IF_ERROR(loop_.DoAndWait([&silent, calls](SlotLedger& ledger, absl::Time now) {
    silent = (ledger.*calls)(now);
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
  return unknown;
}

}  // namespace trunkline::governor
