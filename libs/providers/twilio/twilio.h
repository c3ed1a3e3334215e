// Twilio Programmable Voice as a provider.
//
// Settings of an account
//   account_sid      AC..., required
//   api_url          base of the REST API; https://api.twilio.com unless region or edge say otherwise. http only to the
//                    machine itself, for example to the provider twin.
//   region, edge     "ie1", "dublin": where the API is asked; credentials belong to one region
//   default_region   "US": the country of numbers that are written nationally
//
// Credentials
//   auth_token             required: Twilio signs its webhooks with it, and it opens the API unless there is an API key
//   auth_token_secondary   accepted for webhooks too, while the token is being rotated
//   api_key_sid, api_key_secret   SK... and its secret; both or neither
#pragma once

#include <memory>

#include "libs/providers/provider.h"

namespace trunkline::providers::twilio {

std::unique_ptr<Provider> MakeProvider(const ProviderOptions& options);

}  // namespace trunkline::providers::twilio
