#include "services/campaign-scheduler/records/index_order.h"

namespace trunkline::scheduler {

absl::Status ReadInIndexOrder(postgres::Transaction& tx) {
  return tx.Execute("SET LOCAL enable_bitmapscan = off").status();
}

}  // namespace trunkline::scheduler
