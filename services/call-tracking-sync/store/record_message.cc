#include "services/call-tracking-sync/store/record_message.h"

#include <string>
#include <utility>

#include "libs/base/ids.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/account_settings.h"
#include "libs/tracking/apply_mode.h"
#include "libs/tracking/call_events.h"

namespace trunkline::tracking_sync {

namespace {

webhooks::v1::RawWebhook MessageAbout(const tracking::Account& account, std::string call_id, std::string_view word,
                                      absl::Time now) {
  webhooks::v1::RawWebhook raw;
  raw.set_webhook_id(NewUuid(now));
  raw.set_provider(account.provider);
  raw.set_provider_account_id(account.id);
  raw.set_business_id(account.business_id);
  raw.set_call_id(std::move(call_id));
  raw.set_event(std::string(word));
  *raw.mutable_received_at() = telephony::ToProto(now);
  tracking::ApplyTo(account, &raw);
  return raw;
}

}  // namespace

webhooks::v1::RawWebhook MessageOf(const tracking::Account& account, const tracking::PlatformCall& call,
                                   webhooks::v1::RecordReason reason, int64_t reading, absl::Time now) {
  webhooks::v1::RawWebhook raw = MessageAbout(
      account, tracking::CallPlace{account.provider, account.id}.CallIdOf(call.call.external_id), "record", now);
  raw.set_currency(account.Setting(tracking::kCurrency));
  webhooks::v1::PlatformRecord* record = raw.mutable_record();
  record->set_body(call.body);
  *record->mutable_requested_at() = telephony::ToProto(call.requested_at);
  record->set_reading(reading);
  record->set_reason(reason);
  return raw;
}

webhooks::v1::RawWebhook MessageOf(const tracking::Account& account, const events::v1::CallEvent& fact,
                                   std::string_view word, absl::Time now) {
  webhooks::v1::RawWebhook raw = MessageAbout(account, fact.call_id(), word, now);
  *raw.mutable_fact() = fact;
  return raw;
}

}  // namespace trunkline::tracking_sync
