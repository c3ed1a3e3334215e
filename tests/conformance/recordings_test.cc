// Recordings: made, listed, fetched, deleted.
#include "tests/conformance/conformance_test.h"
#include "tests/support/fetch_whole.h"

namespace trunkline::conformance {
namespace {

using providers::LiveCall;
using testing::StartsWith;

class RecordingsTest : public ConformanceTest {
 protected:
  RecordingsTest() { SetPace(kLasting); }

  void WaitUntilReady(const std::string& id) {
    harness_.WaitUntil([&] {
      const auto recording = recordings().Get(account_, id);
      return recording.ok() && recording->recording.status() == calls::v1::RECORDING_STATUS_READY;
    });
  }
};

TEST_P(RecordingsTest, LiveCallIsRecorded) {
  NEEDS(FEATURE_RECORD);
  const LiveCall call = PlaceLasting(false);
  const auto started = recordings().Start(account_, call);
  ASSERT_TRUE(started.ok()) << started.status();
  const std::string id = started->external_recording_id();
  ASSERT_NE(id, "");
  EXPECT_TRUE(recordings().Stop(account_, call, id).ok());
  // Nothing records any more, and that is fine.
  EXPECT_TRUE(recordings().Stop(account_, call, "").ok());
  ASSERT_TRUE(harness_.WaitUntil([&] {
    const auto recording = harness_.RecordOf(call.call_id).details().recording();
    return recording.external_recording_id() == id && recording.status() == calls::v1::RECORDING_STATUS_READY;
  }));
  End(call);
}

TEST_P(RecordingsTest, RecordingsAreListedFetchedAndDeleted) {
  NEEDS(FEATURE_LIST_RECORDINGS);
  // Minutes are to pass.
  if (GetParam().lists_recordings_late) SetPace(kQuick);
  const LiveCall call = Place(62, {.record = true});
  ASSERT_TRUE(harness_.WaitForEvent(call.call_id, events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED));
  ASSERT_TRUE(harness_.WaitForEnd(call.call_id));
  auto listed = recordings().List(account_, call.external_call_id);
  if (GetParam().lists_recordings_late) {
    harness_.WaitUntil([&] {
      listed = recordings().List(account_, call.external_call_id);
      return !listed.ok() || !listed->empty();
    });
  }
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->size(), 1);
  const std::string id = listed->front().recording.external_recording_id();
  EXPECT_EQ(listed->front().external_call_id, call.external_call_id);
  WaitUntilReady(id);
  const auto recording = recordings().Get(account_, id);
  ASSERT_TRUE(recording.ok()) << recording.status();
  const auto media = testing_support::FetchWhole(recordings(), account_, recording->recording);
  ASSERT_TRUE(media.ok()) << media.status();
  EXPECT_THAT(media->head.content_type, StartsWith("audio/"));
  EXPECT_FALSE(media->bytes.empty());

  if (!Has(providers::v1::FEATURE_DELETE_RECORDING)) return;
  EXPECT_TRUE(recordings().Delete(account_, id).ok());
  EXPECT_TRUE(recordings().Delete(account_, id).ok());
  EXPECT_FALSE(testing_support::FetchWhole(recordings(), account_, recording->recording).ok());
}

TEST_P(RecordingsTest, UnknownRecordingIsNotFound) {
  NEEDS(FEATURE_LIST_RECORDINGS);
  EXPECT_EQ(recordings().Get(account_, "RE00000000000000000000000000000000").status().code(),
            absl::StatusCode::kNotFound);
}

INSTANTIATE_FOR_ALL_PROVIDERS(RecordingsTest);

}  // namespace
}  // namespace trunkline::conformance
