#include <memory>

#include "libs/providers/exotel/multipart.h"
#include "libs/providers/exotel/test_webhooks.h"
#include "libs/providers/exotel/webhook_mapper.h"
#include "libs/providers/exotel/webhook_receiver.h"
#include "tests/support/webhook_sample_suite.h"

namespace trunkline::testing_support {
namespace {

// Nothing is signed: the secret in the URL is all that tells a genuine webhook.
void ChangeTheSecret(providers::WebhookRequest* request) {
  const size_t at = request->url.find("token=");
  ASSERT_NE(at, std::string::npos);
  char& first = request->url[at + 6];
  first = first == 'x' ? 'y' : 'x';
}

// Multipart bodies stand in the samples with the line ends of a file, and forms with one more at their end.
void SetLineEnds(providers::WebhookRequest* request) {
  if (!providers::exotel::IsMultipart(request->Header("content-type"))) {
    while (request->body.ends_with('\n')) request->body.pop_back();
    return;
  }
  std::string body;
  for (const char c : request->body) {
    if (c == '\n') body.push_back('\r');
    body.push_back(c);
  }
  request->body = std::move(body);
}

INSTANTIATE_TEST_SUITE_P(Samples, WebhookSampleTest,
                         testing::ValuesIn(SamplesOf({.receiver = std::make_shared<providers::exotel::ExotelReceiver>(),
                                                      .mapper = std::make_shared<providers::exotel::ExotelMapper>(),
                                                      .account = providers::exotel::TestAccount(),
                                                      .received_at = providers::exotel::kTestReceived,
                                                      .forge = ChangeTheSecret,
                                                      .prepare = SetLineEnds})),
                         NameOfSample);

}  // namespace
}  // namespace trunkline::testing_support
