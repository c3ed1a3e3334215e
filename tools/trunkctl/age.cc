#include "tools/trunkctl/age.h"

#include <optional>
#include <string>

#include "libs/base/text.h"

namespace trunkline::trunkctl {

absl::StatusOr<absl::Duration> ParseAge(std::string_view text) {
  absl::Duration age;
  if (text.ends_with('d')) {
    const std::optional<int64_t> days = ParseInt(text.substr(0, text.size() - 1));
    if (days.has_value() && *days >= 0 && *days < 100'000) return absl::Hours(24 * *days);
  } else if (absl::ParseDuration(ToAbsl(text), &age) && age >= absl::ZeroDuration() && age < absl::InfiniteDuration()) {
    return age;
  }
  return absl::InvalidArgumentError(ToAbsl(Concat("'", text, "' is no age; write it like 90d, 36h or 15m")));
}

absl::StatusOr<absl::Time> ParseMoment(std::string_view text, absl::Time now) {
  absl::Time moment;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &moment, &error)) return moment;
  if (const absl::StatusOr<absl::Duration> age = ParseAge(text); age.ok()) return now - *age;
  return absl::InvalidArgumentError(
      ToAbsl(Concat("'", text, "' is no time; write it like 2026-01-15T09:00:00Z, or as an age like 2h")));
}

}  // namespace trunkline::trunkctl
