// Plivo Voice as a provider.
//
// Settings of an account
//   auth_id             MA... or, for a subaccount, SA...; required
//   main_auth_id        of a subaccount: the MA... that its webhooks name as their parent
//   api_url             base of the REST API; https://api.plivo.com by default. http only to the machine itself, for
//                       example to the provider twin.
//   default_region      "US": the country of numbers that are written nationally
//   currency            what the account is billed in, "USD" (default) or "INR": no webhook and no record says it
//   webhook_signatures  schemes that are accepted, joined by commas: "v3" (default), "v2", "v1". v2 does not cover the
//                       body of a webhook, v1 is retired: only for a deployment that receives nothing else.
//
// Credentials
//   auth_token             required: Plivo signs its webhooks with it, and it opens the API
//   auth_token_secondary   accepted for webhooks too, while the token is being rotated
//   main_auth_token        of a subaccount, accepted for webhooks too: its main account's token
#pragma once

#include <memory>

#include "libs/providers/provider.h"

namespace trunkline::providers::plivo {

std::unique_ptr<Provider> MakeProvider(const ProviderOptions& options);

}  // namespace trunkline::providers::plivo
