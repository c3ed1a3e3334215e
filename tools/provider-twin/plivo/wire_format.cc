#include "tools/provider-twin/plivo/wire_format.h"

#include <algorithm>
#include <cstdio>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline::twin::plivo {
namespace {

constexpr int kIndiaSeconds = 19'800;
constexpr int64_t kBillingStep = 60;
constexpr double kRatePerMinute = 0.0085;

std::string Local(const char* format, absl::Time time) {
  return absl::FormatTime(format, time, absl::FixedTimeZone(kIndiaSeconds));
}

int64_t BilledSteps(int64_t seconds) { return (seconds + kBillingStep - 1) / kBillingStep; }

}  // namespace

std::string NewCallUuid() {
  std::string hex = HexEncode(RandomBytes(16));
  hex[12] = '4';
  hex[16] = '8';
  const std::string_view view = hex;
  return Concat(view.substr(0, 8), "-", view.substr(8, 4), "-", view.substr(12, 4), "-", view.substr(16, 4), "-",
                view.substr(20));
}

std::string UtcTime(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M:%E6S", time, absl::UTCTimeZone()); }
std::string LocalTime(absl::Time time) { return Local("%Y-%m-%d %H:%M:%S", time); }
std::string LocalTimeWithOffset(absl::Time time) { return Local("%Y-%m-%d %H:%M:%S%Ez", time); }

std::string WireNumber(std::string_view number) {
  return std::string(number.starts_with('+') ? number.substr(1) : number);
}

std::string StoredNumber(std::string_view number) {
  return AreDigits(number) ? Concat("+", number) : std::string(number);
}

bool IsDialable(std::string_view text) {
  if (text.starts_with("sip:")) return text.find('@') != std::string_view::npos;
  return text.starts_with('+') && text.size() >= 9 && text.size() <= 16 &&
         std::all_of(text.begin() + 1, text.end(), IsDigit);
}

bool IsUrl(std::string_view text) {
  const size_t scheme = text.starts_with("http://") ? 7 : (text.starts_with("https://") ? 8 : 0);
  if (scheme == 0) return false;
  const std::string_view host = text.substr(scheme, text.find_first_of("/?#", scheme) - scheme);
  return !host.empty() && text.find(' ') == std::string_view::npos;
}

int64_t BilledSeconds(int64_t seconds) { return BilledSteps(seconds) * kBillingStep; }

std::string CostOf(int64_t seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.5f", kRatePerMinute * static_cast<double>(BilledSteps(seconds)));
  return text;
}

}  // namespace trunkline::twin::plivo
