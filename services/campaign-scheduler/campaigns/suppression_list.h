// The do-not-call lists of a business and of its campaigns. The deployment's own list is not seen here.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "trunkline/campaigns/v1/suppression_service.pb.h"

namespace trunkline::scheduler {

class SuppressionList {
 public:
  // Both outlive the object.
  SuppressionList(postgres::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

  absl::StatusOr<campaigns::v1::AddSuppressionsResponse> Add(const rpc::Caller& caller,
                                                             const campaigns::v1::AddSuppressionsRequest& request);
  absl::StatusOr<campaigns::v1::RemoveSuppressionsResponse> Remove(
      const rpc::Caller& caller, const campaigns::v1::RemoveSuppressionsRequest& request);
  absl::StatusOr<campaigns::v1::ListSuppressionsResponse> List(std::string_view business_id,
                                                               const campaigns::v1::ListSuppressionsRequest& request);

 private:
  postgres::Pool& pool_;
  const Clock& clock_;
};

}  // namespace trunkline::scheduler
