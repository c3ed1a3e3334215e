// What is asked of Twilio about recordings.
#include "libs/providers/twilio/recordings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/providers/twilio/test_webhooks.h"
#include "tests/support/fake_api.h"
#include "tests/support/fetch_whole.h"

namespace trunkline::providers::twilio {
namespace {

using testing::EndsWith;
using testing::SizeIs;

constexpr char kRecording[] = R"({"sid":"RE1","call_sid":"CA1","status":"completed","duration":"61","channels":2,)"
                              R"("start_time":"Tue, 03 Mar 2026 09:30:05 +0000"})";

class RecordingsTest : public testing::Test {
 protected:
  RecordingsTest() { account_.settings["api_url"] = api_.Url(); }

  testing_support::FakeApi api_;
  Account account_ = TestAccount();
  const ProviderOptions options_{.public_url = kTestBase, .api_timeout = absl::Seconds(5)};
  RestApi rest_api_{options_};
  Recordings recordings_{options_, rest_api_};
  const LiveCall call_{.call_id = kTestCall, .external_call_id = "CA1"};
};

TEST_F(RecordingsTest, StartAsksForBothSidesAndForNews) {
  api_.Answer(201, R"({"sid":"RE1","call_sid":"CA1","status":"in-progress","duration":"-1","channels":2})");
  const auto started = recordings_.Start(account_, call_);
  ASSERT_TRUE(started.ok()) << started.status();
  EXPECT_EQ(started->external_recording_id(), "RE1");
  EXPECT_EQ(started->status(), calls::v1::RECORDING_STATUS_IN_PROGRESS);
  EXPECT_FALSE(started->has_duration());
  const Form form = ParseForm(api_.requests().at(0).body);
  EXPECT_EQ(FindInForm(form, "RecordingChannels"), "dual");
  EXPECT_THAT(std::string(*FindInForm(form, "RecordingStatusCallback")), EndsWith("#rc=5&rp=all"));
}

TEST_F(RecordingsTest, AllThatRunIsStopped) {
  api_.Answer(200, R"({"recordings":[{"sid":"RE1","status":"completed"},{"sid":"RE2","status":"in-progress"}]})");
  api_.Answer(200, "{}");
  EXPECT_TRUE(recordings_.Stop(account_, call_, "").ok());
  ASSERT_THAT(api_.requests(), SizeIs(2));
  EXPECT_THAT(api_.requests()[1].target, EndsWith("/Calls/CA1/Recordings/RE2.json"));
  EXPECT_EQ(api_.requests()[1].body, "Status=stopped");
}

TEST_F(RecordingsTest, WhatHasStoppedIsStopped) {
  api_.Answer(400, R"({"code":21220,"status":400})");
  EXPECT_TRUE(recordings_.Stop(account_, call_, "RE1").ok());
  api_.Answer(404, R"({"code":20404,"status":404})");
  EXPECT_EQ(recordings_.Stop(account_, call_, "RE9").code(), absl::StatusCode::kNotFound);
}

TEST_F(RecordingsTest, RecordingIsRead) {
  api_.Answer(200, kRecording);
  const auto recording = recordings_.Get(account_, "RE1");
  ASSERT_TRUE(recording.ok());
  EXPECT_EQ(recording->recording.status(), calls::v1::RECORDING_STATUS_READY);
  EXPECT_EQ(recording->recording.duration().seconds(), 61);
  EXPECT_EQ(recording->recording.channels(), 2);
  EXPECT_EQ(recording->external_call_id, "CA1");
  EXPECT_EQ(recording->started_at, absl::FromUnixSeconds(1'772'530'205));
}

TEST_F(RecordingsTest, StrangeAnswersAreErrors) {
  for (const char* body : {"", "[]", "{}", R"({"sid":7.5e})"}) {
    api_.Answer(200, body);
    EXPECT_EQ(recordings_.Get(account_, "RE1").status().code(), absl::StatusCode::kUnavailable) << body;
    api_.Answer(200, body);
    EXPECT_EQ(recordings_.List(account_, "CA1").status().code(), absl::StatusCode::kUnavailable) << body;
  }
}

TEST_F(RecordingsTest, SoundComesFromTheApiWhateverTheUrlSays) {
  api_.Answer(http::Response{.status = 200, .headers = {{"Content-Type", "audio/x-wav"}}, .body = "RIFF"});
  calls::v1::Recording recording;
  recording.set_external_recording_id("RE1");
  recording.set_url("http://evil.example/steal");
  const auto media = testing_support::FetchWhole(recordings_, account_, recording);
  ASSERT_TRUE(media.ok()) << media.status();
  EXPECT_EQ(media->bytes, "RIFF");
  EXPECT_EQ(media->head.content_type, "audio/wav");
  EXPECT_THAT(api_.requests()[0].target, EndsWith("/Recordings/RE1.wav"));
  EXPECT_NE(api_.requests()[0].Header("authorization"), "");
}

TEST_F(RecordingsTest, CredentialsAreNotSentOnToTheStorage) {
  testing_support::FakeApi storage;
  api_.Answer(http::Response{.status = 302, .headers = {{"Location", storage.Url() + "/file"}}});
  storage.Answer(http::Response{.status = 200, .headers = {{"Content-Type", "audio/x-wav"}}, .body = "RIFF"});
  calls::v1::Recording recording;
  recording.set_external_recording_id("RE1");
  ASSERT_TRUE(testing_support::FetchWhole(recordings_, account_, recording).ok());
  ASSERT_THAT(storage.requests(), SizeIs(1));
  EXPECT_EQ(storage.requests()[0].Header("authorization"), "");
}

TEST_F(RecordingsTest, WhatIsGoneIsDeleted) {
  api_.Answer(http::Response{.status = 204});
  EXPECT_TRUE(recordings_.Delete(account_, "RE1").ok());
  api_.Answer(404, R"({"code":20404,"status":404})");
  EXPECT_TRUE(recordings_.Delete(account_, "RE1").ok());
  api_.Answer(409, R"({"code":20009,"status":409})");
  EXPECT_FALSE(recordings_.Delete(account_, "RE1").ok());
}

}  // namespace
}  // namespace trunkline::providers::twilio
