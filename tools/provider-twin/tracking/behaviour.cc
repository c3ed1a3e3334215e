#include "tools/provider-twin/tracking/behaviour.h"

#include <algorithm>
#include <array>

#include "libs/base/json.h"
#include "libs/base/text.h"

namespace trunkline::twin::tracking {
namespace {

constexpr double kDay = 86'400;

struct NumberMember {
  std::string_view name;
  double Behaviour::*member;
  double least;
  double most;
};
constexpr std::array<NumberMember, 16> kNumbers = {{
    {"rate_limited", &Behaviour::rate_limited, 0, 1},
    {"server_error", &Behaviour::server_error, 0, 1},
    {"unavailable", &Behaviour::unavailable, 0, 1},
    {"time_out", &Behaviour::time_out, 0, 1},
    {"lost", &Behaviour::lost, 0, 1},
    {"truncated", &Behaviour::truncated, 0, 1},
    {"partial", &Behaviour::partial, 0, 1},
    {"empty", &Behaviour::empty, 0, 1},
    {"grow", &Behaviour::grow, 0, 1},
    {"touch", &Behaviour::touch, 0, 1},
    {"shrink", &Behaviour::shrink, 0, 1},
    {"moved_calls", &Behaviour::moved_calls, 1, 10'000},
    {"retry_after_seconds", &Behaviour::retry_after_seconds, 0, kDay},
    {"clock_ahead_seconds", &Behaviour::clock_ahead_seconds, -kDay, kDay},
    {"bearer_seconds", &Behaviour::bearer_seconds, 1, kDay},
    {"api_lag_ms", &Behaviour::api_lag_ms, 0, kDay * 1000},
}};

struct FlagMember {
  std::string_view name;
  bool Behaviour::*member;
};
constexpr std::array<FlagMember, 8> kFlags = {{
    {"rate_limited_as_success", &Behaviour::rate_limited_as_success},
    {"updated_filter", &Behaviour::updated_filter},
    {"ended_filter", &Behaviour::ended_filter},
    {"link_header", &Behaviour::link_header},
    {"empty_last_page", &Behaviour::empty_last_page},
    {"event_callbacks", &Behaviour::event_callbacks},
    {"insights", &Behaviour::insights},
    {"out_of_stock", &Behaviour::out_of_stock},
}};

struct WordMember {
  std::string_view name;
  std::string Behaviour::*member;
  std::array<std::string_view, 3> words;
};
constexpr std::array<WordMember, 2> kWords = {{
    {"cursor", &Behaviour::cursor, {"number", "text", "repeated"}},
    {"payload", &Behaviour::payload, {"wrapped", "flat", "named"}},
}};

absl::Status Change(Behaviour& behaviour, const std::string& name, const nlohmann::json& value) {
  for (const NumberMember& number : kNumbers) {
    if (number.name != name) continue;
    if (!value.is_number() || value.get<double>() < number.least || value.get<double>() > number.most) {
      return WrongMember(name, Concat("a number from ", static_cast<int64_t>(number.least), " to ",
                                      static_cast<int64_t>(number.most)));
    }
    behaviour.*number.member = value.get<double>();
    return absl::OkStatus();
  }
  for (const FlagMember& flag : kFlags) {
    if (flag.name != name) continue;
    if (!value.is_boolean()) return WrongMember(name, "true or false");
    behaviour.*flag.member = value.get<bool>();
    return absl::OkStatus();
  }
  for (const WordMember& word : kWords) {
    if (word.name != name) continue;
    const bool known = value.is_string() &&
                       std::find(word.words.begin(), word.words.end(), value.get<std::string>()) != word.words.end();
    if (!known) return WrongMember(name, Concat(word.words[0], ", ", word.words[1], " or ", word.words[2]));
    behaviour.*word.member = value.get<std::string>();
    return absl::OkStatus();
  }
  if (name != "unknown_columns") return absl::InvalidArgumentError(Concat("there is no behaviour ", name));
  if (!value.is_array()) return WrongMember(name, "a list of columns");
  behaviour.unknown_columns.clear();
  for (const nlohmann::json& column : value) {
    if (!column.is_string()) return WrongMember(name, "a list of columns");
    behaviour.unknown_columns.push_back(column.get<std::string>());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WrongMember(std::string_view name, std::string_view what) {
  return absl::InvalidArgumentError(Concat(name, " must be ", what));
}

absl::StatusOr<Behaviour> ChangeBehaviour(Behaviour behaviour, std::string_view text) {
  const nlohmann::json changes = ParseJson(text);
  if (!changes.is_object()) return absl::InvalidArgumentError("the body must be a JSON object");
  for (const auto& [name, value] : changes.items()) {
    if (name == "account") continue;
    if (absl::Status status = Change(behaviour, name, value); !status.ok()) return status;
  }
  return behaviour;
}

std::string RenderBehaviour(const Behaviour& behaviour) {
  nlohmann::ordered_json rendered;
  for (const NumberMember& number : kNumbers) rendered[std::string(number.name)] = behaviour.*number.member;
  for (const FlagMember& flag : kFlags) rendered[std::string(flag.name)] = behaviour.*flag.member;
  for (const WordMember& word : kWords) rendered[std::string(word.name)] = behaviour.*word.member;
  rendered["unknown_columns"] = behaviour.unknown_columns;
  return WriteJson(rendered);
}

}  // namespace trunkline::twin::tracking
