// What businesses ask of tracking numbers. Nothing here asks a platform: orders and releases are written down for the
// owner of the account.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "libs/tracking/registry.h"
#include "services/call-tracking-sync/work/read_cache.h"
#include "trunkline/tracking/v1/tracking_number_service.pb.h"

namespace trunkline::tracking_sync {

class NumberRequests {
 public:
  struct Options {
    int most_orders_a_day = 50;  // of an account: numbers cost money
    absl::Duration idle_before_release = absl::Hours(24);
  };
  // The numbers that were asked for lately. Whoever listens on the channel of numbers has it forget them all when one
  // changed, anywhere.
  using Memory = ReadCache<tracking::v1::GetTrackingNumberResponse>;

  // All of them outlive the object. The pool acts for one business at a time.
  NumberRequests(postgres::Pool& pool, const tracking::Registry& platforms, Memory& memory, const Clock& clock,
                 Options options)
      : pool_(pool), platforms_(platforms), memory_(memory), clock_(clock), options_(options) {}

  // At each account that has or had it; from memory, else from the database. NOT_FOUND TRACKING_NUMBER_NOT_FOUND.
  absl::StatusOr<tracking::v1::GetTrackingNumberResponse> Get(std::string_view business_id, std::string_view number);

  absl::StatusOr<tracking::v1::ListTrackingNumbersResponse> List(
      std::string_view business_id, const tracking::v1::ListTrackingNumbersRequest& request);
  // Writes the order down, or finds it.
  absl::StatusOr<tracking::v1::NumberOrder> Order(const rpc::Caller& caller,
                                                  const tracking::v1::OrderTrackingNumberRequest& request);
  absl::StatusOr<tracking::v1::NumberOrder> GetOrder(std::string_view business_id, std::string_view request_id);
  absl::StatusOr<tracking::v1::NumberOrder> SettleOrder(const rpc::Caller& caller,
                                                        const tracking::v1::SettleNumberOrderRequest& request);
  absl::StatusOr<tracking::v1::TrackedNumber> Release(const rpc::Caller& caller,
                                                      const tracking::v1::ReleaseTrackingNumberRequest& request);
  absl::Status Reconcile(std::string_view business_id, const tracking::v1::ReconcileTrackingNumbersRequest& request);

 private:
  postgres::Pool& pool_;
  const tracking::Registry& platforms_;
  Memory& memory_;
  const Clock& clock_;
  const Options options_;
};

// Whether an order has come to its end, or waits for a person.
bool IsSettled(const tracking::v1::NumberOrder& order);

}  // namespace trunkline::tracking_sync
