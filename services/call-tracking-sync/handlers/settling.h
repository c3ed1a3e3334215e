// Waits a little for what an account's owner, perhaps another replica, was asked to do.
//
//   const Settling settling(*context, parts_.methods, parts_.notices);
//   TL_ASSIGN_OR_RETURN(NumberOrder order, parts_.numbers.Order(caller, *request));
//   return settling.Await(std::move(order), &IsSettled, [&] { return parts_.numbers.GetOrder(...); });
#pragma once

#include <grpcpp/server_context.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/rpc/method.h"
#include "services/call-tracking-sync/work/notices.h"

namespace trunkline::tracking_sync {

// How long a request may hold its thread while a platform is asked: at most 20 s, and less than its deadline.
absl::Duration PatienceOf(const grpc::ServerContext& context);

class Settling {
 public:
  // Made before something is asked for, so that no notice of it is missed. Both outlive the object.
  Settling(const grpc::ServerContext& context, const rpc::Methods& methods, Notices& notices)
      : methods_(methods), notices_(notices), until_(methods.Now() + PatienceOf(context)), told_(notices.count()) {}

  // `value` is what was read last. Reads again after each notice, and every second without one, until it is settled or
  // patience is over.
  template <typename Value, typename IsSettled, typename Read>
  absl::StatusOr<Value> Await(Value value, const IsSettled& is_settled, const Read& read) const {
    uint64_t told = told_;
    while (!is_settled(value) && methods_.Now() < until_) {
      notices_.WaitPast(told, std::min(until_ - methods_.Now(), absl::Seconds(1)));
      told = notices_.count();
      TL_ASSIGN_OR_RETURN(value, read());
    }
    return value;
  }

 private:
  const rpc::Methods& methods_;
  Notices& notices_;
  const absl::Time until_;
  const uint64_t told_;
};

}  // namespace trunkline::tracking_sync
