// How well a call could be heard, from what the network measured: the E-model of ITU-T G.107 with its usual
// simplification (a delay term in two straight pieces, a jitter buffer of twice the jitter).
#pragma once

#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::telephony {

// What a codec does to speech by itself, and how badly it takes loss (G.113, appendix I).
struct CodecImpairment {
  double equipment = 0;           // Ie
  double loss_robustness = 25.1;  // Bpl
};
inline constexpr CodecImpairment kG711 = {0, 25.1};  // with loss concealment; also for codecs that are not known
inline constexpr CodecImpairment kG711WithoutConcealment = {0, 4.3};
inline constexpr CodecImpairment kG729 = {11, 19.0};
inline constexpr CodecImpairment kG7231 = {15, 16.1};
inline constexpr CodecImpairment kGsmEfr = {5, 10.0};

// Negative values count as 0, a loss above 100 as 100.
struct NetworkQuality {
  double latency_ms = 0;  // one way
  double jitter_ms = 0;
  double loss_percent = 0;
};

// The rating R; may be below 0.
double RatingOf(const NetworkQuality& network, const CodecImpairment& codec = kG711);
// The mean opinion score of a rating, 1.0 to 4.5.
double MeanOpinionScoreOf(double rating);

// Score and what was wrong: "high_latency" above 150 ms one way, "high_jitter" above 30 ms, "packet_loss" above 1
// percent.
calls::v1::Quality QualityOf(const NetworkQuality& network, const CodecImpairment& codec = kG711);

}  // namespace trunkline::telephony
