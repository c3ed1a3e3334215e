#include "tools/provider-twin/tracking/control_calls.h"

#include <limits>
#include <utility>

#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "tools/provider-twin/tracking/behaviour.h"
#include "tools/provider-twin/tracking/draws.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::tracking {
namespace {

constexpr int64_t kMostCalls = 5'000'000;
constexpr int64_t kUsualCost = 3'400;

// The whole number of a member, in limits; `usual` without it.
absl::StatusOr<int64_t> Whole(const Json& json, const char* name, int64_t usual, int64_t least, int64_t most) {
  const auto member = json.find(name);
  if (member == json.end()) return usual;
  if (!member->is_number_integer() || member->get<int64_t>() < least || member->get<int64_t>() > most) {
    return WrongMember(name, Concat("a whole number from ", least, " to ", most));
  }
  return member->get<int64_t>();
}

absl::StatusOr<double> Fraction(const Json& json, const char* name, double usual, double most) {
  const auto member = json.find(name);
  if (member == json.end()) return usual;
  if (!member->is_number() || member->get<double>() < 0 || member->get<double>() > most) {
    return WrongMember(name, Concat("a number from 0 to ", static_cast<int64_t>(most)));
  }
  return member->get<double>();
}

// Money is text or number; `usual` without it.
absl::StatusOr<int64_t> Amount(const Json& json, const char* name, int64_t usual) {
  const auto member = json.find(name);
  if (member == json.end()) return usual;
  const auto amount = AmountIn(member->is_string() ? member->get<std::string>() : member->dump());
  if (!amount) return WrongMember(name, "an amount, as text: \"32.50\"");
  return *amount;
}

}  // namespace

std::optional<int64_t> ReadTime(const Json& json, const char* name) {
  const auto member = json.find(name);
  if (member == json.end()) return std::nullopt;
  if (member->is_number()) return static_cast<int64_t>(member->get<double>() * 1000);
  return member->is_string() ? TimeIn(member->get<std::string>()) : std::nullopt;
}

absl::StatusOr<CallWish> ReadCallWish(const Json& json, uint64_t usual_seed) {
  CallWish wish;
  TL_ASSIGN_OR_RETURN(wish.count, Whole(json, "count", 0, 1, kMostCalls));
  const auto from = ReadTime(json, "from");
  const auto to = ReadTime(json, "to");
  if (wish.count == 0 || !from || !to || *to < *from) {
    return absl::InvalidArgumentError("count, from and to are needed; to is not before from");
  }
  // So that a cursor made of a time finds each of them.
  if (wish.count > 100 * (*to - *from + 1)) {
    return absl::InvalidArgumentError(
        "there is room for 100 calls in a millisecond; let from and to lie further apart");
  }
  wish.from_ms = *from;
  wish.to_ms = *to;
  TL_ASSIGN_OR_RETURN(const int64_t seed, Whole(json, "seed", static_cast<int64_t>(usual_seed >> 1), 0,
                                                std::numeric_limits<int64_t>::max()));
  wish.seed = static_cast<uint64_t>(seed);
  TL_ASSIGN_OR_RETURN(wish.connected, Fraction(json, "connected", wish.connected, 1));
  TL_ASSIGN_OR_RETURN(wish.converted, Fraction(json, "converted", wish.converted, 1));
  const auto talk = json.find("talk_seconds");
  if (talk == json.end()) return wish;
  const bool is_pair =
      talk->is_array() && talk->size() == 2 && (*talk)[0].is_number_integer() && (*talk)[1].is_number_integer();
  if (!is_pair) return WrongMember("talk_seconds", "[least, most]");
  wish.least_talk_seconds = (*talk)[0].get<int64_t>();
  wish.most_talk_seconds = (*talk)[1].get<int64_t>();
  if (wish.least_talk_seconds < 0 || wish.most_talk_seconds < wish.least_talk_seconds ||
      wish.most_talk_seconds > 86'400) {
    return WrongMember("talk_seconds", "[least, most], from 0 to 86400");
  }
  return wish;
}

absl::StatusOr<Telling> ReadTelling(const Json& json, Telling usual) {
  if (!json.contains("webhooks")) return usual;
  const std::string word = Text(json, "webhooks");
  if (word == "none") return Telling::kNothing;
  if (word == "news") return Telling::kNews;
  if (word == "all") return Telling::kAll;
  return WrongMember("webhooks", "\"none\", \"news\" or \"all\"");
}

absl::StatusOr<ToldCall> ReadCall(const Json& json, Account& account) {
  ToldCall told;
  Call& call = told.call;
  told.id = Text(json, "id");
  const auto started = ReadTime(json, "started_at");
  if (told.id.empty() || !started) return absl::InvalidArgumentError("a call needs id and started_at");
  call.seed = SeedOf(1, told.id);
  call.started_ms = *started;
  call.caller = DigitsOf(Text(json, "caller", "+12025550143"));
  call.number = account.catalogue.RowOfNumber(Text(json, "number", account.catalogue.numbers.front().number));
  call.target = account.catalogue.RowOfTarget(Text(json, "destination", account.catalogue.targets.front().number));
  constexpr int64_t kLongest = 86'400;
  TL_ASSIGN_OR_RETURN(const int64_t wait, Whole(json, "wait_seconds", 20, 0, kLongest));
  TL_ASSIGN_OR_RETURN(const int64_t talk, Whole(json, "talk_seconds", 100, 0, kLongest));
  call.menu_seconds = static_cast<int32_t>(wait / 3);
  call.ring_seconds = static_cast<int32_t>(wait) - call.menu_seconds;
  call.talk_seconds = static_cast<int32_t>(talk);
  call.ending = talk > 0 ? Ending::kTalked : Ending::kNoAnswer;
  call.recorded = talk > 0;
  TL_ASSIGN_OR_RETURN(call.revenue, Amount(json, "revenue", 0));
  TL_ASSIGN_OR_RETURN(call.payout, Amount(json, "payout", 0));
  TL_ASSIGN_OR_RETURN(call.cost, Amount(json, "cost", kUsualCost));
  call.converts = json.value("converted", Json(false)) == true;
  call.stage = Stage::kSettled;
  call.changed_ms = ReadTime(json, "changed_at").value_or(call.MsOf(Stage::kEnded));
  const Json tags = json.value("tags", Json::object());
  if (!tags.is_object()) return WrongMember("tags", "an object");
  for (const auto& [name, value] : tags.items()) {
    told.tags[name] = value.is_string() ? value.get<std::string>() : WriteJson(value);
  }
  return told;
}

absl::StatusOr<ChangeWish> ReadChangeWish(const Json& json) {
  ChangeWish wish;
  TL_ASSIGN_OR_RETURN(wish.percent, Fraction(json, "percent", 0, 100));
  TL_ASSIGN_OR_RETURN(const double over, Fraction(json, "over_seconds", 0, 86'400));
  wish.over_ms = static_cast<int64_t>(over * 1000);
  wish.from_ms = ReadTime(json, "from").value_or(std::numeric_limits<int64_t>::min());
  wish.to_ms = ReadTime(json, "to").value_or(std::numeric_limits<int64_t>::max());
  wish.tells = json.value("webhooks", Json(true)) != false;
  const Json kinds = json.value("kinds", Json::array({"money", "conversion", "tags"}));
  for (const Json& word : kinds) {
    const auto kind = ChangeKindOf(word.is_string() ? word.get<std::string>() : std::string());
    if (!kind) return WrongMember("kinds", "a list of money, conversion, tags, recording, delete");
    wish.kinds.push_back(*kind);
  }
  if (wish.kinds.empty()) return WrongMember("kinds", "a list of money, conversion, tags, recording, delete");
  return wish;
}

}  // namespace trunkline::twin::tracking
