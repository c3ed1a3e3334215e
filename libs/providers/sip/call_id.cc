#include "libs/providers/sip/call_id.h"

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/telephony/event_id.h"

namespace trunkline::providers::sip {
namespace {

constexpr std::string_view kPrefix = "tlo-";

}  // namespace

std::string CallIdOf(std::string_view account_id, std::string_view external_call_id) {
  if (IsUuid(external_call_id)) return std::string(external_call_id);
  return telephony::CallIdOf(account_id, external_call_id);
}

std::string ActionIdOf(std::string_view call_id) { return Concat(kPrefix, call_id); }

std::string CallIdOfActionId(std::string_view action_id) {
  if (!action_id.starts_with(kPrefix)) return {};
  action_id.remove_prefix(kPrefix.size());
  return IsUuid(action_id) ? std::string(action_id) : std::string();
}

}  // namespace trunkline::providers::sip
