#include "libs/providers/sip/line_quality.h"

#include <algorithm>

#include "libs/base/text.h"

namespace trunkline::providers::sip {
namespace {

// Fewer packets say nothing, and this fraction is what a line says that starts.
constexpr double kFewestPackets = 50;
constexpr int64_t kLostFractionOfStart = 255;
constexpr double kLargestCount = 1e9;
// Reports count jitter in units of the codec's clock, 8000 a second for all narrow-band codecs and G.722.
constexpr double kClockPerMillisecond = 8;

}  // namespace

void LineQuality::Add(const ami::Message& report, double* packets) {
  if (ParseInt(report.Get("ReportCount")).value_or(0) < 1) return;
  const double sent = std::clamp(ParseDouble(report.Get("SentPackets")).value_or(0), 0.0, kLargestCount);
  const double news = sent - *packets;
  if (sent > 0) *packets = sent;
  const auto lost = ParseInt(report.Get("Report0FractionLost"));
  const auto jitter = ParseInt(report.Get("Report0IAJitter"));
  if (news < kFewestPackets || !lost.has_value() || *lost < 0 || *lost >= kLostFractionOfStart || !jitter.has_value() ||
      *jitter < 0) {
    return;
  }
  weight_ += news;
  loss_ += news * static_cast<double>(*lost) * 100 / 256;
  jitter_ += news * static_cast<double>(*jitter) / kClockPerMillisecond;
  const double round_trip = ParseDouble(report.Get("RTT")).value_or(0);
  if (round_trip > 0 && round_trip < 60) {
    latency_weight_ += news;
    latency_ += news * round_trip * 1000 / 2;
  }
}

std::optional<telephony::NetworkQuality> LineQuality::Average() const {
  if (weight_ <= 0) return std::nullopt;
  return telephony::NetworkQuality{latency_weight_ > 0 ? latency_ / latency_weight_ : 0, jitter_ / weight_,
                                   loss_ / weight_};
}

}  // namespace trunkline::providers::sip
