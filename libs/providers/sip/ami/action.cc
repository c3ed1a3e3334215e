#include "libs/providers/sip/ami/action.h"

#include <algorithm>

#include "libs/base/text.h"
#include "libs/providers/sip/ami/rules.h"

namespace trunkline::providers::sip::ami {
namespace {

// Below the server's own limits of 1024 bytes and 128 lines.
constexpr size_t kLongestLine = 1000;
constexpr size_t kMostLines = 100;

bool IsName(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

template <int64_t kSmallest, int64_t kLargest>
bool IsIntIn(std::string_view text) {
  const auto number = ParseInt(text);
  return number.has_value() && *number >= kSmallest && *number <= kLargest;
}

bool IsUser(std::string_view text) { return !text.empty() && text.size() <= 80 && IsPlainText(text); }
bool IsDigest(std::string_view text) {
  return text.size() == 32 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}
bool IsEventMask(std::string_view text) {
  return !text.empty() && text.size() <= 200 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == ','; });
}
bool IsBool(std::string_view text) { return text == "true" || text == "false"; }
bool IsSwitch(std::string_view text) { return text == "0" || text == "1"; }
bool IsMd5(std::string_view text) { return text == "MD5"; }
bool IsTone(std::string_view text) { return text == "no"; }
// "b": only while bridged. i(...): the answer tells the recording's id.
bool IsRecordingOptions(std::string_view text) { return text == "i(TRUNKLINE_MIXMONITOR)"; }
bool IsMixMonitorId(std::string_view text) {
  return text.size() > 2 && text.size() <= 20 && text.starts_with("0x") &&
         text.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos;
}
bool IsMuteDirection(std::string_view text) { return text == "read" || text == "write" || text == "both"; }

using Rule = bool (*)(std::string_view);

struct FieldRule {
  std::string_view action;  // empty: every action that has no rule of its own for the key
  std::string_view key;
  Rule rule;
};

constexpr FieldRule kRules[] = {
    {"Originate", "Channel", IsDialString},
    {"Originate", "Variable", IsAssignment},
    {"Setvar", "Variable", IsVariableName},
    {"Park", "Timeout", IsIntIn<1000, 86'400'000>},
    {"", "AuthType", IsMd5},
    {"", "Username", IsUser},
    {"", "Key", IsDigest},
    {"", "Events", IsEventMask},
    {"", "EventMask", IsEventMask},
    {"", "Channel", IsChannelName},
    {"", "ExtraChannel", IsChannelName},
    {"", "Channel1", IsChannelName},
    {"", "Channel2", IsChannelName},
    {"", "TimeoutChannel", IsChannelName},
    {"", "Context", IsContext},
    {"", "ExtraContext", IsContext},
    {"", "Exten", IsExtension},
    {"", "ExtraExten", IsExtension},
    {"", "Priority", IsPriority},
    {"", "ExtraPriority", IsPriority},
    {"", "Timeout", IsIntIn<1000, 300'000>},
    {"", "CallerID", IsCallerId},
    {"", "Async", IsBool},
    {"", "ChannelId", IsChannelId},
    {"", "OtherChannelId", IsChannelId},
    {"", "Cause", IsIntIn<0, 127>},
    {"", "Tone", IsTone},
    {"", "Parkinglot", IsContext},
    {"", "File", IsRecordingFile},
    {"", "Options", IsRecordingOptions},
    {"", "MixMonitorID", IsMixMonitorId},
    {"", "Direction", IsMuteDirection},
    {"", "State", IsSwitch},
    {"", "Digit", IsDtmfDigit},
    {"", "Duration", IsIntIn<40, 5000>},
    {"", "Value", IsVariableValue},
};

Rule FindRule(std::string_view action, std::string_view key) {
  for (const FieldRule& rule : kRules) {
    if (rule.key == key && (rule.action.empty() || rule.action == action)) return rule.rule;
  }
  return nullptr;
}

}  // namespace

Action& Action::Add(std::string_view key, std::string_view value) {
  fields_.emplace_back(key, value);
  return *this;
}

absl::StatusOr<std::string> Action::Render(std::string_view action_id) const {
  if (!IsName(name_)) return absl::InvalidArgumentError("the action's name is not valid");
  if (!IsActionId(action_id)) return absl::InvalidArgumentError("the ActionID is not valid");
  if (fields_.size() + 2 > kMostLines) return absl::InvalidArgumentError("the action has too many lines");
  std::string bytes = Concat("Action: ", name_, "\r\nActionID: ", action_id, "\r\n");
  for (const auto& [key, value] : fields_) {
    const Rule rule = FindRule(name_, key);
    if (rule == nullptr) return absl::InvalidArgumentError(ToAbsl(Concat(name_, " has no field that may be set so")));
    const std::string line = Concat(key, ": ", value);
    if (!IsPlainText(line) || line.size() > kLongestLine || !rule(value)) {
      return absl::InvalidArgumentError(ToAbsl(Concat(key, " of ", name_, " has a value that may not be sent")));
    }
    bytes += Concat(line, "\r\n");
  }
  return bytes + "\r\n";
}

}  // namespace trunkline::providers::sip::ami
