#include "services/call-tracking-sync/recovery/told_by_webhook.h"

#include "libs/base/text.h"

namespace trunkline::tracking_sync {

std::string ToldByWebhook(std::string_view table) {
  return Concat("coalesce(", table, ".webhook_at >= ", table, ".ended_at - interval '5 seconds', false)");
}

}  // namespace trunkline::tracking_sync
