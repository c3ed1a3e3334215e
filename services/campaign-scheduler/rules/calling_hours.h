// The hours of the week in which contacts may be called, and the days on which they may not, in the contact's own time.
//
// A moment is open when the clock on the wall there shows a time within a window. So a window that begins in an hour
// which is skipped in spring begins at the first moment after it, and one in an hour that is repeated in autumn is open
// both times.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

namespace v1 = campaigns::v1;

// Minutes since midnight of "09:00" to "23:59", and 1440 of "24:00"; nothing for anything else.
std::optional<int> MinutesOfDay(std::string_view text);
// The day of "2026-12-25"; nothing for anything else, and for days that are none ("2026-02-30").
std::optional<absl::CivilDay> DayOf(std::string_view text);

class CallingHours {
 public:
  CallingHours() = default;
  // A window or day that cannot be read leaves nothing open.
  CallingHours(const google::protobuf::RepeatedPtrField<v1::CallingWindow>& windows,
               const google::protobuf::RepeatedPtrField<std::string>& holidays);

  // False when contacts may be called at any time, and so in whatever time zone they are.
  bool NeedTimeZone() const { return windows_broken_ || holidays_broken_ || !windows_.empty() || !holidays_.empty(); }
  bool has_windows() const { return windows_broken_ || !windows_.empty(); }
  bool has_holidays() const { return holidays_broken_ || !holidays_.empty(); }
  bool windows_broken() const { return windows_broken_; }
  bool holidays_broken() const { return holidays_broken_; }

  // Whether the hours are open at that moment, and whether the day is not a holiday.
  bool InWindow(absl::Time at, const absl::TimeZone& zone) const;
  bool IsWorkday(absl::Time at, const absl::TimeZone& zone) const;

  // The earliest time from `from` on at which the zone is within a window; nothing up to `latest`.
  std::optional<absl::Time> NextInWindow(absl::Time from, absl::Time latest, const absl::TimeZone& zone) const;
  // The earliest time from `from` on at which the zone has no holiday.
  std::optional<absl::Time> NextWorkday(absl::Time from, absl::Time latest, const absl::TimeZone& zone) const;

  // The windows of that day, as people write them: "09:00-12:00, 13:00-20:30"; "closed" without one.
  std::string WindowsOf(absl::CivilDay day) const;

 private:
  struct Window {
    std::vector<bool> days;  // by absl::Weekday
    int opens;               // minutes since midnight
    int closes;
  };

  std::vector<Window> windows_;
  std::set<absl::CivilDay> holidays_;
  bool windows_broken_ = false;
  bool holidays_broken_ = false;
};

}  // namespace trunkline::scheduler
