#include "services/normalizer/batch_processor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <thread>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/normalizer/publication.h"
#include "tests/support/fake_provider.h"
#include "tests/support/test_database.h"

namespace trunkline::normalizer {
namespace {

constexpr char kBusiness[] = "0190b2c3-0000-7000-8000-0000000000b1";
constexpr char kOtherBusiness[] = "0190b2c3-0000-7000-8000-0000000000b2";
constexpr char kAccount[] = "0190b2c3-0000-7000-8000-0000000000a1";

class BatchProcessorTest : public ::testing::Test {
 protected:
  MappedMessage Message(int64_t offset, const std::string& body, const std::string& business = kBusiness,
                        const std::string& url = "") {
    webhooks::v1::RawWebhook raw;
    raw.set_webhook_id(NewUuid(absl::FromUnixSeconds(1000)));
    raw.set_provider("fake");
    raw.set_provider_account_id(kAccount);
    raw.set_business_id(business);
    *raw.mutable_received_at() = telephony::ToProto(absl::FromUnixSeconds(1000));
    raw.mutable_http()->set_body(body);
    raw.mutable_http()->set_url(url);
    return mapper_.Map({"raw", 0, offset}, "key", raw.SerializeAsString());
  }

  // The four webhooks of an answered call.
  std::vector<MappedMessage> Call(const std::string& id, int64_t first_offset = 0) {
    std::vector<MappedMessage> messages;
    int64_t offset = first_offset;
    for (const char* step : {"event=INITIATED&status=INITIATED&at=1", "event=RINGING&status=RINGING&at=2",
                             "event=ANSWERED&status=ANSWERED&at=5", "event=ENDED&status=COMPLETED&at=9"}) {
      messages.push_back(Message(offset++, Concat("id=", id, "&", step)));
    }
    return messages;
  }

  ProcessedBatch Process(std::vector<MappedMessage>& messages) {
    auto batch = processor_.Process(&messages);
    EXPECT_TRUE(batch.ok()) << batch.status();
    return batch.ok() ? *std::move(batch) : ProcessedBatch();
  }

  int64_t Count(const std::string& what) {
    return *pool_.InTransaction([&](postgres::Transaction& tx) -> absl::StatusOr<int64_t> {
      TL_ASSIGN_OR_RETURN(const postgres::Result rows, tx.Execute("SELECT count(*) FROM " + what));
      return rows.Integer(0, 0);
    });
  }

  std::string Row(const std::string& table) {
    return *pool_.InTransaction([&](postgres::Transaction& tx) -> absl::StatusOr<std::string> {
      TL_ASSIGN_OR_RETURN(const postgres::Result rows,
                          tx.Execute(Concat("SELECT row_to_json(t)::text FROM ", table, " t")));
      return rows.empty() ? std::string() : rows.String(0, 0);
    });
  }

  testing_support::TestDatabase database_;
  postgres::Pool pool_{{.url = database_.UrlOf("trunkline_normalizer"), .size = 4}};
  providers::Registry registry_ = testing_support::FakeRegistry();
  tracking::Registry platforms_{{}};
  BatchMapper mapper_{registry_, platforms_};
  BatchProcessor processor_{pool_};
};

TEST_F(BatchProcessorTest, ACallMovesToHistoryWhenItsEndIsKnown) {
  std::vector<MappedMessage> call = Call("c1");
  std::vector<MappedMessage> beginning(call.begin(), call.begin() + 3);
  std::vector<MappedMessage> end(call.begin() + 3, call.end());
  EXPECT_EQ(Process(beginning).new_events, 3);
  EXPECT_EQ(Count("call_queue WHERE status = 'answered'"), 1);
  EXPECT_EQ(Count("call_history"), 0);
  ProcessedBatch batch = Process(end);
  EXPECT_EQ(Count("call_queue"), 0);
  EXPECT_EQ(Count("call_history WHERE status = 'completed' AND talk_milliseconds = 4000"), 1);
  ASSERT_EQ(batch.calls.size(), 1u);
  EXPECT_EQ(batch.calls.begin()->second.record.status(), calls::v1::CALL_STATUS_COMPLETED);
}

TEST_F(BatchProcessorTest, TheSameFactFromAnotherMessageIsADuplicate) {
  std::vector<MappedMessage> first = Call("c1");
  Process(first);
  std::vector<MappedMessage> again = Call("c1", /*first_offset=*/100);
  const ProcessedBatch batch = Process(again);
  EXPECT_EQ(batch.duplicate_events, 4);
  EXPECT_TRUE(batch.events.empty());
  EXPECT_TRUE(batch.calls.empty());
  EXPECT_EQ(Count("call_events"), 4);
  EXPECT_EQ(Count("webhook_logs WHERE outcome = 'duplicate'"), 4);
}

TEST_F(BatchProcessorTest, ARecordingIsTheSameInAnyOrderOfItsEvents) {
  std::vector<std::string> steps = {"IN_PROGRESS&at=3", "PROCESSING&at=8", "READY&at=7"};
  int64_t offset = 0;
  int recordings = 0;
  do {
    for (const bool at_once : {true, false}) {
      ++recordings;
      std::vector<MappedMessage> batch;
      for (const std::string& step : steps) {
        batch.push_back(Message(offset++, Concat("id=c", recordings, "&event=RECORDING_CHANGED&recording=R", recordings,
                                                 "&recording_status=", step)));
        if (at_once && batch.size() < steps.size()) continue;
        Process(batch);
        batch.clear();
      }
    }
  } while (std::next_permutation(steps.begin(), steps.end()));
  EXPECT_EQ(Count("recordings"), recordings);
  EXPECT_EQ(Count("recordings WHERE status = 'ready' AND status_order = 3 AND created_at = to_timestamp(3) "
                  "AND told_at = to_timestamp(7)"),
            recordings);
}

// The process died after the database's commit and before Kafka's: the same messages come again.
TEST_F(BatchProcessorTest, AReplayIsPublishedAndNotStoredAgain) {
  std::vector<MappedMessage> messages = Call("c1");
  std::vector<MappedMessage> same = messages;
  const ProcessedBatch lost = Process(messages);
  const ProcessedBatch replay = Process(same);
  EXPECT_EQ(replay.replayed_events, 4);
  EXPECT_EQ(replay.new_events, 0);
  ASSERT_EQ(replay.events.size(), lost.events.size());
  for (size_t i = 0; i < lost.events.size(); ++i) {
    EXPECT_EQ(replay.events[i].bytes, lost.events[i].bytes);
  }
  ASSERT_EQ(replay.calls.size(), 1u);
  EXPECT_EQ(replay.calls.begin()->second.bytes, lost.calls.begin()->second.bytes);
  EXPECT_EQ(Count("call_events"), 4);
}

TEST_F(BatchProcessorTest, TheSameFactTwiceInABatchCountsOnce) {
  std::vector<MappedMessage> messages = Call("c1");
  for (MappedMessage& copy : Call("c1", 50)) messages.push_back(std::move(copy));
  const ProcessedBatch batch = Process(messages);
  EXPECT_EQ(batch.new_events, 4);
  EXPECT_EQ(batch.duplicate_events, 4);
  EXPECT_EQ(batch.events.size(), 4u);
}

TEST_F(BatchProcessorTest, AnyOrderAndAnyBatchesGiveTheSameRow) {
  std::vector<MappedMessage> reference = Call("c1");
  Process(reference);
  const std::string expected = Row("call_history");
  std::mt19937 random(7);
  for (int round = 0; round < 10; ++round) {
    const testing_support::TestDatabase database;
    postgres::Pool pool({.url = database.UrlOf("trunkline_normalizer"), .size = 1});
    BatchProcessor processor(pool);
    std::vector<MappedMessage> messages = Call("c1");
    for (MappedMessage& copy : Call("c1", 10)) messages.push_back(std::move(copy));
    std::shuffle(messages.begin(), messages.end(), random);
    for (size_t i = 0; i < messages.size();) {
      const size_t count = std::min<size_t>(1 + random() % 3, messages.size() - i);
      std::vector<MappedMessage> batch(messages.begin() + static_cast<std::ptrdiff_t>(i),
                                       messages.begin() + static_cast<std::ptrdiff_t>(i + count));
      ASSERT_TRUE(processor.Process(&batch).ok());
      i += count;
    }
    const auto row = pool.InTransaction([](postgres::Transaction& tx) -> absl::StatusOr<std::string> {
      TL_ASSIGN_OR_RETURN(const postgres::Result rows, tx.Execute("SELECT row_to_json(t)::text FROM call_history t"));
      return rows.String(0, 0);
    });
    EXPECT_EQ(*row, expected);
  }
}

TEST_F(BatchProcessorTest, ACallOfAnotherBusinessCannotBeTouched) {
  const std::string call_id = NewUuid(absl::FromUnixSeconds(1));
  const std::string url = "https://x/telephony/webhook/fake/status?call=" + call_id;
  std::vector<MappedMessage> ours = {Message(0, "id=c1&event=RINGING&status=RINGING&at=1", kBusiness, url)};
  Process(ours);
  std::vector<MappedMessage> theirs = {Message(1, "id=c9&event=ENDED&status=FAILED&at=2", kOtherBusiness, url)};
  const ProcessedBatch batch = Process(theirs);
  ASSERT_EQ(batch.dead_letters.size(), 1u);
  EXPECT_EQ(batch.dead_letters[0]->refusal->reason, "FOREIGN_CALL");
  EXPECT_TRUE(batch.events.empty());
  EXPECT_EQ(Count("call_queue WHERE status = 'ringing'"), 1);
  EXPECT_EQ(Count("call_event_sources"), 1);
  EXPECT_EQ(Count("webhook_logs WHERE reason = 'FOREIGN_CALL'"), 1);
}

TEST_F(BatchProcessorTest, ThePublishedEventHoldsTheCall) {
  std::vector<MappedMessage> messages = Call("c1");
  const ProcessedBatch batch = Process(messages);
  const auto message = EventMessage(kafka::Topics(), batch.events[0], batch.calls.begin()->second);
  events::v1::CallEvent event;
  ASSERT_TRUE(event.ParseFromString(*message.value));
  EXPECT_EQ(event.event_id(), batch.events[0].event.event_id());
  EXPECT_EQ(event.call().status(), calls::v1::CALL_STATUS_COMPLETED);
  EXPECT_EQ(event.call().details().external_call_id(), "c1");
}

TEST_F(BatchProcessorTest, ADeadLetterDoesNotStopItsBatch) {
  std::vector<MappedMessage> messages = Call("c1");
  messages.insert(messages.begin(), mapper_.Map({"raw", 0, 99}, "key", "\xFF broken"));
  const ProcessedBatch batch = Process(messages);
  EXPECT_EQ(batch.dead_letters.size(), 1u);
  EXPECT_EQ(batch.new_events, 4);
}

TEST_F(BatchProcessorTest, TextThatPostgresqlRefusesIsMended) {
  MappedMessage message = Message(0, "id=c1&event=RINGING&status=RINGING&at=1");
  message.events[0].mutable_details()->set_caller_name(std::string("a\0b", 3));
  message.events[0].mutable_details()->add_tags("tag \"x\", \\ and \xED\xA0\x80");
  (*message.events[0].mutable_details()->mutable_custom_data())["k\t"] = "v\n";
  std::vector<MappedMessage> messages = {std::move(message)};
  EXPECT_EQ(Process(messages).new_events, 1);
  EXPECT_EQ(Count("call_queue WHERE caller_name = 'a\xEF\xBF\xBD"
                  "b'"),
            1);
}

// The versions of rows that were just written are known without reading them: written by COPY, in place, and moved.
TEST_F(BatchProcessorTest, ACallInMemoryGivesTheSameRowAsOneThatIsRead) {
  std::string rows[2];
  for (const size_t cached_calls : {0, 100}) {
    const testing_support::TestDatabase database;
    postgres::Pool pool({.url = database.UrlOf("trunkline_normalizer"), .size = 1});
    BatchProcessor processor(pool, cached_calls);
    for (MappedMessage& message : Call("c1")) {
      std::vector<MappedMessage> batch = {std::move(message)};
      const auto processed = processor.Process(&batch);
      ASSERT_TRUE(processed.ok()) << processed.status();
      EXPECT_EQ(processed->new_events, 1);
    }
    rows[cached_calls == 0 ? 0 : 1] = *pool.InTransaction([](postgres::Transaction& tx) -> absl::StatusOr<std::string> {
      TL_ASSIGN_OR_RETURN(const postgres::Result found, tx.Execute("SELECT row_to_json(t)::text FROM call_history t"));
      return found.String(0, 0);
    });
  }
  EXPECT_FALSE(rows[0].empty());
  EXPECT_EQ(rows[0], rows[1]);
}

TEST_F(BatchProcessorTest, ACallThatAnotherChangedFailsItsBatchAndIsReadAgain) {
  BatchProcessor other(pool_);
  std::vector<MappedMessage> call = Call("c1");
  std::vector<MappedMessage> first = {call[0]};
  std::vector<MappedMessage> second = {call[1]};
  std::vector<MappedMessage> third = {call[2]};
  std::vector<MappedMessage> third_again = {call[2]};
  Process(first);
  ASSERT_TRUE(other.Process(&second).ok());
  EXPECT_EQ(processor_.Process(&third).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Count("call_events"), 2);
  EXPECT_EQ(Count("call_event_sources"), 2);
  EXPECT_EQ(Process(third_again).new_events, 1);
  EXPECT_EQ(Count("call_queue WHERE status = 'answered' AND ringing_at IS NOT NULL"), 1);
}

TEST_F(BatchProcessorTest, AForgottenCallIsReadAgain) {
  BatchProcessor other(pool_);
  std::vector<MappedMessage> call = Call("c1");
  std::vector<MappedMessage> first = {call[0]};
  std::vector<MappedMessage> second = {call[1]};
  std::vector<MappedMessage> third = {call[2]};
  Process(first);
  ASSERT_TRUE(other.Process(&second).ok());
  processor_.ForgetCalls();
  EXPECT_EQ(Process(third).new_events, 1);
  EXPECT_EQ(Count("call_queue WHERE status = 'answered' AND ringing_at IS NOT NULL"), 1);
}

// The other one stored the event, and died before it published it.
TEST_F(BatchProcessorTest, AReplayOfWhatAnotherStoredIsPublishedWithTheCallThatHoldsIt) {
  BatchProcessor other(pool_);
  std::vector<MappedMessage> call = Call("c1");
  std::vector<MappedMessage> first = {call[0]};
  std::vector<MappedMessage> second = {call[1]};
  std::vector<MappedMessage> second_again = {call[1]};
  std::vector<MappedMessage> rest = {call[2], call[3]};
  Process(first);
  ASSERT_TRUE(other.Process(&second).ok());
  const ProcessedBatch replay = Process(second_again);
  EXPECT_EQ(replay.replayed_events, 1);
  ASSERT_EQ(replay.calls.size(), 1u);
  EXPECT_EQ(replay.calls.begin()->second.record.status(), calls::v1::CALL_STATUS_RINGING);
  EXPECT_EQ(Process(rest).new_events, 2);
  EXPECT_EQ(Count("call_history WHERE ringing_at IS NOT NULL"), 1);
}

// Of a batch that was rolled back nothing may stay in memory either.
TEST_F(BatchProcessorTest, ABatchThatFailsLeavesNoTrace) {
  std::vector<MappedMessage> call = Call("c1");
  std::vector<MappedMessage> first = {call[0]};
  std::vector<MappedMessage> second = {call[1]};
  std::vector<MappedMessage> second_again = {call[1]};
  std::vector<MappedMessage> end = {call[2], call[3]};
  Process(first);
  const auto set_limit = [this](const char* constraint) {
    const auto owner = *postgres::Connection::Open(database_.url());
    ASSERT_TRUE(owner->transaction().ExecuteScript(constraint).ok());
  };
  set_limit("ALTER TABLE webhook_logs ADD CONSTRAINT none CHECK (raw_offset <> 1)");
  EXPECT_FALSE(processor_.Process(&second).ok());
  set_limit("ALTER TABLE webhook_logs DROP CONSTRAINT none");
  EXPECT_EQ(Count("call_queue WHERE status = 'initiated'"), 1);
  EXPECT_EQ(Process(second_again).new_events, 1);
  EXPECT_EQ(Process(end).new_events, 2);
  EXPECT_EQ(Count("call_history WHERE ringing_at IS NOT NULL AND talk_milliseconds = 4000"), 1);
}

TEST_F(BatchProcessorTest, TwoThatWorkAtOnceStoreEveryFactOnce) {
  std::vector<std::vector<MappedMessage>> batches(2);
  for (int call = 0; call < 50; ++call) {
    for (int side = 0; side < 2; ++side) {
      for (MappedMessage& message : Call(Concat("c", call), side * 1000 + call * 4)) {
        batches[static_cast<size_t>(side)].push_back(std::move(message));
      }
    }
  }
  int64_t new_events[2] = {0, 0};
  {
    std::vector<std::jthread> threads;
    for (size_t side = 0; side < 2; ++side) {
      threads.emplace_back([&, side] {
        auto batch = processor_.Process(&batches[side]);
        ASSERT_TRUE(batch.ok()) << batch.status();
        new_events[side] = batch->new_events;
      });
    }
  }
  EXPECT_EQ(new_events[0] + new_events[1], 200);
  EXPECT_EQ(Count("call_events"), 200);
  EXPECT_EQ(Count("call_history"), 50);
}

}  // namespace
}  // namespace trunkline::normalizer
