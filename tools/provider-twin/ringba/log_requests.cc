#include "tools/provider-twin/ringba/log_requests.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/text.h"
#include "tools/provider-twin/ringba/answers.h"
#include "tools/provider-twin/ringba/call_log.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::ringba {
namespace {

using nlohmann::json;
using tracking::Account;

constexpr int64_t kLargestPage = 1000;
constexpr size_t kMostIds = 1000;

struct Range {
  int64_t from_ms = 0;
  int64_t to_ms = 0;
};
// Both ends are out of it, which nobody documents: who cannot live with that finds out here.
std::optional<Range> RangeIn(const json& body) {
  const auto from = tracking::TimeIn(Member(body, "reportStart"));
  const auto to = tracking::TimeIn(Member(body, "reportEnd"));
  if (!from || !to) return std::nullopt;
  return Range{*from, *to};
}

struct Condition {
  std::string column;
  std::string value;
  std::string comparison;
  bool negative = false;

  bool Holds(const Account& account, uint32_t call) const {
    const std::string found = FilterText(account, call, column);
    bool holds = found == value;
    if (comparison == "CONTAINS") holds = found.find(value) != std::string::npos;
    if (comparison == "BEGINS_WITH") holds = found.starts_with(value);
    if (comparison == "GREATER_THAN") holds = ParseDouble(found).value_or(0) > ParseDouble(value).value_or(0);
    if (comparison == "LESS_THAN") holds = ParseDouble(found).value_or(0) < ParseDouble(value).value_or(0);
    return holds != negative;
  }
};
using Filters = std::vector<std::vector<Condition>>;

// Nothing for a column that cannot be filtered by.
std::optional<Filters> FiltersIn(const json& body) {
  Filters filters;
  const json groups = body.value("filters", json::array());
  for (const json& group : groups) {
    filters.emplace_back();
    const json conditions = group.value("anyConditionToMatch", json::array());
    for (const json& condition : conditions) {
      Condition read{.column = Member(condition, "column"),
                     .value = Member(condition, "value"),
                     .comparison = Member(condition, "comparisonType"),
                     .negative = condition.value("isNegativeMatch", false)};
      const Column* column = FindColumn(read.column);
      if (!read.column.starts_with("tag:") && (column == nullptr || !column->filters)) return std::nullopt;
      filters.back().push_back(std::move(read));
    }
  }
  return filters;
}

bool Matches(const Account& account, uint32_t call, const Filters& filters) {
  return std::all_of(filters.begin(), filters.end(), [&](const std::vector<Condition>& group) {
    return std::any_of(group.begin(), group.end(),
                       [&](const Condition& condition) { return condition.Holds(account, call); });
  });
}

// The first one that the account does not have is the error.
absl::StatusOr<std::vector<std::string>> ColumnsIn(const Account& account, const json& body) {
  std::vector<std::string> columns;
  const std::vector<std::string>& unknown = account.behaviour.unknown_columns;
  const auto is_known = [&](std::string_view name) {
    return name.starts_with("tag:") ||
           (FindColumn(name) != nullptr && std::find(unknown.begin(), unknown.end(), name) == unknown.end());
  };
  if (!body.contains("valueColumns")) {
    for (const Column& column : Columns()) {
      if (is_known(column.name)) columns.emplace_back(column.name);
    }
    return columns;
  }
  for (const json& column : body["valueColumns"]) {
    columns.push_back(Member(column, "column"));
    if (!is_known(columns.back())) return absl::InvalidArgumentError(columns.back());
  }
  return columns;
}

// True for ascending. Nothing for another order than by the call's date.
std::optional<bool> IsAscending(const json& body) {
  const json order = body.value("orderByColumns", json::array());
  if (order.empty()) return false;
  if (Member(order[0], "column") != "callDt") return std::nullopt;
  return Member(order[0], "direction") == "asc";
}

struct Found {
  std::vector<uint32_t> calls;
  size_t total = 0;
};

Found Find(const Account& account, const Range& range, const Filters& filters, bool ascending, size_t offset,
           size_t size) {
  const tracking::SortedCalls& all = account.book.by_start();
  const size_t first = all.CountBefore(range.from_ms + 1);
  const size_t last = std::max(all.CountBefore(range.to_ms), first);
  Found found{.total = last - first};
  if (filters.empty()) {
    const size_t count = offset < found.total ? std::min(size, found.total - offset) : 0;
    if (count > 0) {
      found.calls = ascending ? all.Ascending(first + offset, count) : all.Descending(last - 1 - offset, count);
    }
    return found;
  }
  std::vector<uint32_t> matching = all.Ascending(first, last - first);
  std::erase_if(matching, [&](uint32_t call) { return !Matches(account, call, filters); });
  if (!ascending) std::reverse(matching.begin(), matching.end());
  found.total = matching.size();
  for (size_t i = offset; i < std::min(matching.size(), offset + size); ++i) found.calls.push_back(matching[i]);
  return found;
}

size_t WholeIn(const json& body, const char* name, int64_t usual, int64_t most) {
  const json value = body.value(name, json(usual));
  return static_cast<size_t>(std::clamp<int64_t>(value.is_number_integer() ? value.get<int64_t>() : usual, 0, most));
}

}  // namespace

http::Response ListCalls(Account& account, const json& body, bool partial, tracking::PageRead* page) {
  if (!body.is_object()) return Error(400, "the body is no JSON object");
  const auto range = RangeIn(body);
  if (!range) return Error(400, "reportStart and reportEnd are required");
  const auto columns = ColumnsIn(account, body);
  if (!columns.ok()) return Error(422, Concat("Unknown value column: ", ToStd(columns.status().message())));
  const auto filters = FiltersIn(body);
  if (!filters) return Error(422, "Unknown filter column");
  const auto ascending = IsAscending(body);
  if (!ascending) return Error(422, "The simulated Ringba orders by callDt only");
  const size_t offset = WholeIn(body, "offset", 0, INT64_MAX / 2);
  const size_t size = WholeIn(body, "size", kLargestPage, kLargestPage);
  if (offset == 0) account.book.ShowAll();
  Found found = Find(account, *range, *filters, *ascending, offset, size);
  if (partial) found.calls.resize(found.calls.size() / 2);
  page->calls = found.calls;
  page->has_more = offset + found.calls.size() < found.total;
  tracking::ArrayText records;
  for (const uint32_t call : found.calls) records.Add(RecordText(account, call, *columns));
  tracking::ObjectText report;
  report.Flag("partialResult", partial)
      .Raw("records", records.Take())
      .Number("totalCount", static_cast<int64_t>(found.total));
  return http::JsonResponse(200, tracking::ObjectText()
                                     .Flag("isSuccessful", true)
                                     .Text("transactionId", "TR44a98169-1111-4222-8333-bb2b3a055059")
                                     .Raw("report", report.Take())
                                     .Take());
}

http::Response ShowDetails(const Account& account, const json& body) {
  const json ids = body.is_object() ? body.value("InboundCallIds", json::array()) : json::array();
  if (!ids.is_array() || ids.empty() || ids.size() > kMostIds) return Error(400, "InboundCallIds is required");
  tracking::ArrayText records;
  for (const json& id : ids) {
    if (!id.is_string()) return Error(400, "InboundCallIds holds texts");
    if (const auto call = account.book.Find(id.get<std::string>())) records.Add(DetailText(account, *call));
  }
  return http::JsonResponse(200, tracking::ObjectText()
                                     .Flag("isSuccessful", true)
                                     .Text("transactionId", "TRb5d57064-1111-4222-8333-f3647729fb2e")
                                     .Raw("report", tracking::ObjectText().Raw("records", records.Take()).Take())
                                     .Take());
}

http::Response ListColumns() {
  nlohmann::ordered_json columns = nlohmann::ordered_json::array();
  for (const Column& column : Columns()) {
    columns.push_back({{"id", column.name}, {"type", column.type}, {"supportsFilter", column.filters}});
  }
  return Success({{"columns", columns}});
}

http::Response Insights(const Account& account, const json& body) {
  if (!account.behaviour.insights) return Error(403, "Forbidden");
  const auto range = RangeIn(body);
  if (!range) return Error(400, "reportStart and reportEnd are required");
  struct Sums {
    int64_t calls = 0, live = 0, connected = 0, converted = 0, revenue = 0, payout = 0, cost = 0;
  };
  std::map<std::string, Sums> by_campaign;
  const tracking::SortedCalls& all = account.book.by_start();
  const size_t first = all.CountBefore(range->from_ms);
  const size_t last = std::max(all.CountBefore(range->to_ms), first);
  for (const uint32_t number : all.Ascending(first, last - first)) {
    const tracking::Call& call = account.book.At(number);
    Sums& sums = by_campaign[account.catalogue.campaigns[call.campaign].name];
    ++sums.calls;
    sums.live += call.HasEnded() ? 0 : 1;
    sums.connected += call.IsConnected() ? 1 : 0;
    sums.converted += call.HasConverted() ? 1 : 0;
    sums.revenue += call.IsSettled() ? call.revenue : 0;
    sums.payout += call.IsSettled() ? call.payout : 0;
    sums.cost += call.HasEnded() ? call.cost : 0;
  }
  tracking::ArrayText records;
  for (const auto& [name, sums] : by_campaign) {
    records.Add(tracking::ObjectText()
                    .Text("campaignName", name)
                    .Number("callCount", sums.calls)
                    .Number("liveCallCount", sums.live)
                    .Number("connectedCallCount", sums.connected)
                    .Number("convertedCalls", sums.converted)
                    .Raw("conversionAmount", tracking::Shortest(sums.revenue))
                    .Raw("payoutAmount", tracking::Shortest(sums.payout))
                    .Raw("totalCost", tracking::Shortest(sums.cost))
                    .Take());
  }
  return http::JsonResponse(200, tracking::ObjectText()
                                     .Flag("isSuccessful", true)
                                     .Raw("report", tracking::ObjectText().Raw("records", records.Take()).Take())
                                     .Take());
}

}  // namespace trunkline::twin::ringba
