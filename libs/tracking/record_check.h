// Looks whether the members of a call object agree with each other.
//
//   RecordCheck check(body);
//   check.Sum("profit_net", {"revenue"}, {"payout"});       // profit_net = revenue - payout
//   return check.TakeContradictions();
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::tracking {

class RecordCheck {
 public:
  using Names = std::initializer_list<std::string_view>;

  // The bytes of a PlatformCall. Of what is no JSON object nothing is checked.
  explicit RecordCheck(std::string_view body);

  // An amount is others, added and subtracted, to a hundredth of the unit. Not checked when the amount or the first
  // that is added is not there; the others count as zero then.
  void Sum(std::string_view amount, Names added, Names subtracted);
  // Two amounts are the same, where both are there.
  void Same(std::string_view amount, std::string_view other);
  // A length of time is at least another, where both are there.
  void AtLeast(std::string_view seconds, std::string_view other);
  // A flag says whether a member is there.
  void Tells(std::string_view flag, std::string_view member);

  std::vector<std::string> TakeContradictions() { return std::move(contradictions_); }

 private:
  nlohmann::json object_;
  std::vector<std::string> contradictions_;
};

}  // namespace trunkline::tracking
