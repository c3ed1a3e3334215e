#include <memory>

#include "libs/providers/sip/webhook_mapper.h"
#include "libs/providers/sip/webhook_receiver.h"
#include "tests/support/webhook_sample_suite.h"

namespace trunkline::testing_support {
namespace {

providers::Account SampleAccount() {
  return {.id = "0190b2c3-0000-7000-8000-000000000001",
          .provider = "sip",
          .settings = {{"mode", "http"}, {"pbx_id", "office-1"}},
          .credentials = {{"webhook_secret", "pbx-shared-secret-1"}}};
}

INSTANTIATE_TEST_SUITE_P(Samples, WebhookSampleTest,
                         testing::ValuesIn(SamplesOf({.receiver = std::make_shared<providers::sip::SipReceiver>(),
                                                      .mapper = std::make_shared<providers::sip::SipMapper>(),
                                                      .account = SampleAccount(),
                                                      .received_at = absl::FromUnixSeconds(1'772'532'000),
                                                      .forge = ChangeAByte})),
                         NameOfSample);

}  // namespace
}  // namespace trunkline::testing_support
