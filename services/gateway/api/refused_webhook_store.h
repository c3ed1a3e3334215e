// The audit of refused webhooks.
#pragma once

#include "absl/status/status.h"
#include "libs/postgres/pool.h"
#include "trunkline/audit/v1/refused_webhook_service.pb.h"

namespace trunkline::gateway {

class RefusedWebhookStore {
 public:
  // The pool acts across businesses and outlives the object.
  explicit RefusedWebhookStore(postgres::Pool& pool) : pool_(pool) {}

  // Writes at most 1,000; a webhook that was written before is left as it is. INVALID_ARGUMENT for more, or for ids
  // that are none.
  absl::Status Record(const audit::v1::RecordRefusedWebhooksRequest& request);

 private:
  postgres::Pool& pool_;
};

}  // namespace trunkline::gateway
