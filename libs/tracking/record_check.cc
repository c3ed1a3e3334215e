#include "libs/tracking/record_check.h"

#include <cstdlib>
#include <optional>

#include "libs/base/text.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking {
namespace {

constexpr int64_t kHundredth = 100;

std::optional<int64_t> AmountOf(const nlohmann::json& object, std::string_view name) {
  return ParseAmount(MemberText(object, name));
}

// "revenue - payout - total_cost"
std::string Formula(RecordCheck::Names added, RecordCheck::Names subtracted) {
  std::string formula;
  for (const std::string_view name : added) formula += Concat(formula.empty() ? "" : " + ", name);
  for (const std::string_view name : subtracted) formula += Concat(" - ", name);
  return formula;
}

}  // namespace

RecordCheck::RecordCheck(std::string_view body) {
  if (std::optional<nlohmann::json> parsed = ParseExactJson(body); parsed.has_value()) object_ = *std::move(parsed);
}

void RecordCheck::Sum(std::string_view amount, Names added, Names subtracted) {
  const std::optional<int64_t> told = AmountOf(object_, amount);
  if (!told.has_value() || !AmountOf(object_, *added.begin()).has_value()) return;
  int64_t sum = 0;
  for (const std::string_view name : added) sum += AmountOf(object_, name).value_or(0);
  for (const std::string_view name : subtracted) sum -= AmountOf(object_, name).value_or(0);
  if (std::llabs(*told - sum) <= kHundredth) return;
  contradictions_.push_back(
      Concat(amount, " is ", FormatAmount(*told), ", and ", Formula(added, subtracted), " is ", FormatAmount(sum)));
}

void RecordCheck::Same(std::string_view amount, std::string_view other) {
  const std::optional<int64_t> a = AmountOf(object_, amount);
  const std::optional<int64_t> b = AmountOf(object_, other);
  if (!a.has_value() || !b.has_value() || *a == *b) return;
  contradictions_.push_back(Concat(amount, " is ", FormatAmount(*a), ", and ", other, " is ", FormatAmount(*b)));
}

void RecordCheck::AtLeast(std::string_view seconds, std::string_view other) {
  const std::optional<int64_t> longer = ParseSeconds(MemberText(object_, seconds));
  const std::optional<int64_t> shorter = ParseSeconds(MemberText(object_, other));
  if (!longer.has_value() || !shorter.has_value() || *longer >= *shorter) return;
  contradictions_.push_back(Concat(seconds, " is ", *longer, ", and ", other, " is ", *shorter));
}

void RecordCheck::Tells(std::string_view flag, std::string_view member) {
  const std::optional<bool> told = ParseFlag(MemberText(object_, flag));
  if (!told.has_value() || MemberText(object_, flag).empty()) return;
  const bool is_there = !IsPlaceholder(MemberText(object_, member));
  if (*told == is_there) return;
  contradictions_.push_back(
      Concat(flag, " is ", *told ? "true" : "false", ", and ", member, is_there ? " is there" : " is not there"));
}

}  // namespace trunkline::tracking
