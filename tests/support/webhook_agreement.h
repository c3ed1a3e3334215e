// For fuzzers of adapters: bytes as a webhook, through a provider's receiver and mapper as production would send it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "libs/providers/account.h"
#include "libs/providers/webhook_mapper.h"
#include "libs/providers/webhook_receiver.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::providers {

// The first byte picks the event and the method; the first line is the query, the rest the body. `bytes` has one byte
// at least. Headers are the fuzzer's.
WebhookRequest ReadFuzzedRequest(std::string_view provider, std::span<const std::string_view> events,
                                 std::string_view bytes);

// Ends the process unless receiver and mapper agree on whether the request is a webhook, and on its call.
void RequireAgreement(const WebhookReceiver& receiver, const WebhookMapper& mapper, const WebhookRequest& request,
                      const Account& account);

// Ends the process unless all events are of this call, and can go over the wire and into the database.
void RequireSound(const std::vector<events::v1::CallEvent>& events, std::string_view call_id);

void Require(bool holds);

}  // namespace trunkline::providers
