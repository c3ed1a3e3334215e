#include "services/concurrency-governor/ledger/slot.h"

#include "libs/base/ids.h"
#include "libs/base/text.h"

namespace trunkline::governor {

std::string SlotIdOf(const std::string& business_id, const std::string& request_id) {
  return UuidOfName("slot", Concat(business_id, '/', request_id));
}

}  // namespace trunkline::governor
