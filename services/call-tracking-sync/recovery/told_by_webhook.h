#pragma once

#include <string>
#include <string_view>

namespace trunkline::tracking_sync {

// SQL: whether a webhook told of the end of a call, where `table` names the row of tracked_records. It did when one
// came at the end of the call, by the platform's clock, or later; what came before told of the call's beginning only.
// Never null.
std::string ToldByWebhook(std::string_view table);

}  // namespace trunkline::tracking_sync
