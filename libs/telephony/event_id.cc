#include "libs/telephony/event_id.h"

#include "libs/base/ids.h"
#include "libs/base/text.h"

namespace trunkline::telephony {

std::string EventIdOf(std::string_view provider_account_id, std::string_view kind,
                      std::initializer_list<std::string_view> parts) {
  // Each part with its length, so that no two lists of parts read the same.
  std::string name = Concat(provider_account_id, '\0', kind);
  for (const std::string_view part : parts) name += Concat('\0', part.size(), ':', part);
  return UuidOfName("event", name);
}

std::string CallIdOf(std::string_view provider_account_id, std::string_view external_call_id) {
  return UuidOfName("call", Concat(provider_account_id, '\0', external_call_id));
}

std::string CallIdOfBulk(std::string_view bulk_id, std::string_view to) {
  return UuidOfName("bulk", Concat(bulk_id, '\0', to));
}

}  // namespace trunkline::telephony
