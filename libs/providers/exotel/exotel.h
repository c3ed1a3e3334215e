// Exotel as a provider: calls over its v1 API, bulk dialling over its v2 campaigns.
//
// Settings of an account
//   account_sid             required; the element of the API's paths
//   cluster                 "singapore" (default) or "mumbai": which hosts the account lives on
//   subdomain               a host of the API beside those of the clusters, such as api.in.exotel.com
//   api_url                 base of the API, instead of cluster and subdomain. http only to the machine itself.
//   caller_id               the ExoPhone shown when a call is asked for without one
//   caller_id_format        "national" (default: 08047190000) or "e164": how ExoPhones are written for Exotel
//   agent_number            the number that is dialled first and connected to the called one; without it, calls go to
//                           the flow
//   app_id or flow_url      the flow that calls go to, and that campaigns play
//   bulk_upload             "csv" (default): many numbers as an uploaded list; "inline": as numbers of the campaign, at
//                           most 5,000
//   upload_wait_seconds     60: how long the processing of an uploaded list is waited for
//   time_zone               "+05:30" (default): Exotel writes times without one
//   country_prefix          "91" (default): of numbers written nationally
//   currency                "INR" (default): prices come without one
//   webhook_authentication  "token" (default), "basic" or "token_and_basic"
//   replay_window_hours     24: webhooks whose time is farther off than that are refused; 0 accepts any
//   tenant_id               the number of the account in webhooks of applets; checked where both are given
//   recording_hosts         suffixes of hosts of recordings beside exotel.com and Exotel's buckets, by comma
//
// Credentials
//   api_key, api_token                  required: HTTP Basic of the API
//   webhook_token                       the secret in webhook URLs: at least 22 characters of letters, digits, - and _
//   webhook_token_secondary             accepted too, while the secret is being changed
//   webhook_username, webhook_password  of HTTP Basic on webhooks
#pragma once

#include <memory>

#include "libs/providers/provider.h"

namespace trunkline::providers::exotel {

std::unique_ptr<Provider> MakeProvider(const ProviderOptions& options);

}  // namespace trunkline::providers::exotel
