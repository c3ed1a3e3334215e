#include "services/call-tracking-sync/passes/pass_catalogue.h"

#include <algorithm>
#include <string>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::tracking_sync {
namespace {

using tracking::CallTime;
using tracking::Rescan;
namespace v1 = tracking::v1;

// Nobody looks for the end of calls that began before.
constexpr absl::Duration kLongestKnown = absl::Hours(90 * 24);

class Catalogue {
 public:
  Catalogue(const std::set<v1::Feature>& features, const Probes& probes, const tracking::SyncSettings& settings)
      : features_(features), probes_(probes), settings_(settings) {}

  bool Has(v1::Feature feature) const { return features_.contains(feature); }
  bool ByEnd() const { return Has(v1::FEATURE_LIST_BY_END) && probes_.lists_by_end.value_or(false); }
  bool ByChange() const { return Has(v1::FEATURE_LIST_BY_CHANGE) && probes_.lists_by_change.value_or(false); }

  Pass Sized(Pass pass, bool is_large) const {
    pass.largest_page = std::max(settings_.batch_size, settings_.largest_batch);
    pass.page_size = is_large ? pass.largest_page : settings_.batch_size;
    return pass;
  }
  Pass Changes() const {
    return Sized({.name = "changes",
                  .procedure = Procedure::kChangeWalk,
                  .period = settings_.interval,
                  .uses_change_filter = ByChange(),
                  .follows_watermark = true,
                  .tells_lag = true},
                 false);
  }
  Pass Lately(std::string name, CallTime time) const {
    Pass pass{.name = std::move(name), .period = settings_.interval, .time = time, .follows_watermark = true};
    pass.depth_to = kSafetyLag;
    if (time == CallTime::kStarted) {
      pass.tells_lag = true;
      // Without a time of change, what began lately is read again and again.
      if (!Has(v1::FEATURE_CHANGE_TIME)) {
        pass.depth_from = absl::Hours(2);
        pass.depth_to = absl::ZeroDuration();
      }
    }
    return Sized(std::move(pass), false);
  }
  Pass ChangedLately() const {
    Pass pass{.name = "changed",
              .priority = Priority::kRescan,
              .period = absl::Hours(1),
              .time = CallTime::kChanged,
              .depth_to = kSafetyLag,
              .follows_watermark = true,
              .is_open_ended = true};
    return Sized(std::move(pass), true);
  }
  Pass ReadAgain(std::string name, absl::Duration from, absl::Duration to, absl::Duration period) const {
    return Sized({.name = std::move(name),
                  .priority = Priority::kRescan,
                  .period = period,
                  .depth_from = from,
                  .depth_to = to,
                  .finds_lost = true},
                 true);
  }
  Pass Live() const {
    return {.name = "live",
            .procedure = Procedure::kLiveCalls,
            .priority = Priority::kLive,
            .period = settings_.interval,
            .depth_from = kDay,
            .depth_to = absl::Minutes(2)};
  }
  Pass Stale() const {
    return {.name = "stale_live",
            .procedure = Procedure::kLiveCalls,
            .priority = Priority::kLive,
            .period = absl::Hours(1),
            .depth_from = kLongestKnown,
            .depth_to = kLongestLive,
            .closes_stale = true};
  }

 private:
  const std::set<v1::Feature>& features_;
  const Probes& probes_;
  const tracking::SyncSettings& settings_;
};

// The changes of the last 48 hours need no rescan where they can be listed.
std::vector<Rescan> UsualRescans(bool by_change, bool order_violated) {
  std::vector<Rescan> rescans;
  if (order_violated) rescans.push_back({absl::Hours(2), absl::Minutes(5)});
  if (!by_change) rescans.push_back({2 * kDay, absl::Hours(1)});
  rescans.push_back({kFirstDepth, kDay});
  return rescans;
}

// "48h", "30d"
std::string NameOfDepth(absl::Duration depth) {
  if (depth > 2 * kDay && absl::Floor(depth, kDay) == depth) return Concat(depth / kDay, "d");
  if (absl::Floor(depth, absl::Hours(1)) == depth) return Concat(depth / absl::Hours(1), "h");
  return Concat(depth / absl::Seconds(1), "s");
}

}  // namespace

std::vector<Pass> PassesOf(const std::set<v1::Feature>& features, const Probes& probes, bool order_violated,
                           const tracking::SyncSettings& settings, const std::vector<Rescan>& rescans) {
  const Catalogue catalogue(features, probes, settings);
  if (catalogue.Has(v1::FEATURE_LIST_LAST_CHANGED) && !order_violated) {
    return {catalogue.Changes(), catalogue.ReadAgain("recheck_3d", 3 * kDay, kSafetyLag, kDay), catalogue.Stale()};
  }
  std::vector<Pass> passes = {catalogue.Lately("created", CallTime::kStarted)};
  if (catalogue.ByEnd()) passes.push_back(catalogue.Lately("ended", CallTime::kEnded));
  passes.push_back(catalogue.Live());
  const bool by_change = catalogue.ByChange() && !order_violated;
  if (by_change) passes.push_back(catalogue.ChangedLately());
  if (catalogue.Has(v1::FEATURE_LIST_ADJUSTED)) {
    Pass adjusted = catalogue.ReadAgain("adjusted", 90 * kDay, absl::ZeroDuration(), absl::Hours(6));
    adjusted.only_adjusted = true;
    adjusted.finds_lost = false;
    adjusted.window_size = 90 * kDay;
    passes.push_back(std::move(adjusted));
  }
  absl::Duration to = kSafetyLag;
  for (const Rescan& rescan : rescans.empty() ? UsualRescans(by_change, order_violated) : rescans) {
    passes.push_back(
        catalogue.ReadAgain(Concat("rescan_", NameOfDepth(rescan.depth)), rescan.depth, to, rescan.period));
    to = rescan.depth;
  }
  passes.push_back(catalogue.Stale());
  return passes;
}

Pass RangePass(const std::string& name, Priority priority, const tracking::SyncSettings& settings) {
  Pass pass{.name = name, .priority = priority, .largest_window = kFirstDepth};
  pass.largest_page = std::max(settings.batch_size, settings.largest_batch);
  pass.page_size = pass.largest_page;
  return pass;
}

}  // namespace trunkline::tracking_sync
