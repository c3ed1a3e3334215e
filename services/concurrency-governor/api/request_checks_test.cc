#include "services/concurrency-governor/api/request_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace trunkline::governor {
namespace {

using testing::HasSubstr;

const std::string kBusiness = "0190b0a0-0000-7000-8000-000000000001";

TEST(RequestChecksTest, EveryWrongFieldIsNamedAtOnce) {
  v1::AcquireSlotsRequest request;
  v1::SlotRequest* slot = request.add_slots();
  slot->mutable_subject()->set_business_id("nobody");
  slot->mutable_subject()->set_campaign_id(std::string(200, 'x'));
  slot->set_kind(v1::SLOT_KIND_INBOUND);
  request.mutable_wait()->set_seconds(61);
  const std::string text(Check(request).message());
  for (const char* field : {"slots[0].request_id", "slots[0].subject.business_id", "slots[0].subject.campaign_id",
                            "slots[0].kind", "wait"}) {
    EXPECT_THAT(text, HasSubstr(field));
  }
}

TEST(RequestChecksTest, ABatchHasEachRequestOnce) {
  v1::AcquireSlotsRequest request;
  for (int i = 0; i < 2; ++i) {
    v1::SlotRequest* slot = request.add_slots();
    slot->set_request_id("same");
    slot->mutable_subject()->set_business_id(kBusiness);
  }
  EXPECT_THAT(std::string(Check(request).message()), HasSubstr("slots[1].request_id"));
  request.mutable_slots(1)->set_request_id("other");
  EXPECT_TRUE(Check(request).ok());
}

TEST(RequestChecksTest, LimitsMustMakeSense) {
  v1::SetLimitsRequest request;
  v1::LevelLimits* limits = request.add_limits();
  limits->set_level(v1::LEVEL_CAMPAIGN);
  limits->set_subject_id("spring");
  limits->set_weight(2);
  limits->mutable_rates()->set_per_second(-1);
  const std::string text(Check(request).message());
  EXPECT_THAT(text, HasSubstr("limits[0].rates.per_second"));
  EXPECT_THAT(text, HasSubstr("only a business"));
  limits->set_level(v1::LEVEL_BUSINESS);
  limits->clear_rates();
  limits->set_guaranteed_calls(5);
  EXPECT_THAT(std::string(Check(request).message()), HasSubstr("max_concurrent_calls"));
  limits->set_max_concurrent_calls(5);
  EXPECT_TRUE(Check(request).ok());
}

}  // namespace
}  // namespace trunkline::governor
