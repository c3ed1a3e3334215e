// How the calls of a business went over its providers and accounts, side by side: CompareProviders.
//
// How calls ended, how long they were and what they cost is counted over all calls of the range, from the index alone
// (migration 0011). Times of webhooks and of the API are measured on the latest calls of each account, so that the
// question costs no more when there are more calls, and the tables of events and requests need no index for it.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "trunkline/providers/v1/provider_service.pb.h"

namespace trunkline::gateway {

class ProviderComparer {
 public:
  // Both outlive the object. The pool acts for one business at a time.
  ProviderComparer(postgres::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

  // See ProviderService.CompareProviders.
  absl::StatusOr<providers::v1::CompareProvidersResponse> Compare(
      std::string_view business_id, const providers::v1::CompareProvidersRequest& request);

 private:
  postgres::Pool& pool_;
  const Clock& clock_;
};

}  // namespace trunkline::gateway
