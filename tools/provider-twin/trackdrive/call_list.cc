#include "tools/provider-twin/trackdrive/call_list.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "libs/base/text.h"
#include "tools/provider-twin/trackdrive/wire_format.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::trackdrive {
namespace {

using tracking::Account;
using tracking::Ask;
using tracking::Call;
using tracking::ObjectText;

constexpr int64_t kPerMs = 100;  // a cursor is a time in 1/100,000 s
constexpr int64_t kDayMs = 86'400'000;

// "1, true, yes, on", "0, false, no, off"; nothing for another word.
std::optional<bool> FlagIn(std::string_view text) {
  const std::string word = Lower(text);
  if (word == "1" || word == "true" || word == "yes" || word == "on") return true;
  if (word == "0" || word == "false" || word == "no" || word == "off") return false;
  return std::nullopt;
}

// Calls between two positions of an order; read from the last to the first.
struct Selection {
  const tracking::SortedCalls& order;
  std::function<int64_t(const Call&)> key;
  size_t first = 0;
  size_t last = 0;
};

// By the first of these that is asked for and works; both ends are out of a range.
Selection Select(const Account& account, const Ask& ask) {
  const tracking::CallBook& book = account.book;
  const auto range = [&](Selection selection, std::string_view from_name, std::string_view to_name) {
    const auto from = tracking::TimeIn(ask.Query(from_name));
    const auto to = tracking::TimeIn(ask.Query(to_name));
    selection.first = from ? selection.order.CountBefore(*from + 1) : 0;
    selection.last = std::max(to ? selection.order.CountBefore(*to) : selection.order.size(), selection.first);
    return selection;
  };
  const auto asked = [&](std::string_view name) {
    return !ask.Query(Concat(name, "_from")).empty() || !ask.Query(Concat(name, "_to")).empty();
  };
  if (asked("ended_at") && account.behaviour.ended_filter) {
    return range({book.by_end(), [](const Call& call) { return call.MsOf(tracking::Stage::kEnded); }}, "ended_at_from",
                 "ended_at_to");
  }
  if (asked("updated_at") && account.behaviour.updated_filter) {
    return range({book.by_change(), [](const Call& call) { return call.changed_ms; }}, "updated_at_from",
                 "updated_at_to");
  }
  return range({book.by_start(), [](const Call& call) { return call.started_ms; }}, "created_at_from", "created_at_to");
}

using Filter = std::function<bool(const Call&)>;

std::vector<Filter> FiltersOf(const Account& account, const Ask& ask) {
  std::vector<Filter> filters;
  const tracking::Catalogue& catalogue = account.catalogue;
  const auto is = [&](std::string_view name, std::function<std::string(const Call&)> value) {
    const std::string wanted(ask.Query(name));
    if (wanted.empty()) return;
    filters.emplace_back([wanted, value = std::move(value)](const Call& call) { return value(call) == wanted; });
  };
  const auto flag = [&](std::string_view name, std::function<bool(const Call&)> value) {
    const auto wanted = FlagIn(ask.Query(name));
    if (!wanted) return;
    filters.emplace_back(
        [wanted = *wanted, value = std::move(value)](const Call& call) { return value(call) == wanted; });
  };
  is("offer_id", [&](const Call& call) { return catalogue.campaigns[call.campaign].id; });
  is("traffic_source_id", [&](const Call& call) { return catalogue.publishers[call.publisher].id; });
  is("buyer_id",
     [&](const Call& call) { return call.IsConnected() ? catalogue.targets[call.target].buyer_id : std::string(); });
  is("fulltext", [](const Call& call) { return tracking::PhoneOf(call.caller); });
  flag("in_progress", [](const Call& call) { return !call.HasEnded(); });
  flag("has_recording", [](const Call& call) { return call.HasRecording(); });
  for (const std::string_view name : {"buyer_converted", "offer_converted", "either_converted"}) {
    flag(name, [](const Call& call) { return call.HasConverted(); });
  }
  return filters;
}

// The place of a call in the order, as a cursor: its time, and which one of that time it is.
int64_t CursorOf(const Account& account, const Selection& selection, uint32_t number) {
  const int64_t ms = selection.key(account.book.At(number));
  return ms * kPerMs + static_cast<int64_t>(selection.order.PositionOf(number) - selection.order.CountBefore(ms));
}

// The position that a cursor stands for: what lies before it is next.
size_t PositionOf(const Selection& selection, int64_t cursor) {
  return selection.order.CountBefore(cursor / kPerMs) + static_cast<size_t>(cursor % kPerMs);
}

std::string CursorText(const std::string& mode, int64_t cursor) {
  return mode == "text" ? tracking::Quoted(Concat(cursor)) : Concat(cursor);
}

struct Reading {
  std::vector<uint32_t> calls;
  bool has_more = false;
};

// From position `end` downwards, leaving out `skip` of what matches.
Reading Read(const Account& account, const Selection& selection, const std::vector<Filter>& filters, size_t end,
             size_t skip, size_t size) {
  Reading reading;
  const size_t top = std::min(end, selection.last);
  const size_t left = top > selection.first ? top - selection.first : 0;
  if (filters.empty()) {
    if (skip < left) reading.calls = selection.order.Descending(top - 1 - skip, std::min(size, left - skip));
    reading.has_more = skip + reading.calls.size() < left;
    return reading;
  }
  for (const uint32_t number : selection.order.Descending(top - 1, left)) {
    const Call& call = account.book.At(number);
    if (!std::all_of(filters.begin(), filters.end(), [&](const Filter& filter) { return filter(call); })) continue;
    if (skip > 0) {
      --skip;
    } else if (reading.calls.size() == size) {
      reading.has_more = true;
      return reading;
    } else {
      reading.calls.push_back(number);
    }
  }
  return reading;
}

size_t CountOf(const Account& account, const Selection& selection, const std::vector<Filter>& filters) {
  const size_t all = selection.last - selection.first;
  if (filters.empty()) return all;
  const std::vector<uint32_t> calls = selection.order.Ascending(selection.first, all);
  return static_cast<size_t>(std::count_if(calls.begin(), calls.end(), [&](uint32_t number) {
    const Call& call = account.book.At(number);
    return std::all_of(filters.begin(), filters.end(), [&](const Filter& filter) { return filter(call); });
  }));
}

std::vector<std::string_view> ColumnsOf(const Ask& ask) {
  const std::string_view text = ask.Query("columns");
  return text.empty() ? std::vector<std::string_view>() : Split(text, ',');
}

}  // namespace

http::Response ListCalls(Account& account, const Ask& ask, tracking::PageRead* page) {
  const std::string cursor_text(ask.Query("cursor"));
  const auto cursor = ParseInt(cursor_text.empty() ? "-1" : cursor_text);
  if (!cursor || *cursor < -1) return Error(422, "cursor", "is not a valid cursor");
  for (const std::string_view name : {"created_at_from", "created_at_to", "ended_at_from", "ended_at_to"}) {
    if (!ask.Query(name).empty() && !tracking::TimeIn(ask.Query(name))) return Error(422, name, "is not a valid date");
  }
  const size_t size = PageSize(ask);
  const int64_t page_number = std::max<int64_t>(ParseInt(ask.Query("page")).value_or(1), 1);
  const bool is_first = *cursor < 0 && page_number == 1;
  if (is_first) account.book.ShowAll();

  const Selection selection = Select(account, ask);
  const std::vector<Filter> filters = FiltersOf(account, ask);
  const size_t end = *cursor < 0 ? selection.last : PositionOf(selection, *cursor);
  const size_t skip = *cursor < 0 ? static_cast<size_t>(page_number - 1) * size : 0;
  Reading reading = Read(account, selection, filters, end, skip, size);
  page->has_more = reading.has_more;
  page->calls = std::move(reading.calls);

  tracking::ArrayText calls;
  const std::vector<std::string_view> columns = ColumnsOf(ask);
  for (const uint32_t number : page->calls) calls.Add(CallText(account, number, columns));
  if (FlagIn(ask.Query("root")) == false) return http::JsonResponse(200, calls.Take());

  const bool goes_on = page->has_more || (account.behaviour.empty_last_page && !page->calls.empty());
  int64_t next = goes_on ? CursorOf(account, selection, page->calls.back()) : 0;
  if (account.behaviour.cursor == "repeated" && goes_on && *cursor >= 0) next = *cursor;
  const size_t total = CountOf(account, selection, filters);
  ObjectText metadata;
  metadata.Number("total_count", static_cast<int64_t>(total))
      .Number("total_pages", static_cast<int64_t>((total + size - 1) / size))
      .Number("page", page_number)
      .Number("per_page", static_cast<int64_t>(size))
      .Raw("next_cursor", CursorText(account.behaviour.cursor, next));
  return Envelope("calls", calls.Take(), metadata.Take());
}

http::Response Statistics(const Account& account, const Ask& ask) {
  const std::string statistic(ask.Query("stat"));
  const std::string group_by(ask.Query("group_by"));
  const auto from = tracking::TimeIn(ask.Query("created_at_from"));
  const auto to = tracking::TimeIn(ask.Query("created_at_to"));
  constexpr std::array<std::string_view, 4> kStatistics = {"count", "revenue", "profit", "cost"};
  constexpr std::array<std::string_view, 3> kGroups = {"created_at_day", "buyer_converted", "status"};
  if (std::find(kStatistics.begin(), kStatistics.end(), statistic) == kStatistics.end()) {
    return Error(422, "stat", "is not included in the list");
  }
  if (std::find(kGroups.begin(), kGroups.end(), group_by) == kGroups.end()) {
    return Error(422, "group_by", "is not included in the list");
  }
  if (!from || !to) return Error(422, "created_at_from", "is not a valid date");
  std::map<std::string, int64_t> groups;
  const tracking::SortedCalls& all = account.book.by_start();
  const size_t first = all.CountBefore(*from);
  const size_t last = std::max(all.CountBefore(*to), first);
  constexpr int64_t kOne = 10'000;
  for (const uint32_t number : all.Ascending(first, last - first)) {
    const Call& call = account.book.At(number);
    std::string group(StatusOf(call).word);
    if (group_by == "created_at_day") group = LocalTime(call.started_ms / kDayMs * kDayMs).substr(0, 10);
    if (group_by == "buyer_converted") group = call.HasConverted() ? "Converted" : "Did not convert";
    const int64_t revenue = MoneyIsKnown(call) ? call.revenue : 0;
    const int64_t payout = MoneyIsKnown(call) ? call.payout : 0;
    const int64_t cost = call.HasEnded() ? call.cost : 0;
    int64_t value = kOne;
    if (statistic == "revenue") value = revenue;
    if (statistic == "cost") value = cost;
    if (statistic == "profit") value = revenue - payout - cost;
    groups[group] += value;
  }
  ObjectText stats;
  for (const auto& [group, value] : groups) stats.Raw(group, tracking::Shortest(value));
  return Envelope("stats", stats.Take(), "{}");
}

}  // namespace trunkline::twin::trackdrive
