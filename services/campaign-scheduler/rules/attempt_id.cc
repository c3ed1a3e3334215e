#include "services/campaign-scheduler/rules/attempt_id.h"

#include "libs/base/ids.h"
#include "libs/base/text.h"

namespace trunkline::scheduler {

std::string AttemptIdOf(std::string_view contact_id, int number) {
  return UuidOfName("attempt", Concat(contact_id, "/", number));
}

}  // namespace trunkline::scheduler
