#include "libs/providers/exotel/recordings.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/providers/exotel/rest_client.h"
#include "libs/providers/exotel/test_webhooks.h"
#include "tests/support/fake_api.h"
#include "tests/support/fetch_whole.h"

namespace trunkline::providers::exotel {
namespace {

class RecordingsTest : public testing::Test {
 protected:
  RecordingsTest() { account_.settings["api_url"] = api_.Url(); }

  testing_support::FakeApi api_;
  Account account_ = TestAccount();
  const ProviderOptions options_{.public_url = kTestBase, .api_timeout = absl::Seconds(5)};
  RestApi rest_api_{options_};
  RestClient client_{options_, rest_api_};
  Recordings recordings_{rest_api_, client_};
};

TEST_F(RecordingsTest, OnlyHostsOfRecordingsAreAsked) {
  account_.settings["recording_hosts"] = "cdn.example.net";
  for (const char* url :
       {"https://recordings.exotel.com/a.mp3", "https://s3-ap-southeast-1.amazonaws.com/exotelrecordings/acme1/a.mp3",
        "https://exotelrecordings.s3.amazonaws.com/a.mp3", "https://cdn.example.net/a.mp3"}) {
    EXPECT_TRUE(IsRecordingUrl(account_, url)) << url;
  }
  for (const char* url :
       {"", "http://recordings.exotel.com/a.mp3", "https://evilexotel.com/a", "https://s3.amazonaws.com/other/a",
        "https://recordings.exotel.com@evil.example/a", "https://169.254.169.254/exotel", "http://127.0.0.1:1/a",
        "file:///etc/passwd", "https://recordings.exotel.com\\@evil.example/"}) {
    EXPECT_FALSE(IsRecordingUrl(account_, url)) << url;
  }
}

TEST_F(RecordingsTest, TheCallKnowsItsRecording) {
  const std::string url = Concat(api_.Url(), "/a.mp3");
  api_.Answer(200, Concat(R"({"Call":{"Sid":"a","Status":"completed","RecordingUrl":")", url, R"("}})"));
  const auto recording = recordings_.Get(account_, "a");
  ASSERT_TRUE(recording.ok()) << recording.status();
  EXPECT_EQ(recording->recording.url(), url);
  api_.Answer(200, R"({"Call":{"Sid":"a","Status":"completed","RecordingUrl":null}})");
  EXPECT_EQ(recordings_.Get(account_, "a").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(RecordingsTest, CredentialsFollowOnlyWhenAskedFor) {
  calls::v1::Recording recording;
  recording.set_url(Concat(api_.Url(), "/a.mp3"));
  api_.Answer(http::Response{.status = 200, .headers = {{"content-type", "audio/x-wav"}}, .body = "RIFF"});
  EXPECT_EQ(testing_support::FetchWhole(recordings_, account_, recording)->head.content_type, "audio/x-wav");
  EXPECT_EQ(api_.requests().at(0).Header("authorization"), "");
  api_.Answer(401, "");
  api_.Answer(http::Response{.status = 200, .body = "ID3"});
  EXPECT_EQ(testing_support::FetchWhole(recordings_, account_, recording)->head.content_type, "audio/mpeg");
  EXPECT_NE(api_.requests().at(2).Header("authorization"), "");
  api_.Answer(404, "");
  EXPECT_EQ(testing_support::FetchWhole(recordings_, account_, recording).status().code(), absl::StatusCode::kNotFound);
  recording.set_url("https://evil.example/a.mp3");
  EXPECT_EQ(testing_support::FetchWhole(recordings_, account_, recording).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace trunkline::providers::exotel
