#include "libs/providers/exotel/applet_reply.h"

#include <algorithm>
#include <string>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/providers/exotel/webhook.h"

namespace trunkline::providers::exotel {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kUsualRing = 30;
constexpr int64_t kLongestAppletRing = 300;
constexpr int64_t kLongestTalk = 14'400;
constexpr int64_t kUsualInputTimeout = 5;
constexpr int64_t kLongestInputTimeout = 60;
constexpr int kMostKeys = 255;

HttpReply ReplyWithJson(const Json& json) {
  return {.status = 200, .content_type = "application/json", .body = WriteJson(json)};
}

Json PromptOf(const google::protobuf::RepeatedPtrField<plans::v1::Verb>& verbs) {
  std::string text;
  for (const plans::v1::Verb& verb : verbs) {
    // A prompt is one file or one text; the first file counts when nothing is said before it.
    if (verb.has_play() && !verb.play().url().empty() && text.empty()) return {{"audio_url", verb.play().url()}};
    if (verb.has_say()) text += Concat(text.empty() ? "" : " ", verb.say().text());
  }
  return {{"text", text}};
}

HttpReply ReplyToConnect(const plans::v1::CallPlan& plan) {
  Json numbers = Json::array();
  Json reply = {{"fetch_after_attempt", false}};
  const auto verb = std::find_if(plan.verbs().begin(), plan.verbs().end(), [](const auto& v) { return v.has_dial(); });
  if (verb == plan.verbs().end()) {
    reply["destination"] = {{"numbers", numbers}};
    return ReplyWithJson(reply);
  }
  const plans::v1::Dial& dial = verb->dial();
  for (const std::string& target : dial.targets()) {
    if (!target.starts_with("client:")) numbers.push_back(target);
  }
  reply["destination"] = {{"numbers", numbers}};
  if (!dial.caller_id().empty()) reply["outgoing_phone_number"] = dial.caller_id();
  if (dial.record()) {
    reply["record"] = true;
    reply["recording_channels"] = "dual";
  }
  const int64_t ring = dial.has_ring_timeout() ? dial.ring_timeout().seconds() : kUsualRing;
  reply["max_ringing_duration"] = std::clamp<int64_t>(ring, 1, kLongestAppletRing);
  if (dial.has_time_limit()) {
    reply["max_conversation_duration"] = std::clamp<int64_t>(dial.time_limit().seconds(), 1, kLongestTalk);
  }
  return ReplyWithJson(reply);
}

HttpReply ReplyToGreeting(const plans::v1::CallPlan& plan) {
  std::string text;
  for (const plans::v1::Verb& verb : plan.verbs()) {
    if (!verb.has_say() && !verb.has_pause()) break;
    if (verb.has_say()) text += Concat(text.empty() ? "" : " ", verb.say().text());
  }
  return {.status = 200, .content_type = "text/plain; charset=utf-8", .body = std::move(text)};
}

HttpReply ReplyToGather(const plans::v1::CallPlan& plan) {
  const auto verb =
      std::find_if(plan.verbs().begin(), plan.verbs().end(), [](const auto& v) { return v.has_gather(); });
  if (verb == plan.verbs().end()) return ReplyWithJson({{"gather_prompt", {{"text", ""}}}, {"max_input_digits", 1}});
  const plans::v1::Gather& gather = verb->gather();
  Json reply = {{"gather_prompt", PromptOf(gather.prompts())}};
  reply["max_input_digits"] = gather.max_digits() > 0 ? std::min(gather.max_digits(), kMostKeys) : kMostKeys;
  if (gather.finish_on_key() != "none") {
    reply["finish_on_key"] = gather.finish_on_key().empty() ? "#" : gather.finish_on_key();
  }
  const int64_t timeout = gather.has_timeout() ? gather.timeout().seconds() : kUsualInputTimeout;
  reply["input_timeout"] = std::clamp<int64_t>(timeout, 1, kLongestInputTimeout);
  return ReplyWithJson(reply);
}

bool GoesOn(const plans::v1::CallPlan& plan) {
  return !plan.verbs().empty() && !plan.verbs(0).has_hangup() && !plan.verbs(0).has_reject();
}

}  // namespace

HttpReply ReplyToApplet(std::string_view event, const plans::v1::CallPlan& plan) {
  if (event == kConnectEvent) return ReplyToConnect(plan);
  if (event == kGreetingEvent) return ReplyToGreeting(plan);
  if (event == kGatherEvent) return ReplyToGather(plan);
  if (event == kBranchEvent && !GoesOn(plan)) return {.status = 302, .content_type = {}, .body = {}};
  return {};
}

}  // namespace trunkline::providers::exotel
