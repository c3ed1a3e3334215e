#include "libs/providers/twilio/controls.h"

#include <algorithm>

#include "libs/providers/provider_status.h"
#include "libs/providers/twilio/markup.h"
#include "libs/providers/twilio/webhook_urls.h"

namespace trunkline::providers::twilio {
namespace {

constexpr size_t kLongestTwiml = 4000;

// UTF-8 characters: all bytes but those that continue one.
size_t CharactersIn(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

Controls::Controls(const ProviderOptions& options, RestApi& api)
    : CallControls(kProviderName), options_(options), api_(api) {}

absl::StatusOr<Controlled> Controls::Update(const Account& account, const LiveCall& call,
                                            const plans::v1::CallPlan& plan) {
  const std::string twiml = RenderTwiml(plan, {options_.public_url, account.id, call.call_id});
  if (CharactersIn(twiml) > kLongestTwiml) {
    return absl::FailedPreconditionError(
        "twilio: the plan is too long for a live call; give the later verbs a step of their own");
  }
  const absl::StatusOr<RestAnswer> answer =
      api_.Post(account, CallUrl(account, call.external_call_id), {{"Twiml", twiml}});
  if (!answer.ok()) return StatusOfNoAnswer(kProviderName, answer.status());
  if (!answer->IsSuccess()) return StatusOf(*answer);
  return Controlled{};
}

}  // namespace trunkline::providers::twilio
