// What businesses ask of checks. Nothing here compares anything: checks are written down for the owner of the account.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "libs/tracking/registry.h"
#include "trunkline/tracking/v1/consistency_service.pb.h"

namespace trunkline::tracking_sync {

class CheckRequests {
 public:
  struct Options {
    absl::Duration grace = absl::Minutes(10);
    int most_open = 10;  // checks of an account that are not over
  };
  // All of them outlive the object. The pool acts for one business at a time.
  CheckRequests(postgres::Pool& pool, const tracking::Registry& platforms, const Clock& clock, Options options)
      : pool_(pool), platforms_(platforms), clock_(clock), options_(options) {}

  absl::StatusOr<tracking::v1::Check> Start(const rpc::Caller& caller, const tracking::v1::StartCheckRequest& request);
  absl::StatusOr<tracking::v1::Check> Get(std::string_view business_id, std::string_view check_id);
  absl::StatusOr<tracking::v1::ListChecksResponse> List(std::string_view business_id,
                                                        const tracking::v1::ListChecksRequest& request);
  absl::StatusOr<tracking::v1::Check> Cancel(const rpc::Caller& caller, std::string_view check_id);
  absl::StatusOr<tracking::v1::ListFindingsResponse> ListFindings(std::string_view business_id,
                                                                  const tracking::v1::ListFindingsRequest& request);

 private:
  postgres::Pool& pool_;
  const tracking::Registry& platforms_;
  const Clock& clock_;
  const Options options_;
};

}  // namespace trunkline::tracking_sync
