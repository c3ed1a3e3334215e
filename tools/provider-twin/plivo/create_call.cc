#include "tools/provider-twin/plivo/create_call.h"

#include <algorithm>
#include <set>

#include "libs/base/text.h"
#include "tools/provider-twin/connection_overrides.h"
#include "tools/provider-twin/plivo/wire_format.h"

namespace trunkline::twin::plivo {
namespace {

constexpr size_t kLargestBulk = 1000;

absl::Duration SecondsIn(const nlohmann::json& body, const char* name, absl::Duration fallback) {
  const auto seconds = ParseInt(JsonText(body, name));
  return seconds && *seconds > 0 ? absl::Seconds(*seconds) : fallback;
}

}  // namespace

std::string JsonText(const nlohmann::json& object, const char* name) {
  const auto member = object.is_object() ? object.find(name) : object.end();
  if (!object.is_object() || member == object.end()) return {};
  if (member->is_string()) return member->get<std::string>();
  return member->is_primitive() && !member->is_null() ? member->dump() : std::string();
}

Target TargetIn(const nlohmann::json& object, const char* url, const char* method) {
  Target target{JsonText(object, url), JsonText(object, method)};
  if (target.method != "GET") target.method = "POST";
  return target;
}

std::variant<std::vector<CallPtr>, std::string> ReadCreateCalls(const nlohmann::json& body, const Account& account) {
  const std::string from = StoredNumber(JsonText(body, "from"));
  const std::string to = JsonText(body, "to");
  if (from.empty()) return "from parameter is required";
  if (to.empty()) return "to parameter is required";
  if (!account.numbers.empty() && !account.numbers.contains(from)) return "from is not a number of this account";
  Call pattern;
  pattern.auth_id = account.auth_id;
  pattern.from = from;
  pattern.answer = TargetIn(body, "answer_url", "answer_method");
  pattern.fallback = TargetIn(body, "fallback_url", "fallback_method");
  pattern.ring = TargetIn(body, "ring_url", "ring_method");
  pattern.hangup = TargetIn(body, "hangup_url", "hangup_method");
  pattern.machine_detection = TargetIn(body, "machine_detection_url", "machine_detection_method");
  const std::string detection = JsonText(body, "machine_detection");
  pattern.detect_machine = detection == "true" || detection == "hangup";
  pattern.hangup_on_machine = detection == "hangup";
  pattern.ring_timeout = SecondsIn(body, "ring_timeout", pattern.ring_timeout);
  pattern.time_limit = SecondsIn(body, "time_limit", pattern.time_limit);
  if (!IsUrl(WithoutFragment(pattern.answer.url))) return "answer_url is not a valid url";
  for (const Target* target : {&pattern.fallback, &pattern.ring, &pattern.hangup, &pattern.machine_detection}) {
    if (!target->empty() && !IsUrl(WithoutFragment(target->url))) return "a callback url is not a valid url";
  }
  // As an account without a hangup_url really has it.
  if (pattern.hangup.empty()) pattern.hangup = pattern.answer;

  std::vector<CallPtr> calls;
  std::set<std::string> seen;
  for (const std::string_view piece : Split(to, '<')) {
    auto call = std::make_shared<Call>(pattern);
    call->to = StoredNumber(Trim(piece));
    if (!IsDialable(call->to)) return Concat("to is not a valid phone number: ", piece);
    if (!seen.insert(call->to).second) continue;
    calls.push_back(std::move(call));
  }
  if (calls.size() > kLargestBulk) return "to has too many destinations";
  return calls;
}

}  // namespace trunkline::twin::plivo
