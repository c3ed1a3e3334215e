// A replica over a real journal, for the tests.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>

#include "services/concurrency-governor/admission/decision_loop.h"
#include "services/concurrency-governor/journal/postgres_journal.h"
#include "tests/support/test_database.h"

namespace trunkline::governor {

class GovernorFixture : public testing::Test {
 protected:
  static constexpr char kBusiness[] = "0190b0a0-0000-7000-8000-000000000001";

  GovernorFixture() {
    while (!loop_.lead().has_value()) std::this_thread::yield();
  }

  testing_support::TestDatabase database_{/*migrated=*/true};
  ManualClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  metrics::Registry registry_;
  GovernorMetrics metrics_{registry_};
  PostgresJournal journal_{{.url = database_.UrlOf("trunkline_governor"), .address = "here:1", .topic = "events"},
                           clock_};
  DecisionLoop loop_{{journal_, metrics_, clock_}, {.ledger = {.levels = {.global_calls = 10, .business_calls = 3}}}};
};

}  // namespace trunkline::governor
