// An account and hand-made webhooks for the tests; tests/support/webhook_samples.h has those of testdata.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/providers/provider.h"
#include "tests/support/webhook_samples.h"

namespace trunkline::providers::plivo {

inline constexpr char kTestAccount[] = "0190b2c3-0000-7000-8000-000000000001";
inline constexpr char kTestCall[] = "0190b2c3-0000-7000-8000-000000000002";
inline constexpr char kTestUuid[] = "5ca1ab1e-0000-4000-8000-000000000001";
inline constexpr const char* kTestBase = testing_support::kWebhookBase;

// The account whose token signed the samples.
Account TestAccount();

// A POST of a form to the webhook URL of an event; `query` begins with '?' or is empty.
WebhookRequest PostOf(std::string_view event, std::string_view query, const Form& form);

// When the webhooks are received: 2026-03-03 10:00:00 UTC.
inline constexpr absl::Time kTestReceived = absl::FromUnixSeconds(1'772'532'000);

// What is kept of a webhook.
webhooks::v1::RawWebhook RawOf(const WebhookRequest& request);

}  // namespace trunkline::providers::plivo
