// Calls of every kind that the twins make: each is read as it is, and lists that move while they are read lose none.
#include <set>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/tracking/content_hash.h"
#include "tests/tracking-conformance/platform_case.h"

namespace trunkline::tracking_conformance {
namespace {

using nlohmann::json;
using tracking::PlatformCall;
using tracking::Told;
using tracking::TrackedCall;

std::string ToldAmount(const Told<int64_t>& amount) {
  const int64_t value = amount.value.value_or(0);
  return Concat(value / 10'000, ".", Concat(10'000 + value % 10'000).substr(1));
}

json TextOrNull(const Told<std::string>& text) { return text.has_value() ? json(*text) : json(); }

json TimeOrNull(const Told<absl::Time>& time) {
  return time.has_value() ? json(tracking::FormatMilliseconds(*time)) : json();
}

// "CALL_STATUS_NO_ANSWER" -> "no_answer"
std::string StatusText(const TrackedCall& call) {
  constexpr std::string_view kPrefix = "CALL_STATUS_";
  return call.status.has_value() ? Lower(calls::v1::CallStatus_Name(*call.status).substr(kPrefix.size())) : "";
}

class TruthTest : public TrackingConformanceTest {
 protected:
  void AddCalls(int count, const json& more = json::object()) {
    json wish = {{"count", count}, {"from", "2026-03-01T00:00:00Z"}, {"to", "2026-03-02T00:00:00Z"}};
    wish.update(more);
    twin_->Control("POST", "/calls", wish);
  }

  static tracking::CallQuery Day(int size) {
    absl::Time day;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, "2026-03-01T00:00:00Z", &day, nullptr));
    return {.from = day, .to = day + absl::Hours(24), .size = size};
  }

  // By id; a page that is partly an error is read again.
  std::map<std::string, PlatformCall> ReadDay(int size) {
    std::map<std::string, PlatformCall> read;
    std::optional<tracking::Position> position;
    for (int i = 0; i < 1000; ++i) {
      auto page = client().ListCalls(account_, Day(size), position);
      if (!page.ok()) continue;
      EXPECT_TRUE(page->bad.empty());
      for (PlatformCall& call : page->items) read[call.call.external_id] = std::move(call);
      if (!page->next.has_value()) return read;
      position = page->next;
    }
    ADD_FAILURE() << "the list does not end";
    return read;
  }

  void ExpectTrue(const TrackedCall& call, const json& truth) {
    SCOPED_TRACE(WriteJson(truth));
    EXPECT_EQ(json(StatusText(call)), truth["status"]);
    EXPECT_EQ(TextOrNull(call.caller), truth["caller_number"]);
    EXPECT_EQ(TextOrNull(call.tracking_number), truth["tracking_number"]);
    EXPECT_EQ(TextOrNull(call.destination), truth["destination_number"]);
    EXPECT_EQ(TextOrNull(call.campaign_id), truth["campaign_id"]);
    EXPECT_EQ(TextOrNull(call.campaign_key), truth["campaign_external_key"]);
    EXPECT_EQ(TextOrNull(call.campaign_name), truth["campaign_name"]);
    EXPECT_EQ(TextOrNull(call.publisher_id), truth["publisher_id"]);
    EXPECT_EQ(TextOrNull(call.publisher_name), truth["publisher_name"]);
    EXPECT_EQ(TextOrNull(call.sub_id), truth["sub_id"]);
    EXPECT_EQ(TextOrNull(call.buyer_id), truth["buyer_id"]);
    EXPECT_EQ(TextOrNull(call.buyer_name), truth["buyer_name"]);
    EXPECT_EQ(TimeOrNull(call.started_at), truth["started_at"]);
    EXPECT_EQ(TimeOrNull(call.answered_at), truth["answered_at"]);
    EXPECT_EQ(TimeOrNull(call.ended_at), truth["ended_at"]);
    EXPECT_EQ(TimeOrNull(call.updated_at), truth["provider_updated_at"]);
    EXPECT_EQ(TimeOrNull(call.deleted_at), truth["deleted_at"]);
    EXPECT_EQ(call.talk_seconds.value.value_or(0), truth["talk_seconds"]);
    EXPECT_EQ(call.recording_url.has_value(), truth["recording"]);
    EXPECT_EQ(ToldAmount(call.revenue), truth["revenue"]);
    EXPECT_EQ(ToldAmount(call.payout), truth["payout"]);
    EXPECT_EQ(ToldAmount(call.cost), truth["cost"]);
    EXPECT_EQ(call.revenue.has_value(), truth["money_known"]);
    EXPECT_EQ(call.converted.value.value_or(false), truth["converted"]);
    EXPECT_TRUE(call.remarks.empty());
    if (!truth["ended_at"].is_null()) {
      EXPECT_EQ(call.duration_seconds.value.value_or(0), truth["duration_seconds"]);
    }
    if (call.tags.has_value()) {
      EXPECT_EQ(json(*call.tags), truth["tags"]);
    }
  }
};

TEST_P(TruthTest, EveryKindOfCallIsReadAsItIs) {
  AddCalls(400);
  twin_->Control("POST", "/changes",
                 {{"percent", 30}, {"kinds", {"money", "conversion", "tags", "recording", "delete"}}});
  const auto read = ReadDay(100);
  std::set<std::string> statuses;
  size_t listed = 0;
  for (const json& truth : twin_->Truth()) {
    if (!truth["listed"]) continue;
    ++listed;
    const std::string id = truth["external_id"];
    ASSERT_TRUE(read.contains(id)) << id;
    ExpectTrue(read.at(id).call, truth);
    statuses.insert(truth["status"]);
  }
  EXPECT_EQ(read.size(), listed);
  EXPECT_GE(statuses.size(), 4);
}

TEST_P(TruthTest, ACallIsFetchedAsItIs) {
  AddCalls(30);
  for (const json& truth : twin_->Truth()) {
    const auto fetched = client().FetchCall(account_, truth["external_id"].get<std::string>());
    ASSERT_TRUE(fetched.ok()) << fetched.status();
    ExpectTrue(fetched->value.call, truth);
    EXPECT_TRUE(fetched->value.call.tags.has_value());
  }
}

TEST_P(TruthTest, CallsThatGoOnAreReadAsTheyAre) {
  const absl::Time now = clock_.Now();
  const auto text = [](absl::Time time) { return tracking::FormatMilliseconds(time); };
  // Some in the menu, some ringing, some connected, none that changes while it is read.
  twin_->Control("POST", "/calls",
                 {{"count", 60},
                  {"from", text(now - absl::Seconds(40))},
                  {"to", text(now)},
                  {"connected", 1},
                  {"talk_seconds", {3000, 3600}}});
  std::set<std::string> statuses;
  for (const json& before : twin_->Truth()) {
    const std::string id = before["external_id"];
    const auto fetched = client().FetchCall(account_, id);
    ASSERT_TRUE(fetched.ok()) << fetched.status();
    const json after = twin_->Control("GET", Concat("/truth?id=", id))["calls"][0];
    if (before != after) continue;
    ExpectTrue(fetched->value.call, after);
    statuses.insert(after["status"]);
  }
  EXPECT_TRUE(statuses.contains("answered"));
  EXPECT_GE(statuses.size(), 2);
}

TEST_P(TruthTest, AMovingListWithTroublesLosesNoCall) {
  AddCalls(300);
  twin_->Control("PUT", "/behaviour",
                 {{"grow", 0.5},
                  {"touch", 0.5},
                  {"rate_limited", 0.1},
                  {"server_error", 0.1},
                  {"lost", 0.05},
                  {"truncated", 0.1},
                  {"partial", 0.1}});
  const auto read = ReadDay(20);
  for (const json& truth : twin_->Truth()) {
    const bool of_the_day = truth["started_at"].get<std::string>() < "2026-03-02";
    EXPECT_EQ(read.contains(truth["external_id"].get<std::string>()), of_the_day);
  }
}

TEST_P(TruthTest, WhatChangesDuringAWalkIsFoundByTheNext) {
  NEEDS(FEATURE_LIST_LAST_CHANGED);
  AddCalls(200);
  twin_->Control("PUT", "/behaviour", {{"touch", 1}, {"moved_calls", 30}});
  std::map<std::string, PlatformCall> read;
  // Down to `floor`; the latest change that the first page shows.
  const auto walk = [&](absl::Time floor) {
    std::optional<tracking::Position> position;
    std::optional<absl::Time> latest;
    for (int i = 0; i < 100; ++i) {
      auto page = client().ListCalls(account_, {.last_changed_first = true, .size = 20}, position);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok() || page->items.empty()) break;
      if (!latest.has_value()) latest = *page->items.front().call.updated_at;
      const absl::Time smallest = *page->items.back().call.updated_at;
      for (PlatformCall& call : page->items) {
        const auto there = read.find(call.call.external_id);
        const bool is_newer = there == read.end() || *there->second.call.updated_at <= *call.call.updated_at;
        if (is_newer) read[call.call.external_id] = std::move(call);
      }
      if (smallest < floor || !page->next.has_value()) break;
      position = page->next;
    }
    return latest.value_or(floor);
  };
  const absl::Time first = walk(absl::InfinitePast());
  twin_->Control("PUT", "/behaviour", {{"touch", 0}});
  walk(first);
  int changed = 0;
  for (const json& truth : twin_->Truth()) {
    const std::string id = truth["external_id"];
    ASSERT_TRUE(read.contains(id));
    ExpectTrue(read.at(id).call, truth);
    changed += truth["changes"].get<int>() > 0 ? 1 : 0;
  }
  EXPECT_GT(changed, 100);
}

TEST_P(TruthTest, AListThatShrinksIsSeenByItsTotal) {
  NEEDS(FEATURE_TOTAL_COUNT);
  AddCalls(100);
  twin_->Control("PUT", "/behaviour", {{"shrink", 1}, {"moved_calls", 3}});
  const auto first = client().ListCalls(account_, Day(20), std::nullopt);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = client().ListCalls(account_, Day(20), first->next);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_LT(*second->total, *first->total);
  twin_->Control("PUT", "/behaviour", {{"shrink", 0}});
  EXPECT_EQ(ReadDay(20).size(), 100);
}

INSTANTIATE_FOR_ALL_PLATFORMS(TruthTest);

}  // namespace
}  // namespace trunkline::tracking_conformance
