#include "tools/provider-twin/settings.h"

#include <array>
#include <utility>

#include "libs/base/json.h"
#include "libs/base/text.h"

namespace trunkline::twin {
namespace {

struct NumberSetting {
  std::string_view name;
  double Settings::*member;
  double smallest;
  double largest;
};

constexpr double kDay = 24.0 * 3600 * 1000;
constexpr std::array<NumberSetting, 9> kNumbers = {{
    {"webhook_latency_ms", &Settings::webhook_latency_ms, 0, kDay},
    {"webhook_loss", &Settings::webhook_loss, 0, 1},
    {"webhook_duplication", &Settings::webhook_duplication, 0, 1},
    {"webhook_reorder_ms", &Settings::webhook_reorder_ms, 0, kDay},
    {"rest_latency_ms", &Settings::rest_latency_ms, 0, kDay},
    {"slow_reply_ms", &Settings::slow_reply_ms, 0, kDay},
    {"calls_per_second", &Settings::calls_per_second, 0, 1e6},
    {"requests_per_minute", &Settings::requests_per_minute, 0, 1e9},
    {"time_scale", &Settings::time_scale, 0, 1000},
}};

absl::Status WrongSetting(std::string_view name, std::string_view what) {
  return absl::InvalidArgumentError(Concat(name, " must be ", what));
}

absl::Status Change(Settings& settings, const std::string& name, const nlohmann::json& value) {
  for (const NumberSetting& number : kNumbers) {
    if (number.name != name) continue;
    if (!value.is_number() || value.get<double>() < number.smallest || value.get<double>() > number.largest) {
      return WrongSetting(name, Concat("a number from ", static_cast<int64_t>(number.smallest), " to ",
                                       static_cast<int64_t>(number.largest)));
    }
    settings.*number.member = value.get<double>();
    return absl::OkStatus();
  }
  if (name == "seed") {
    if (!value.is_number_unsigned()) return WrongSetting(name, "a whole number that is not negative");
    settings.seed = value.get<uint64_t>();
    return absl::OkStatus();
  }
  if (name == "over_limit") {
    if (value != "queue" && value != "reject") return WrongSetting(name, "\"queue\" or \"reject\"");
    settings.over_limit = value == "queue" ? OverLimit::kQueue : OverLimit::kReject;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(Concat("there is no setting ", name));
}

}  // namespace

absl::StatusOr<Settings> ChangeSettings(Settings settings, std::string_view json) {
  const nlohmann::json changes = ParseJson(json);
  if (!changes.is_object()) return absl::InvalidArgumentError("the body must be a JSON object");
  for (const auto& [name, value] : changes.items()) {
    if (absl::Status status = Change(settings, name, value); !status.ok()) return status;
  }
  return settings;
}

std::string RenderSettings(const Settings& settings) {
  nlohmann::ordered_json json;
  for (const NumberSetting& number : kNumbers) json[std::string(number.name)] = settings.*number.member;
  json["over_limit"] = settings.over_limit == OverLimit::kQueue ? "queue" : "reject";
  json["seed"] = settings.seed;
  return WriteJson(json);
}

}  // namespace trunkline::twin
