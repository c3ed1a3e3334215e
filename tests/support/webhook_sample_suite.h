// Puts every wire sample of a provider through its receiver and mapper, as production would. What must come out stands
// beside the sample as JSON; after a change that is meant, run with TRUNKLINE_UPDATE_GOLDEN=1 and review.
//
//   INSTANTIATE_TEST_SUITE_P(Samples, WebhookSampleTest, testing::ValuesIn(SamplesOf({...})), NameOfSample);
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/provider.h"

namespace trunkline::testing_support {

// How the samples of a provider are to be taken.
struct SampledProvider {
  std::shared_ptr<const providers::WebhookReceiver> receiver;
  std::shared_ptr<const providers::WebhookMapper> mapper;
  providers::Account account;  // whose secrets the samples were signed with
  absl::Time received_at;
  // Makes a genuine webhook one that must be refused.
  std::function<void(providers::WebhookRequest*)> forge;
  // Brings the sample into the shape that the wire has, where the file cannot.
  std::function<void(providers::WebhookRequest*)> prepare = [](providers::WebhookRequest*) {};
};

// For `forge`, where a signature covers the whole webhook.
void ChangeAByte(providers::WebhookRequest* request);

struct WebhookSample {
  std::string name;
  std::shared_ptr<const SampledProvider> provider;
};

std::vector<WebhookSample> SamplesOf(SampledProvider provider);

class WebhookSampleTest : public testing::TestWithParam<WebhookSample> {
 protected:
  WebhookSampleTest();
  webhooks::v1::RawWebhook Raw(absl::Duration later = absl::ZeroDuration()) const;

  const SampledProvider& provider_ = *GetParam().provider;
  providers::WebhookRequest request_;
};

std::string NameOfSample(const testing::TestParamInfo<WebhookSample>& sample);

}  // namespace trunkline::testing_support
