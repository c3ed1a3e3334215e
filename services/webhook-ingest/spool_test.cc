#include "services/webhook-ingest/spool.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "libs/base/text.h"

namespace trunkline::webhook_ingest {
namespace {

class SpoolTest : public ::testing::Test {
 protected:
  SpoolTest() { std::filesystem::remove_all(directory_); }
  ~SpoolTest() override { std::filesystem::remove_all(directory_); }

  static absl::Status Append(Spool& spool, const std::string& record) {
    std::promise<absl::Status> stored;
    spool.Append(record, [&stored](const absl::Status& status) { stored.set_value(status); });
    return stored.get_future().get();
  }

  const std::string directory_ =
      Concat(::testing::TempDir(), "/spool-", ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(SpoolTest, WhatIsStoredIsThereAfterARestart) {
  {
    const auto spool = *Spool::Open(directory_, 1 << 20);
    EXPECT_TRUE(Append(*spool, "one").ok());
    EXPECT_TRUE(Append(*spool, std::string("two\0\n", 5)).ok());
  }
  const auto spool = *Spool::Open(directory_, 1 << 20);
  EXPECT_FALSE(spool->empty());
  const auto batch = *spool->ReadOldest();
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->records, (std::vector<std::string>{"one", std::string("two\0\n", 5)}));
  EXPECT_TRUE(spool->Remove(*batch).ok());
  EXPECT_TRUE(spool->empty());
  EXPECT_FALSE((*spool->ReadOldest()).has_value());
}

TEST_F(SpoolTest, WhatComesAfterAReadGoesIntoAnotherFile) {
  const auto spool = *Spool::Open(directory_, 1 << 20);
  EXPECT_TRUE(Append(*spool, "one").ok());
  const auto first = *spool->ReadOldest();
  EXPECT_TRUE(Append(*spool, "two").ok());
  EXPECT_TRUE(spool->Remove(*first).ok());
  const auto second = *spool->ReadOldest();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->records, std::vector<std::string>{"two"});
}

TEST_F(SpoolTest, ATornRecordAtTheEndIsLeftOut) {
  {
    const auto spool = *Spool::Open(directory_, 1 << 20);
    EXPECT_TRUE(Append(*spool, "whole").ok());
    EXPECT_TRUE(Append(*spool, "torn in the middle").ok());
  }
  const auto path = std::filesystem::directory_iterator(directory_)->path();
  for (uintmax_t size = std::filesystem::file_size(path) - 1; size > 4 + 8 + 5; --size) {
    std::filesystem::resize_file(path, size);
    EXPECT_EQ(*ReadSpoolFile(path), std::vector<std::string>{"whole"});
  }
}

TEST_F(SpoolTest, AChangedByteIsNoticed) {
  {
    const auto spool = *Spool::Open(directory_, 1 << 20);
    EXPECT_TRUE(Append(*spool, "record").ok());
  }
  const auto path = std::filesystem::directory_iterator(directory_)->path();
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(14);
    file.put('X');
  }
  EXPECT_TRUE(ReadSpoolFile(path)->empty());
}

TEST_F(SpoolTest, AFullSpoolSaysSo) {
  const auto spool = *Spool::Open(directory_, 1000);
  EXPECT_TRUE(Append(*spool, std::string(800, 'x')).ok());
  EXPECT_EQ(Append(*spool, std::string(800, 'x')).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Append(*spool, "small").ok());
}

TEST_F(SpoolTest, ADirectoryThatCannotBeWrittenIsRefusedAtOnce) {
  EXPECT_EQ(Spool::Open("/proc/nowhere", 1000).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace trunkline::webhook_ingest
