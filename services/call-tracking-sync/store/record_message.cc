#include "services/call-tracking-sync/store/record_message.h"

#include "libs/base/ids.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/account_settings.h"
#include "libs/tracking/apply_mode.h"
#include "libs/tracking/call_events.h"

namespace trunkline::tracking_sync {

webhooks::v1::RawWebhook MessageOf(const tracking::Account& account, const tracking::PlatformCall& call,
                                   webhooks::v1::RecordReason reason, int64_t reading, absl::Time now) {
  webhooks::v1::RawWebhook raw;
  raw.set_webhook_id(NewUuid(now));
  raw.set_provider(account.provider);
  raw.set_provider_account_id(account.id);
  raw.set_business_id(account.business_id);
  raw.set_call_id(tracking::CallPlace{account.provider, account.id}.CallIdOf(call.call.external_id));
  raw.set_event("record");
  *raw.mutable_received_at() = telephony::ToProto(now);
  raw.set_currency(account.Setting(tracking::kCurrency));
  webhooks::v1::PlatformRecord* record = raw.mutable_record();
  record->set_body(call.body);
  *record->mutable_requested_at() = telephony::ToProto(call.requested_at);
  record->set_reading(reading);
  record->set_reason(reason);
  tracking::ApplyTo(account, &raw);
  return raw;
}

}  // namespace trunkline::tracking_sync
