// Webhooks for the tests: the wire samples of testdata/webhooks, and hand-made ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/provider.h"

namespace trunkline::providers::exotel {

inline constexpr char kTestAccount[] = "0190b2c3-0000-7000-8000-000000000001";
inline constexpr char kTestCall[] = "0190b2c3-0000-7000-8000-000000000002";
inline constexpr char kTestBulk[] = "0190b2c3-0000-7000-8000-000000000003";
inline constexpr char kTestToken[] = "5c1d8f0e9b7a4c2d-5c1d8f0e9b7a4c2d";
inline constexpr char kTestBase[] = "https://hooks.example.com";

Account TestAccount();
std::string TestDataPath(std::string_view name);
std::string ReadTestFile(std::string_view name);

// The samples' names, in alphabetical order.
std::vector<std::string> SampleNames();
// A sample as the server at kTestBase receives it, at 2026-01-15 10:00:00 UTC.
WebhookRequest ReadSample(std::string_view name);

// A webhook with the account's secret in its URL; `query` is added to it.
WebhookRequest PostOf(std::string_view event, std::string_view query, std::string_view content_type, std::string body);
WebhookRequest GetOf(std::string_view event, std::string_view query);

// What the receiver stores of a webhook.
webhooks::v1::RawWebhook RawOf(const WebhookRequest& request);

}  // namespace trunkline::providers::exotel
