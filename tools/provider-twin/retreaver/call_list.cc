#include "tools/provider-twin/retreaver/call_list.h"

#include <algorithm>
#include <limits>

#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "tools/provider-twin/retreaver/wire_format.h"
#include "tools/provider-twin/tracking/generator.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::retreaver {
namespace {

using tracking::Account;
using tracking::Ask;

constexpr int64_t kLargestPage = 100;
constexpr int64_t kMostPages = 1'000'000'000;

size_t WholeIn(const Ask& ask, std::string_view name, int64_t usual, int64_t most) {
  return static_cast<size_t>(std::clamp<int64_t>(ParseInt(ask.Query(name)).value_or(usual), 1, most));
}

struct Selection {
  const tracking::SortedCalls& order;
  size_t first = 0;  // positions in the order
  size_t last = 0;
  bool descending = true;
};

// Nothing of what is not asked for is left out; both ends are out of a range.
Selection Select(const Account& account, const Ask& ask) {
  const bool by_change = ask.Query("sort_by") == "updated_at";
  const tracking::SortedCalls& order = by_change ? account.book.by_change() : account.book.by_start();
  const auto range = [&](std::string_view start, std::string_view end) {
    const auto from = tracking::TimeIn(ask.Query(start));
    const auto to = tracking::TimeIn(ask.Query(end));
    const size_t first = from ? order.CountBefore(*from + 1) : 0;
    return std::pair(first, std::max(to ? order.CountBefore(*to) : order.size(), first));
  };
  Selection selection{.order = order, .last = order.size()};
  if (!by_change) {
    std::tie(selection.first, selection.last) = range("created_at_start", "created_at_end");
  } else if (account.behaviour.updated_filter) {
    std::tie(selection.first, selection.last) = range("updated_at_start", "updated_at_end");
  }
  // The order is always descending with updated_at, whatever is asked for.
  selection.descending = by_change || ask.Query("order") != "asc";
  return selection;
}

using Filter = std::pair<std::string_view, std::function<std::string(const tracking::Call&)>>;

// What the query asks for and positions do not answer.
std::vector<Filter> FiltersOf(const Account& account, const Ask& ask) {
  const tracking::Catalogue& catalogue = account.catalogue;
  std::vector<Filter> filters = {
      {"caller", [](const tracking::Call& call) { return tracking::PhoneOf(call.caller); }},
      {"client_cid", [&](const tracking::Call& call) { return catalogue.campaigns[call.campaign].key; }},
      {"client_afid", [&](const tracking::Call& call) { return catalogue.publishers[call.publisher].id; }},
      {"client_tid", [](const tracking::Call& call) { return call.HasTarget() ? TidOf(call.target) : std::string(); }},
      {"sub_id", [](const tracking::Call& call) { return std::string(tracking::SourceOf(call)); }}};
  std::erase_if(filters, [&](const Filter& filter) { return ask.Query(filter.first).empty(); });
  return filters;
}

std::string LinkTo(const Ask& ask, std::string_view base_url, size_t page, std::string_view relation) {
  Form query = ask.query;
  std::erase_if(query, [](const auto& pair) { return pair.first == "page"; });
  query.emplace_back("page", Concat(page));
  return Concat("<", base_url, ask.path, "?", EncodeForm(query), ">; rel=\"", relation, "\"");
}

}  // namespace

PageWish PageOf(const Ask& ask) {
  return {.page = WholeIn(ask, "page", 1, kMostPages), .size = WholeIn(ask, "per_page", 25, kLargestPage)};
}

http::Response PageResponse(const std::vector<std::string>& items, const PageWish& wish, size_t total, const Ask& ask,
                            std::string_view base_url, bool with_link) {
  tracking::ArrayText array;
  for (const std::string& item : items) array.Add(item);
  http::Response response = http::JsonResponse(200, array.Take());
  const size_t last = std::max<size_t>((total + wish.size - 1) / wish.size, 1);
  std::string link;
  const auto add = [&](size_t page, std::string_view relation) {
    link += Concat(link.empty() ? "" : ", ", LinkTo(ask, base_url, page, relation));
  };
  if (wish.page > 1) {
    add(1, "first");
    add(wish.page - 1, "prev");
  }
  if (wish.page < last) {
    add(last, "last");
    add(wish.page + 1, "next");
  }
  if (with_link && !link.empty()) response.headers.emplace_back("Link", link);
  return response;
}

http::Response ListCalls(Account& account, const Ask& ask, int version, std::string_view base_url,
                         tracking::PageRead* page) {
  const PageWish wish = PageOf(ask);
  if (wish.page == 1) account.book.ShowAll();
  const Selection selection = Select(account, ask);
  const std::vector<Filter> filters = FiltersOf(account, ask);
  size_t total = selection.last - selection.first;
  const auto read = [&](size_t offset, size_t count) {
    if (offset >= total) return std::vector<uint32_t>();
    count = std::min(count, total - offset);
    return selection.descending ? selection.order.Descending(selection.last - 1 - offset, count)
                                : selection.order.Ascending(selection.first + offset, count);
  };
  if (filters.empty()) {
    page->calls = read(wish.Offset(), wish.size);
  } else {
    std::vector<uint32_t> matching = read(0, total);
    std::erase_if(matching, [&](uint32_t number) {
      return !std::all_of(filters.begin(), filters.end(), [&](const Filter& filter) {
        return filter.second(account.book.At(number)) == ask.Query(filter.first);
      });
    });
    total = matching.size();
    for (size_t i = wish.Offset(); i < std::min(total, wish.Offset() + wish.size); ++i) {
      page->calls.push_back(matching[i]);
    }
  }
  page->has_more = wish.Offset() + page->calls.size() < total;
  std::vector<std::string> items;
  items.reserve(page->calls.size());
  const bool flow_events = ask.Query("call_flow_events") == "true";
  for (const uint32_t number : page->calls) items.push_back(CallText(account, number, version, flow_events));
  return PageResponse(items, wish, total, ask, base_url, account.behaviour.link_header);
}

}  // namespace trunkline::twin::retreaver
