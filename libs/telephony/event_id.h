// Ids that follow from a provider's own data, so that the same webhook always gives the same ids.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace trunkline::telephony {

// The id of an event: of the provider account, what kind of fact it is, and the parts that tell this fact from every
// other one of its kind. No part may change between two deliveries of the same webhook.
std::string EventIdOf(std::string_view provider_account_id, std::string_view kind,
                      std::initializer_list<std::string_view> parts);

// The id of a call that Trunkline did not place: of the provider account and the provider's id.
std::string CallIdOf(std::string_view provider_account_id, std::string_view external_call_id);

// The id of a call that Trunkline placed with many others by one request: of the bulk and the dialled number, E.164.
std::string CallIdOfBulk(std::string_view bulk_id, std::string_view to);

}  // namespace trunkline::telephony
