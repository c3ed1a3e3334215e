// Webhooks as they stand on the wire, in libs/providers/PROVIDER/testdata/webhooks/NAME.http: a request line, headers,
// an empty line, the body. For the tests of adapters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/provider.h"

namespace trunkline::testing_support {

// What providers are told to be the base of webhook URLs.
inline constexpr char kWebhookBase[] = "https://hooks.example.com";

// A file of the provider's testdata.
std::string TestDataPath(std::string_view provider, std::string_view name);
std::string ReadTestData(std::string_view provider, std::string_view name);

// The samples' names, in alphabetical order.
std::vector<std::string> WebhookSampleNames(std::string_view provider);
// A sample as the server at kWebhookBase receives it; its event is the last piece of its path.
providers::WebhookRequest ReadWebhookSample(std::string_view provider, std::string_view name, absl::Time received_at);

// What webhook-ingest would keep of a genuine webhook.
webhooks::v1::RawWebhook RawOf(const providers::WebhookRequest& request, const providers::Account& account,
                               const providers::WebhookReceiver& receiver, absl::Time received_at);

}  // namespace trunkline::testing_support
