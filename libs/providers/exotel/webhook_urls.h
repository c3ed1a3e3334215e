// The webhook URLs that Exotel is given.
//
//   {public_url}/telephony/webhook/exotel/{event}?account=...[&call=...|&bulk=...][&zone=...][&prefix=...]&token=SECRET
//
// With webhook_authentication "basic", user name and password stand in front of the host, which is how Exotel takes
// them.
#pragma once

#include <string>
#include <string_view>

#include "libs/providers/account.h"

namespace trunkline::providers::exotel {

// What stands for the secret in URLs that are shown.
inline constexpr std::string_view kTokenPlaceholder = "{webhook_token}";

std::string CallWebhookUrl(std::string_view public_url, const Account& account, std::string_view event,
                           std::string_view call_id);
std::string BulkWebhookUrl(std::string_view public_url, const Account& account, std::string_view event,
                           std::string_view bulk_id);
// To enter at Exotel, with the placeholder in place of the secret.
std::string UrlToEnter(std::string_view public_url, std::string_view account_id, std::string_view event);

// The URL without the secret, everything else as it stands.
std::string WithoutToken(std::string_view url);

}  // namespace trunkline::providers::exotel
