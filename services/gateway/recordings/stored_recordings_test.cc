#include "services/gateway/recordings/stored_recordings.h"

#include <algorithm>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/providers/provider_status.h"
#include "libs/telephony/timestamps.h"
#include "services/gateway/testing/gateway_fixture.h"
#include "tests/support/fetch_whole.h"

namespace trunkline::gateway {
namespace {

class StoredRecordingsTest : public GatewayFixture {
 protected:
  // As the normalizer would write it; returns its id.
  std::string Record(const std::string& business, const std::string& account, const std::string& name,
                     const std::string& call_id, int seconds = 0) {
    const std::string id = NewId();
    Run(
        Concat("INSERT INTO recordings (recording_id, business_id, call_id, provider, provider_account_id, "
               "external_recording_id, url, status, status_order, duration_milliseconds, created_at, told_at, told_by) "
               "VALUES ('",
               id, "', '", business, "', '", call_id, "', 'scripted', '", account, "', '", name,
               "', 'https://provider.example.com/", name, "', 'ready', 3, 61000, to_timestamp(",
               1'780'000'000 + seconds, "), now(), '", NewId(), "')"));
    return id;
  }
  std::string QueryOf(const recordings::v1::CreateDownloadLinkResponse& link) {
    return link.url().substr(link.url().find('?') + 1);
  }
  recordings::v1::CreateDownloadLinkRequest LinkTo(const std::string& id) {
    recordings::v1::CreateDownloadLinkRequest request;
    request.set_recording_id(id);
    return request;
  }

  const DownloadLinks links_{std::string(32, 'k'), "https://calls.example.com"};
  RecordingStore store_{pool_};
  StoredRecordings recordings_{{store_, directory_, registry_, requests_, links_, clock_}};
  const std::string call_ = NewId();
};

TEST_F(StoredRecordingsTest, RecordingsAreListedNewestFirstInPages) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(Record(kOurs, our_account_, Concat("R", i), call_, i / 2));
  Record(kOurs, our_account_, "other call", NewId(), 9);
  Record(kTheirs, their_account_, "theirs", NewId(), 9);
  recordings::v1::ListRecordingsRequest request;
  request.set_call_id(call_);
  request.set_page_size(2);
  std::vector<std::string> seen;
  for (int page = 0; page < 3; ++page) {
    const auto response = recordings_.List(kOurs, request);
    ASSERT_TRUE(response.ok()) << response.status();
    for (const auto& recording : response->recordings()) seen.push_back(recording.recording_id());
    EXPECT_EQ(response->next_page_token().empty(), page == 2);
    request.set_page_token(response->next_page_token());
  }
  EXPECT_EQ(seen.front(), ids[4]);
  std::sort(seen.begin(), seen.end());
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(seen, ids);
  EXPECT_EQ(recordings_.List(kOurs, {})->recordings_size(), 6);
  EXPECT_EQ(recordings_.List(kTheirs, {})->recordings_size(), 1);
}

TEST_F(StoredRecordingsTest, ATimeBoundsTheList) {
  Record(kOurs, our_account_, "early", call_, 0);
  const std::string late = Record(kOurs, our_account_, "late", call_, 10);
  recordings::v1::ListRecordingsRequest request;
  *request.mutable_created_after() = telephony::ToProto(absl::FromUnixSeconds(1'780'000'005));
  EXPECT_EQ(recordings_.List(kOurs, request)->recordings(0).recording_id(), late);
  *request.mutable_created_before() = request.created_after();
  EXPECT_EQ(recordings_.List(kOurs, request)->recordings_size(), 0);
  request.set_page_token("no token");
  EXPECT_EQ(ReasonOf(recordings_.List(kOurs, request).status()), Reason::REASON_INVALID_PAGE_TOKEN);
}

TEST_F(StoredRecordingsTest, NobodySeesAnothersRecording) {
  const std::string id = Record(kTheirs, their_account_, "theirs", NewId());
  EXPECT_EQ(ReasonOf(recordings_.Get(kOurs, id).status()), Reason::REASON_RECORDING_NOT_FOUND);
  EXPECT_EQ(ReasonOf(recordings_.CreateLink(kOurs, LinkTo(id)).status()), Reason::REASON_RECORDING_NOT_FOUND);
  EXPECT_EQ(ReasonOf(recordings_.Delete(kOurs, "test", id)), Reason::REASON_RECORDING_NOT_FOUND);
  EXPECT_EQ(ReasonOf(recordings_.Get(kOurs, "no id").status()), Reason::REASON_INVALID_FIELD);
  EXPECT_TRUE(recordings_.Get(kTheirs, id).ok());
}

TEST_F(StoredRecordingsTest, ALinkGivesTheSoundUntilItIsOver) {
  const std::string id = Record(kOurs, our_account_, "R1", call_);
  client_.features.insert(providers::v1::FEATURE_LIST_RECORDINGS);
  const auto link = recordings_.CreateLink(kOurs, LinkTo(id));
  ASSERT_TRUE(link.ok()) << link.status();
  EXPECT_EQ(link->expire_time().seconds(), absl::ToUnixSeconds(clock_.Now()) + 300);
  testing_support::WholeMedia media;
  const absl::Status fetched = recordings_.Fetch(id, QueryOf(*link), "", media);
  ASSERT_TRUE(fetched.ok()) << fetched;
  EXPECT_EQ(media.bytes, "sound of R1");
  // The account's own credentials, and the place that the provider told.
  EXPECT_EQ(client_.recordings.asked, std::vector<std::string>{"fetch R1 https://provider.example.com/R1 very secret"});
  clock_.Advance(absl::Seconds(301));
  EXPECT_EQ(ReasonOf(recordings_.Fetch(id, QueryOf(*link), "", media)), Reason::REASON_INVALID_LINK);
  auto long_one = LinkTo(id);
  long_one.mutable_lifetime()->set_seconds(3601);
  EXPECT_EQ(ReasonOf(recordings_.CreateLink(kOurs, long_one).status()), Reason::REASON_INVALID_FIELD);
}

TEST_F(StoredRecordingsTest, AProviderWithoutRecordingsSaysSo) {
  const std::string id = Record(kOurs, our_account_, "R1", call_);
  const absl::Status link = recordings_.CreateLink(kOurs, LinkTo(id)).status();
  EXPECT_EQ(link.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(ReasonOf(link), Reason::REASON_UNSUPPORTED_BY_PROVIDER);
  client_.recordings.deleted = providers::Unsupported("scripted", providers::v1::FEATURE_DELETE_RECORDING);
  EXPECT_EQ(recordings_.Delete(kOurs, "test", id).code(), absl::StatusCode::kUnimplemented);
  EXPECT_TRUE(recordings_.Get(kOurs, id).ok());
}

TEST_F(StoredRecordingsTest, WhatIsDeletedIsGoneAndAuditedOnce) {
  const std::string id = Record(kOurs, our_account_, "R1", call_);
  client_.features.insert(providers::v1::FEATURE_LIST_RECORDINGS);
  const auto link = recordings_.CreateLink(kOurs, LinkTo(id));
  testing_support::WholeMedia media;
  ASSERT_TRUE(recordings_.Delete(kOurs, "api-key:1", id).ok());
  EXPECT_EQ(client_.recordings.asked, std::vector<std::string>{"delete R1"});
  EXPECT_EQ(ReasonOf(recordings_.Get(kOurs, id).status()), Reason::REASON_RECORDING_NOT_FOUND);
  EXPECT_EQ(recordings_.List(kOurs, {})->recordings_size(), 0);
  EXPECT_EQ(ReasonOf(recordings_.Fetch(id, QueryOf(*link), "", media)), Reason::REASON_RECORDING_NOT_FOUND);
  // Again, and the provider is not asked again.
  EXPECT_TRUE(recordings_.Delete(kOurs, "api-key:1", id).ok());
  EXPECT_EQ(client_.recordings.asked.size(), 1u);
  EXPECT_EQ(Count("SELECT count(*) FROM audit_log WHERE action = 'recording.delete' AND actor = 'api-key:1'"), 1);
}

TEST_F(StoredRecordingsTest, ADeletionThatTheProviderDidNotTakeLeavesTheRecording) {
  const std::string id = Record(kOurs, our_account_, "R1", call_);
  client_.recordings.deleted = absl::UnavailableError("away");
  EXPECT_EQ(ReasonOf(recordings_.Delete(kOurs, "test", id)), Reason::REASON_PROVIDER_UNAVAILABLE);
  EXPECT_TRUE(recordings_.Get(kOurs, id).ok());
  client_.recordings.deleted = absl::OkStatus();
  EXPECT_TRUE(recordings_.Delete(kOurs, "test", id).ok());
}

}  // namespace
}  // namespace trunkline::gateway
