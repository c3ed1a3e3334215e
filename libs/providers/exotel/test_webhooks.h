// An account and hand-made webhooks for the tests; tests/support/webhook_samples.h has those of testdata.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/provider.h"
#include "tests/support/webhook_samples.h"

namespace trunkline::providers::exotel {

inline constexpr char kTestAccount[] = "0190b2c3-0000-7000-8000-000000000001";
inline constexpr char kTestCall[] = "0190b2c3-0000-7000-8000-000000000002";
inline constexpr char kTestBulk[] = "0190b2c3-0000-7000-8000-000000000003";
inline constexpr char kTestToken[] = "5c1d8f0e9b7a4c2d-5c1d8f0e9b7a4c2d";
inline constexpr const char* kTestBase = testing_support::kWebhookBase;

Account TestAccount();

// A webhook with the account's secret in its URL; `query` is added to it.
WebhookRequest PostOf(std::string_view event, std::string_view query, std::string_view content_type, std::string body);
WebhookRequest GetOf(std::string_view event, std::string_view query);

// When the webhooks are received: 2026-01-15 10:00:00 UTC.
inline constexpr absl::Time kTestReceived = absl::FromUnixSeconds(1'768'471'200);

// What is kept of a webhook.
webhooks::v1::RawWebhook RawOf(const WebhookRequest& request);

}  // namespace trunkline::providers::exotel
