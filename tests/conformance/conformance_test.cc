#include "tests/conformance/conformance_test.h"

#include <stdexcept>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/json.h"
#include "libs/providers/built_in_providers.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"

namespace trunkline::conformance {
namespace {

using providers::DialOptions;
using providers::DialOutcome;
using providers::LiveCall;

// Shorter than a slow reply of the twin, longer than any other.
constexpr absl::Duration kApiTimeout = absl::Seconds(3);
constexpr int kAnswers = 40;

// One twin for the whole program, with the accounts of all cases.
const TwinProcess& Twin() {
  static const TwinProcess twin([] {
    std::string accounts;
    for (const ProviderCase& provider_case : AllCases()) {
      if (provider_case.twin_accounts.empty()) continue;
      accounts += Concat(accounts.empty() ? "" : ",", provider_case.twin_accounts);
    }
    return accounts;
  }());
  return twin;
}

}  // namespace

plans::v1::CallPlan PausePlan(int seconds) {
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_pause()->mutable_length()->set_seconds(seconds);
  return plan;
}

std::string NewCallId() { return NewUuid(absl::Now()); }

std::string NameOfCase(const testing::TestParamInfo<ProviderCase>& tested) { return tested.param.provider; }

ConformanceTest::ConformanceTest() : twin_(&Twin()) {
  account_.id = NewUuid(absl::Now());
  account_.business_id = NewUuid(absl::Now());
  account_.provider = GetParam().provider;
  registry_ = std::make_unique<providers::Registry>(
      providers::BuiltInProviders({.public_url = harness_.public_url(), .api_timeout = kApiTimeout}));
  provider_ = registry_->Find(GetParam().provider);
  if (provider_ == nullptr) throw std::runtime_error("no such provider: " + GetParam().provider);
  features_ = provider_->Features();
  SetPace(kQuick);
}

ConformanceTest::~ConformanceTest() {
  // Calls that go on end with the twin's memory of them.
  link_.reset();
  twin_->Control("POST", "/twin/reset");
  harness_.Stop();
}

void ConformanceTest::SetPace(double time_scale) {
  link_.reset();
  twin_->Control("PUT", "/twin/config", WriteJson(nlohmann::json({{"time_scale", time_scale}})));
  GetParam().fill_account(*twin_, time_scale, &account_);
  harness_.Serve(*provider_, account_);
  if (!provider_->HasLink(account_)) return;
  link_ = provider_->OpenLink(account_, harness_);
  harness_.WaitForLink();
}

DialOutcome ConformanceTest::Dial(const std::string& call_id, int story, DialOptions options) {
  options.from = GetParam().own_number;
  return client().PlaceCall(account_, {.call_id = call_id, .to = Number(story), .options = options});
}

LiveCall ConformanceTest::Place(int story, DialOptions options) {
  LiveCall call{.call_id = NewCallId(),
                .from = GetParam().own_number,
                .to = Number(story),
                .direction = calls::v1::CALL_DIRECTION_OUTBOUND};
  const DialOutcome outcome = Dial(call.call_id, story, options);
  EXPECT_EQ(outcome.kind, DialOutcome::Kind::kPlaced) << outcome.error.ShortDebugString();
  EXPECT_NE(outcome.external_call_id, "");
  call.external_call_id = outcome.external_call_id;
  return call;
}

LiveCall ConformanceTest::PlaceLasting(bool joined) {
  plans::v1::CallPlan plan;
  if (joined) plan.add_verbs()->mutable_dial()->add_targets(Number(44));
  plan.MergeFrom(PausePlan(250));
  harness_.SetPlan(plan);
  if (GetParam().make_lasting != nullptr) GetParam().make_lasting(joined, &account_);
  const LiveCall call = Place(kAnswers);
  harness_.WaitForEvent(call.call_id, events::v1::CALL_EVENT_TYPE_ANSWERED);
  if (joined && GetParam().tells_dialed_legs) {
    harness_.WaitUntil([&] {
      for (const events::v1::CallEvent& event : harness_.AllEvents()) {
        if (event.details().parent_call_id() == call.call_id && event.type() == events::v1::CALL_EVENT_TYPE_ANSWERED) {
          return true;
        }
      }
      return false;
    });
  }
  if (joined && GetParam().is_joined != nullptr) {
    harness_.WaitUntil([&] { return GetParam().is_joined(*twin_, call.external_call_id); });
  }
  return call;
}

LiveCall ConformanceTest::Receive() {
  LiveCall call{.from = Number(1), .to = GetParam().own_number, .direction = calls::v1::CALL_DIRECTION_INBOUND};
  call.external_call_id = GetParam().start_inbound({.provider = *provider_,
                                                    .account = account_,
                                                    .twin = *twin_,
                                                    .public_url = harness_.public_url(),
                                                    .from = call.from,
                                                    .to = call.to});
  call.call_id = telephony::CallIdOf(account_.id, call.external_call_id);
  return call;
}

void ConformanceTest::End(const LiveCall& call) {
  if (!Has(providers::v1::FEATURE_END_CALL)) return;
  EXPECT_TRUE(client().EndCall(account_, call.external_call_id).ok());
  EXPECT_TRUE(harness_.WaitForEnd(call.call_id));
  EXPECT_THAT(harness_.Problems(), testing::IsEmpty());
}

}  // namespace trunkline::conformance
