#include "tools/provider-twin/twilio/call_list.h"

#include <algorithm>
#include <optional>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/twilio/rest_error.h"

namespace trunkline::twin::twilio {
namespace {

constexpr int64_t kPageSize = 50;
constexpr int64_t kLargestPageSize = 1000;
constexpr std::string_view kTokenPrefix = "PA";

struct Instant {
  absl::Time time;
  bool whole_day = false;
};

// "2026-03-03", "2026-03-03T09:15:00Z" or with an offset.
std::optional<Instant> ParseInstant(std::string_view text) {
  Instant instant;
  std::string error;
  if (absl::ParseTime("%Y-%m-%d", ToAbsl(text), &instant.time, &error)) {
    instant.whole_day = true;
    return instant;
  }
  if (absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &instant.time, &error)) return instant;
  if (absl::ParseTime("%Y-%m-%dT%H:%M:%E*S", ToAbsl(text), &instant.time, &error)) return instant;
  return std::nullopt;
}

// StartTime, StartTime< or StartTime>; the comparison is a part of the parameter's name.
bool MatchesTime(const std::optional<absl::Time>& time, std::string_view comparison, const Instant& wanted) {
  if (!time) return false;
  if (comparison == ">") return *time >= wanted.time;
  // "On or before" a day includes the day.
  const absl::Time end = wanted.whole_day ? wanted.time + absl::Hours(24) : wanted.time + absl::Seconds(1);
  if (comparison == "<") return *time < end;
  return *time >= wanted.time && *time < end;
}

// Nothing when a filter's value cannot be read.
std::optional<bool> Matches(const Call& call, const Form& query) {
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    if (name == "To" && call.to != value) return false;
    if (name == "From" && call.from != value) return false;
    if (name == "ParentCallSid" && call.parent_sid != value) return false;
    if (name == "Status" && ToText(call.status) != value) return false;
    const bool start = name.starts_with("StartTime");
    if (!start && !name.starts_with("EndTime")) continue;
    const auto wanted = ParseInstant(value);
    if (!wanted) return std::nullopt;
    const std::string_view comparison = std::string_view(name).substr(start ? 9 : 7);
    if (!MatchesTime(start ? call.started : call.ended, comparison, *wanted)) return false;
  }
  return true;
}

std::string PageUri(std::string_view path, const Form& query, int64_t page_size, int64_t page, std::string_view token) {
  Form out;
  for (const auto& [name, value] : query) {
    if (name != "PageSize" && name != "Page" && name != "PageToken") out.emplace_back(name, value);
  }
  out.emplace_back("PageSize", Concat(page_size));
  out.emplace_back("Page", Concat(page));
  if (!token.empty()) out.emplace_back("PageToken", token);
  return Concat(path, "?", EncodeForm(out));
}

}  // namespace

http::Response ListCalls(const CallStore& store, std::string_view account_sid, std::string_view path, const Form& query,
                         absl::Time now, absl::Duration price_delay) {
  const int64_t page_size = std::clamp(ParseInt(FindInForm(query, "PageSize").value_or("")).value_or(kPageSize),
                                       int64_t{1}, kLargestPageSize);
  const int64_t page = std::max<int64_t>(ParseInt(FindInForm(query, "Page").value_or("0")).value_or(0), 0);
  // The token names the last call of the page before, so that calls placed meanwhile do not shift the pages.
  std::string_view token = FindInForm(query, "PageToken").value_or("");
  int64_t below = INT64_MAX;
  if (token.starts_with(kTokenPrefix)) below = ParseInt(token.substr(kTokenPrefix.size())).value_or(0);

  std::string calls;
  int64_t count = 0;
  int64_t last = 0;
  bool more = false;
  for (auto call = store.calls().rbegin(); call != store.calls().rend(); ++call) {
    if ((*call)->ordinal >= below || (*call)->account_sid != account_sid) continue;
    const auto matches = Matches(**call, query);
    if (!matches) return RestError(400, 20001, "A time in the filter is not valid");
    if (!*matches) continue;
    if (count == page_size) {
      more = true;
      break;
    }
    if (count > 0) calls.push_back(',');
    calls += RenderCall(**call, (*call)->ended && now - *(*call)->ended >= price_delay);
    last = (*call)->ordinal;
    ++count;
  }

  nlohmann::ordered_json links;
  links["first_page_uri"] = PageUri(path, query, page_size, 0, "");
  links["end"] = count == 0 ? page * page_size : page * page_size + count - 1;
  links["previous_page_uri"] = page > 0 ? nlohmann::json(PageUri(path, query, page_size, page - 1, "")) : nullptr;
  links["uri"] = PageUri(path, query, page_size, page, token);
  links["page_size"] = page_size;
  links["start"] = page * page_size;
  links["next_page_uri"] =
      more ? nlohmann::json(PageUri(path, query, page_size, page + 1, Concat(kTokenPrefix, last))) : nullptr;
  links["page"] = page;
  // The calls are put in as text: parsing a thousand of them again would only cost time.
  std::string body = WriteJson(links);
  body.pop_back();
  return http::JsonResponse(200, Concat(body, ",\"calls\":[", calls, "]}"));
}

}  // namespace trunkline::twin::twilio
