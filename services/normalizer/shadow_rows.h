// Calls of accounts that are being cut over from another system: merged like all calls, into shadow_calls, beside them.
#pragma once

#include <map>

#include "absl/status/status.h"
#include "libs/base/ids.h"
#include "libs/postgres/connection.h"
#include "services/normalizer/batch_mapper.h"
#include "services/normalizer/call_store.h"

namespace trunkline::normalizer {

// Whether the message is for comparison only: always with `shadow`, and with apply_calls_from when its call began
// before that time. When the message does not tell when its call began, the call must be known already: `is_known` says
// whether it is among the calls that were applied. So an event that was applied once is applied again when its batch
// comes again, whatever was learned meanwhile.
bool IsShadow(const MappedMessage& message, bool is_known);
// False for the messages of accounts that are not being cut over.
bool MayBeShadow(const MappedMessage& message);

class ShadowRows {
 public:
  // The event must live until Write().
  void Add(const events::v1::CallEvent& event);
  // ABORTED when another writer changed one of them.
  absl::Status Write(CallStore& store, postgres::Transaction& tx) const;

 private:
  std::map<UuidNumber, std::vector<const events::v1::CallEvent*>> calls_;
};

}  // namespace trunkline::normalizer
