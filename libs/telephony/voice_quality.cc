#include "libs/telephony/voice_quality.h"

#include <algorithm>

namespace trunkline::telephony {
namespace {

constexpr double kBestRating = 93.2;
constexpr double kCodecDelayMs = 10;
constexpr double kDelayKneeMs = 177.3;
constexpr double kHighLatencyMs = 150;
constexpr double kHighJitterMs = 30;
constexpr double kHighLossPercent = 1;

}  // namespace

double RatingOf(const NetworkQuality& network, const CodecImpairment& codec) {
  const double loss = std::clamp(network.loss_percent, 0.0, 100.0);
  const double delay = std::max(network.latency_ms, 0.0) + 2 * std::max(network.jitter_ms, 0.0) + kCodecDelayMs;
  const double by_delay = 0.024 * delay + (delay > kDelayKneeMs ? 0.11 * (delay - kDelayKneeMs) : 0.0);
  const double by_loss = codec.equipment + (95 - codec.equipment) * loss / (loss + codec.loss_robustness);
  return kBestRating - by_delay - by_loss;
}

double MeanOpinionScoreOf(double rating) {
  if (rating <= 0) return 1;
  if (rating >= 100) return 4.5;
  // The curve dips just below 1 at its beginning.
  return std::max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6);
}

calls::v1::Quality QualityOf(const NetworkQuality& network, const CodecImpairment& codec) {
  calls::v1::Quality quality;
  quality.set_mean_opinion_score(MeanOpinionScoreOf(RatingOf(network, codec)));
  if (network.latency_ms > kHighLatencyMs) quality.add_issues("high_latency");
  if (network.jitter_ms > kHighJitterMs) quality.add_issues("high_jitter");
  if (network.loss_percent > kHighLossPercent) quality.add_issues("packet_loss");
  return quality;
}

}  // namespace trunkline::telephony
