#include "libs/providers/sip/pbx_webhook.h"

#include <cmath>
#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/text.h"

namespace trunkline::providers::sip {
namespace {

constexpr size_t kMostFields = 100;
constexpr size_t kLongestValue = 4096;
constexpr size_t kLongestCallId = 200;
// Whole seconds since 1970 are smaller than this until the year 5138, and milliseconds larger since 1973.
constexpr double kFirstMilliseconds = 1e11;
constexpr double kLastMilliseconds = 1e14;

// The contract has none within its object.
constexpr int kDeepestWebhook = 8;

std::optional<std::map<std::string, std::string, std::less<>>> FieldsOfJson(std::string_view body) {
  const auto json = ParseJson(body, kDeepestWebhook);
  if (!json.is_object()) return std::nullopt;
  std::map<std::string, std::string, std::less<>> fields;
  for (const auto& [name, value] : json.items()) {
    if (value.is_string()) {
      fields[Lower(name)] = value.get<std::string>();
    } else if (value.is_number()) {
      fields[Lower(name)] = WriteJson(value);
    }
  }
  return fields;
}

}  // namespace

absl::StatusOr<PbxWebhook> PbxWebhook::Read(std::string_view content_type, std::string_view body) {
  const std::string media_type = Lower(Trim(content_type.substr(0, content_type.find(';'))));
  PbxWebhook webhook;
  if (media_type == "application/json" || media_type.ends_with("+json")) {
    auto fields = FieldsOfJson(body);
    if (!fields.has_value()) return absl::InvalidArgumentError("the body is no JSON object");
    webhook.fields_ = *std::move(fields);
  } else {
    for (auto& [name, value] : ParseForm(body)) webhook.fields_.try_emplace(Lower(name), std::move(value));
  }
  if (webhook.fields_.size() > kMostFields) return absl::InvalidArgumentError("the webhook has too many fields");
  for (auto& [name, value] : webhook.fields_) {
    if (value.size() > kLongestValue) return absl::InvalidArgumentError("a field of the webhook is too long");
    value = ToStorableText(Trim(value));
  }
  if (webhook.event().empty()) return absl::InvalidArgumentError("the webhook names no event");
  const size_t length = webhook.external_call_id().size();
  if (length == 0 || length > kLongestCallId) return absl::InvalidArgumentError("the webhook names no call");
  return webhook;
}

std::string_view PbxWebhook::Get(std::string_view name) const {
  const auto found = fields_.find(name);
  return found == fields_.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view PbxWebhook::FirstOf(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names) {
    if (const std::string_view value = Get(name); !value.empty()) return value;
  }
  return {};
}

std::optional<int64_t> PbxWebhook::Number(std::string_view name, int64_t largest) const {
  const auto number = ParseInt(Get(name));
  return number.has_value() && *number >= 0 && *number <= largest ? number : std::nullopt;
}

std::string_view PbxWebhook::external_call_id() const {
  return FirstOf({"call_id", "linkedid", "uniqueid", "channel"});
}
std::string_view PbxWebhook::caller() const { return FirstOf({"caller_id", "callerid", "caller", "from"}); }
std::string_view PbxWebhook::destination() const { return FirstOf({"destination", "dest", "did", "to", "exten"}); }

calls::v1::CallDirection PbxWebhook::direction() const {
  const std::string word = Lower(Get("direction"));
  if (word == "inbound") return calls::v1::CALL_DIRECTION_INBOUND;
  if (word == "outbound") return calls::v1::CALL_DIRECTION_OUTBOUND;
  return calls::v1::CALL_DIRECTION_UNSPECIFIED;
}

std::optional<absl::Time> PbxWebhook::time() const {
  const std::string_view text = Get("timestamp");
  if (const auto number = ParseDouble(text); number.has_value()) {
    if (*number <= 0 || *number >= kLastMilliseconds) return std::nullopt;
    const double seconds = *number >= kFirstMilliseconds ? *number / 1000 : *number;
    return absl::FromUnixMicros(std::llround(seconds * 1e6));
  }
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, &error)) return std::nullopt;
  const bool plausible = time > absl::UnixEpoch() && time < absl::FromUnixSeconds(100'000'000'000);
  return plausible ? std::optional(time) : std::nullopt;
}

}  // namespace trunkline::providers::sip
