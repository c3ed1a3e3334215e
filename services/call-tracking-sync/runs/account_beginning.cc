#include "services/call-tracking-sync/runs/account_beginning.h"

#include <optional>
#include <string>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/filter_probe.h"

namespace trunkline::tracking_sync {
namespace {

namespace v1 = tracking::v1;

// Before the first pass nothing else is there to be done.
constexpr absl::Duration kFirstTurn = absl::Minutes(2);
constexpr absl::Duration kProbeLife = absl::Hours(24);
constexpr absl::Duration kProbeAgain = absl::Hours(1);  // what did not work may have had no calls to show it with
// A walk that would go further back than this is a backfill.
constexpr absl::Duration kLongestOutage = absl::Hours(24 * 30);
constexpr std::string_view kFirstBackfill = "first";

}  // namespace

AccountBeginning::AccountBeginning(const AccountParts& parts, Ownership owner, CommitRecords commit)
    : parts_(parts), owner_(std::move(owner)), commit_(std::move(commit)) {}

absl::Status AccountBeginning::Begin(PlannedAccount* planned) {
  const Asking asking(Priority::kIncremental, kFirstTurn);
  TL_RETURN_IF_ERROR(CheckCredentials(planned));
  if (const auto offset = planned->clock.offset(); offset.has_value()) {
    parts_.metrics.SetClockOffset(planned->platform().Name(), *offset);
    TL_RETURN_IF_ERROR(parts_.store.SetClockOffset(owner_, *offset));
  }
  if (MustProbe(*planned)) TL_RETURN_IF_ERROR(Probe(planned));
  return SetWatermarks(planned);
}

absl::Status AccountBeginning::CheckCredentials(PlannedAccount* planned) {
  if (checked_ == planned->tracked) return absl::OkStatus();
  TL_ASSIGN_OR_RETURN(const auto checked, planned->client().CheckAccount(planned->account()));
  planned->clock.Learn(checked.receipt);
  if (!checked.value.empty()) {
    parts_.budget.RefuseCredentials(owner_.account_id);
    return absl::UnauthenticatedError(Concat(checked.value[0].field, ": ", checked.value[0].message));
  }
  checked_ = planned->tracked;
  return absl::OkStatus();
}

absl::Status AccountBeginning::SetWatermarks(PlannedAccount* planned) {
  const absl::Time server_now = planned->clock.At(parts_.clock.Now());
  for (PassState& pass : planned->passes) {
    if (!pass.pass.follows_watermark) continue;
    std::optional<absl::Time>& watermark = pass.checkpoint.watermark;
    const bool is_new = !watermark.has_value();
    if (!is_new && server_now - *watermark < kLongestOutage) continue;
    if (pass.pass.tells_lag) {
      const absl::Time from = is_new ? server_now - kFirstDepth : *watermark - kOverlap;
      const std::string key = is_new ? std::string(kFirstBackfill) : Concat("since/", absl::ToUnixSeconds(*watermark));
      TL_RETURN_IF_ERROR(parts_.store.AddBackfill(owner_, key, from, server_now));
    }
    watermark = server_now;
    pass.checkpoint.run.reset();
    RecordBatch batch{.pass = pass.pass.name};
    batch.checkpoint = CheckpointChange{.pass = pass.pass.name, .checkpoint = pass.checkpoint};
    TL_ASSIGN_OR_RETURN(const RecordOutcome outcome, commit_(planned->account(), batch));
    if (outcome.fenced) return absl::FailedPreconditionError("the account is read by another replica");
    planned->state.checkpoints[pass.pass.name] = pass.checkpoint;
  }
  return absl::OkStatus();
}

bool AccountBeginning::MustProbe(const PlannedAccount& planned) const {
  if (!planned.Has(v1::FEATURE_LIST_BY_END) && !planned.Has(v1::FEATURE_LIST_BY_CHANGE)) return false;
  const Probes& probes = planned.state.probes;
  if (!probes.probed_at.has_value()) return true;
  const bool all = probes.lists_by_end.value_or(true) && probes.lists_by_change.value_or(true);
  return parts_.clock.Now() - *probes.probed_at > (all ? kProbeLife : kProbeAgain);
}

absl::Status AccountBeginning::Probe(PlannedAccount* planned) {
  const absl::Time now = parts_.clock.Now();
  const auto works = [&](tracking::CallTime time, bool last_changed_first) {
    return FilterWorks(planned->client(), planned->account(), time, last_changed_first,
                       planned->clock.At(parts_.clock.Now()));
  };
  if (planned->Has(v1::FEATURE_LIST_BY_END) && !probing_.lists_by_end.has_value()) {
    TL_ASSIGN_OR_RETURN(probing_.lists_by_end, works(tracking::CallTime::kEnded, false));
  }
  if (planned->Has(v1::FEATURE_LIST_BY_CHANGE) && !probing_.lists_by_change.has_value()) {
    TL_ASSIGN_OR_RETURN(probing_.lists_by_change,
                        works(tracking::CallTime::kChanged, planned->Has(v1::FEATURE_LIST_LAST_CHANGED)));
  }
  Probes probes = std::exchange(probing_, {});
  probes.probed_at = now;
  TL_RETURN_IF_ERROR(parts_.store.SetProbes(owner_, probes));
  planned->state.probes = probes;
  planned->Plan(now);
  return absl::OkStatus();
}

}  // namespace trunkline::tracking_sync
