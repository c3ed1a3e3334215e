#include "libs/providers/mock/mapper.h"

#include <google/protobuf/util/json_util.h>

#include <utility>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/providers/mock/account_settings.h"
#include "libs/telephony/event_id.h"

namespace trunkline::providers::mock {

absl::StatusOr<std::vector<events::v1::CallEvent>> Mapper::Map(const webhooks::v1::RawWebhook& raw) const {
  // A question for a plan tells nothing that the link does not.
  if (raw.has_http()) return std::vector<events::v1::CallEvent>();
  if (!raw.has_link()) return absl::InvalidArgumentError("the message comes from no link");
  events::v1::CallEvent event;
  if (!google::protobuf::util::JsonStringToMessage(raw.link().body(), &event).ok()) {
    return absl::InvalidArgumentError("the message is no call event");
  }
  const std::string& external_call_id = event.details().external_call_id();
  if (!IsUuid(event.call_id()) || external_call_id.empty() || event.sequence() <= 0 ||
      event.type() == events::v1::CALL_EVENT_TYPE_UNSPECIFIED || !event.has_occurred_at()) {
    return absl::InvalidArgumentError("the message is an incomplete call event");
  }
  event.set_event_id(
      telephony::EventIdOf(raw.provider_account_id(), "mock", {external_call_id, Concat(event.sequence())}));
  event.clear_business_id();
  event.clear_received_at();
  event.clear_raw();
  event.clear_call();
  event.clear_mapping_version();
  event.set_source(events::v1::EVENT_SOURCE_PROVIDER);
  event.mutable_details()->set_provider(std::string(kProviderName));
  event.mutable_details()->set_provider_account_id(raw.provider_account_id());
  return std::vector{std::move(event)};
}

}  // namespace trunkline::providers::mock
