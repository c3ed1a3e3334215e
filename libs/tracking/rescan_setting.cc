#include "libs/tracking/rescan_setting.h"

#include "libs/base/text.h"

namespace trunkline::tracking {
namespace {

constexpr size_t kMostRescans = 8;
constexpr absl::Duration kDeepest = absl::Hours(24 * 365);
constexpr absl::Duration kShortestPeriod = absl::Seconds(10);

// "48h", "30d", "5m", "10s"
std::optional<absl::Duration> ReadLength(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::optional<int64_t> number = ParseInt(text.substr(0, text.size() - 1));
  if (!number.has_value() || *number <= 0 || *number > 1'000'000) return std::nullopt;
  switch (text.back()) {
    case 's':
      return absl::Seconds(*number);
    case 'm':
      return absl::Minutes(*number);
    case 'h':
      return absl::Hours(*number);
    case 'd':
      return *number * absl::Hours(24);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::vector<Rescan>> ReadRescans(std::string_view text) {
  std::vector<Rescan> rescans;
  for (const std::string_view piece : Split(text, ',')) {
    const std::string_view trimmed = Trim(piece);
    const size_t at = trimmed.find('@');
    if (at == std::string_view::npos) return std::nullopt;
    const auto depth = ReadLength(trimmed.substr(0, at));
    const auto period = ReadLength(trimmed.substr(at + 1));
    if (!depth.has_value() || !period.has_value() || *depth > kDeepest || *period < kShortestPeriod)
      return std::nullopt;
    if (!rescans.empty() && *depth <= rescans.back().depth) return std::nullopt;
    rescans.push_back({*depth, *period});
  }
  if (rescans.size() > kMostRescans) return std::nullopt;
  return rescans;
}

}  // namespace trunkline::tracking
