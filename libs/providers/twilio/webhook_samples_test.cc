#include <memory>

#include "libs/providers/twilio/test_webhooks.h"
#include "libs/providers/twilio/webhook_mapper.h"
#include "libs/providers/twilio/webhook_receiver.h"
#include "tests/support/webhook_sample_suite.h"

namespace trunkline::testing_support {
namespace {

INSTANTIATE_TEST_SUITE_P(Samples, WebhookSampleTest,
                         testing::ValuesIn(SamplesOf({.receiver = std::make_shared<providers::twilio::TwilioReceiver>(),
                                                      .mapper = std::make_shared<providers::twilio::TwilioMapper>(),
                                                      .account = providers::twilio::TestAccount(),
                                                      .received_at = providers::twilio::kTestReceived,
                                                      .forge = ChangeAByte})),
                         NameOfSample);

}  // namespace
}  // namespace trunkline::testing_support
