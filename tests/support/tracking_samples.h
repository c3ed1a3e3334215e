// What call-tracking platforms send, as it stands on the wire, in libs/tracking/PLATFORM/testdata: answers/NAME.json of
// the API, webhooks/NAME.http. The suite puts every webhook through receiver and mapper as production would; what must
// come out stands beside it as JSON. After a change that is meant, run with TRUNKLINE_UPDATE_GOLDEN=1 and review.
//
//   INSTANTIATE_TEST_SUITE_P(Samples, TrackingSampleTest, testing::ValuesIn(TrackingSamplesOf("ringba",
//   &MakePlatform)),
//                            NameOfTrackingSample);
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.h"
#include "libs/tracking/tracking_platform.h"

namespace trunkline::testing_support {

// An account whose webhooks the samples are: url_token alone, so that the mapper is asked for events.
tracking::Account TrackingAccount(std::string_view platform);
// When the samples were received, and records read.
absl::Time TrackingTime();

nlohmann::json ReadTrackingAnswer(std::string_view platform, std::string_view name);
// The same as it stands in the file.
std::string ReadTrackingAnswerText(std::string_view platform, std::string_view name);
providers::WebhookRequest ReadTrackingWebhook(std::string_view platform, std::string_view name);

// A record as the synchronization would send it to the normalizer.
webhooks::v1::RawWebhook RawRecord(const tracking::Account& account, std::string body,
                                   absl::Time requested_at = TrackingTime(), int64_t reading = 0);

using PlatformMaker = std::unique_ptr<tracking::TrackingPlatform> (*)(const tracking::PlatformOptions&);

struct TrackingSample {
  std::string platform;
  std::string name;
  PlatformMaker make = nullptr;
};
std::vector<TrackingSample> TrackingSamplesOf(std::string_view platform, PlatformMaker make);
std::string NameOfTrackingSample(const testing::TestParamInfo<TrackingSample>& sample);

class TrackingSampleTest : public testing::TestWithParam<TrackingSample> {
 protected:
  TrackingSampleTest();

  tracking::ReceivedWebhook Receive() const;
  // The events of all messages of the webhook.
  std::vector<events::v1::CallEvent> Map() const;

  SystemClock clock_;
  tracking::Account account_;
  std::unique_ptr<tracking::TrackingPlatform> platform_;
  providers::WebhookRequest request_;
};

}  // namespace trunkline::testing_support
