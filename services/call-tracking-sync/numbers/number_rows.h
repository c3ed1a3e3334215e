// The tables of tracking numbers and their orders, as messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "libs/tracking/platform_client.h"
#include "services/call-tracking-sync/numbers/number_settlement.h"
#include "trunkline/tracking/v1/tracking_number_service.pb.h"

namespace trunkline::tracking_sync {

// For NumberOfRow: columns of tracking_numbers, and of nothing else.
std::string NumberColumns();
tracking::v1::TrackedNumber NumberOfRow(const postgres::Result& rows, int row);

// For OrderOfRow: columns of tracking_number_orders o, with its number.
std::string OrderColumns();
tracking::v1::NumberOrder OrderOfRow(const postgres::Result& rows, int row);
// An order of a business; NOT_FOUND NUMBER_ORDER_NOT_FOUND.
absl::StatusOr<tracking::v1::NumberOrder> ReadOrder(postgres::Transaction& tx, std::string_view business_id,
                                                    std::string_view request_id);

// Enters a number of a platform's list, or of its answer to an order; a number that was gone is new again.
absl::Status PutNumber(postgres::Transaction& tx, const tracking::Account& account,
                       const tracking::TrackingNumber& number, bool is_managed, absl::Time now);
// Enters the whole list: what is not in it any more is released.
absl::Status PutList(postgres::Transaction& tx, const tracking::Account& account,
                     const std::vector<tracking::TrackingNumber>& numbers, absl::Time now);
// The numbers of the account that were in the list of `listed_at`, each with the time since when it is known.
absl::StatusOr<std::vector<ListedNumber>> ReadList(postgres::Transaction& tx, std::string_view account_id,
                                                   absl::Time listed_at);

}  // namespace trunkline::tracking_sync
