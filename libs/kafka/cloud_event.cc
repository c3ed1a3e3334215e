#include "libs/kafka/cloud_event.h"

#include <chrono>
#include <utility>

namespace trunkline::kafka {
namespace {

constexpr size_t kMostHeaders = 10;

void WriteDigits(char* end, int64_t number, int count) {
  for (; count > 0; --count, number /= 10) *--end = static_cast<char>('0' + number % 10);
}

// RFC 3339 in UTC with microseconds. absl::FormatTime reads its format anew each time, which every message would pay.
std::string ToRfc3339(absl::Time time) {
  constexpr absl::Time kFirst = absl::FromUnixSeconds(-62'167'219'200);  // 0000-01-01
  constexpr absl::Time kEnd = absl::FromUnixSeconds(253'402'300'800);    // 10000-01-01
  if (time < kFirst || time >= kEnd) return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
  const std::chrono::sys_time<std::chrono::microseconds> since_epoch{
      std::chrono::microseconds(absl::ToUnixMicros(time))};
  const auto midnight = std::chrono::floor<std::chrono::days>(since_epoch);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(since_epoch - midnight);
  std::string text = "0000-00-00T00:00:00.000000Z";
  WriteDigits(&text[4], int{date.year()}, 4);
  WriteDigits(&text[7], unsigned{date.month()}, 2);
  WriteDigits(&text[10], unsigned{date.day()}, 2);
  WriteDigits(&text[13], clock.hours().count(), 2);
  WriteDigits(&text[16], clock.minutes().count(), 2);
  WriteDigits(&text[19], clock.seconds().count(), 2);
  WriteDigits(&text[26], clock.subseconds().count(), 6);
  return text;
}

}  // namespace

Headers ToHeaders(CloudEvent event) {
  Headers headers;
  headers.reserve(kMostHeaders);
  headers.emplace_back("ce_specversion", "1.0");
  headers.emplace_back("ce_id", std::move(event.id));
  headers.emplace_back("ce_type", std::move(event.type));
  headers.emplace_back("ce_source", std::move(event.source));
  headers.emplace_back("ce_subject", std::move(event.subject));
  headers.emplace_back("ce_time", ToRfc3339(event.time));
  headers.emplace_back("ce_dataschema", std::move(event.data_schema));
  headers.emplace_back("content-type", "application/protobuf");
  headers.emplace_back("business_id", std::move(event.business_id));
  if (!event.traceparent.empty()) headers.emplace_back("traceparent", std::move(event.traceparent));
  return headers;
}

}  // namespace trunkline::kafka
