#include <memory>

#include "libs/providers/plivo/test_webhooks.h"
#include "libs/providers/plivo/webhook_mapper.h"
#include "libs/providers/plivo/webhook_receiver.h"
#include "tests/support/webhook_sample_suite.h"

namespace trunkline::testing_support {
namespace {

INSTANTIATE_TEST_SUITE_P(Samples, WebhookSampleTest,
                         testing::ValuesIn(SamplesOf({.receiver = std::make_shared<providers::plivo::PlivoReceiver>(),
                                                      .mapper = std::make_shared<providers::plivo::PlivoMapper>(),
                                                      .account = providers::plivo::TestAccount(),
                                                      .received_at = providers::plivo::kTestReceived,
                                                      .forge = ChangeAByte})),
                         NameOfSample);

}  // namespace
}  // namespace trunkline::testing_support
