#include "libs/telephony/voice_quality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::telephony {
namespace {

struct Example {
  NetworkQuality network;
  CodecImpairment codec;
  double rating;
  double score;
};

TEST(VoiceQualityTest, WorkedExamples) {
  const Example examples[] = {
      {{20, 2, 0}, kG711, 92.3840, 4.3929},    {{50, 5, 0.5}, kG711, 89.6645, 4.3307},
      {{80, 10, 1}, kG711, 86.9202, 4.2564},   {{120, 20, 2}, kG711, 82.1089, 4.1012},
      {{180, 30, 3}, kG711, 69.0607, 3.5526},  {{250, 50, 8}, kG711, 41.5023, 2.1382},
      {{80, 10, 1}, kG729, 75.3600, 3.8373},   {{80, 10, 1}, kG711WithoutConcealment, 72.6355, 3.7180},
      {{0, 0, 0}, kG711, 92.9600, 4.4046},     {{0, 0, 100}, kG711, 17.0208, 1.1708},
      {{1000, 0, 0}, kG711, -22.6370, 1.0000}, {{1000, 200, 50}, kG711, -139.4860, 1.0000},
      {{-5, -1, -3}, kG711, 92.9600, 4.4046},  {{0, 0, 400}, kG711, 17.0208, 1.1708},
  };
  for (const Example& example : examples) {
    const auto told = testing::Message() << example.network.latency_ms << "/" << example.network.jitter_ms << "/"
                                         << example.network.loss_percent;
    EXPECT_NEAR(RatingOf(example.network, example.codec), example.rating, 0.0001) << told;
    EXPECT_NEAR(QualityOf(example.network, example.codec).mean_opinion_score(), example.score, 0.0001) << told;
  }
}

TEST(VoiceQualityTest, ScoresOfRatings) {
  const std::pair<double, double> anchors[] = {{-1, 1},        {0, 1},       {3, 1},       {50, 2.5750},
                                               {60, 3.1000},   {70, 3.5970}, {80, 4.0240}, {90, 4.3390},
                                               {93.2, 4.4093}, {100, 4.5},   {120, 4.5}};
  for (const auto& [rating, score] : anchors) EXPECT_NEAR(MeanOpinionScoreOf(rating), score, 0.0001) << rating;
}

TEST(VoiceQualityTest, SaysWhatIsWrong) {
  EXPECT_THAT(QualityOf({200, 40, 5}).issues(), testing::ElementsAre("high_latency", "high_jitter", "packet_loss"));
  EXPECT_THAT(QualityOf({20, 2, 0}).issues(), testing::IsEmpty());
}

}  // namespace
}  // namespace trunkline::telephony
