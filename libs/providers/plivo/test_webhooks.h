// Webhooks for the tests: the wire samples of testdata/webhooks, and hand-made ones.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::plivo {

inline constexpr char kTestAccount[] = "0190b2c3-0000-7000-8000-000000000001";
inline constexpr char kTestCall[] = "0190b2c3-0000-7000-8000-000000000002";
inline constexpr char kTestUuid[] = "5ca1ab1e-0000-4000-8000-000000000001";
inline constexpr char kTestBase[] = "https://hooks.example.com";

// The account whose token signed the samples.
Account TestAccount();

std::string ReadTestFile(std::string_view name);
std::string TestDataPath(std::string_view name);

// The samples' names, in alphabetical order.
std::vector<std::string> SampleNames();
// A sample as the server at kTestBase receives it.
WebhookRequest ReadSample(std::string_view name);

// A POST of a form to the webhook URL of an event; `query` begins with '?' or is empty.
WebhookRequest PostOf(std::string_view event, std::string_view query, const Form& form);

// What the receiver stores of a webhook, received at 2026-03-03 10:00:00 UTC.
webhooks::v1::RawWebhook RawOf(const WebhookRequest& request);

}  // namespace trunkline::providers::plivo
