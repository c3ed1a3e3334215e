#include "libs/postgres/parameter.h"

#include <algorithm>

#include "libs/postgres/binary_format.h"

namespace trunkline::postgres {
namespace {

// From 1970 to where PostgreSQL counts from.
constexpr int64_t kMicrosUntil2000 = 946'684'800'000'000;

template <typename Number>
std::string NumbersOf(ElementType type, const std::vector<Number>& values) {
  std::string array;
  array.reserve(20 + values.size() * (4 + sizeof(Number)));
  AppendArrayHeader(type, values.size(), &array);
  for (const Number value : values) {
    AppendNumber(static_cast<int32_t>(sizeof value), &array);
    AppendNumber(value, &array);
  }
  return array;
}

std::string StringsOf(ElementType type, const std::vector<std::string_view>& values) {
  size_t bytes = 20;
  for (const std::string_view value : values) bytes += 4 + value.size();
  std::string array;
  array.reserve(bytes);
  AppendArrayHeader(type, values.size(), &array);
  for (const std::string_view value : values) {
    AppendNumber(static_cast<int32_t>(value.size()), &array);
    array.append(value);
  }
  return array;
}

}  // namespace

Parameter::Parameter(absl::Time time) : value_(FormatTimestamp(absl::ToUnixMicros(time))) {}

Parameter Parameter::Bytes(std::string_view bytes) {
  Parameter parameter(bytes);
  parameter.binary_ = true;
  return parameter;
}

Parameter Parameter::Array(const std::vector<std::string>& values) {
  std::string literal = "{";
  for (const std::string& value : values) {
    if (literal.size() > 1) literal.push_back(',');
    literal.push_back('"');
    for (const char c : value) {
      if (c == '"' || c == '\\') literal.push_back('\\');
      literal.push_back(c);
    }
    literal.push_back('"');
  }
  literal.push_back('}');
  return Parameter(literal);
}

Parameter Parameter::Array(const std::vector<int64_t>& values) {
  std::string literal = "{";
  for (const int64_t value : values) literal += Concat(literal.size() > 1 ? "," : "", value);
  literal.push_back('}');
  return Parameter(literal);
}

Parameter Parameter::Uuids(const std::vector<UuidNumber>& values) {
  std::string array;
  array.reserve(20 + values.size() * 20);
  AppendArrayHeader(ElementType::kUuid, values.size(), &array);
  for (const UuidNumber value : values) {
    AppendNumber<int32_t>(16, &array);
    AppendUuid(value, &array);
  }
  return Bytes(array);
}

Parameter Parameter::Integers(const std::vector<int32_t>& values) {
  return Bytes(NumbersOf(ElementType::kInteger, values));
}

Parameter Parameter::Bigints(const std::vector<int64_t>& values) {
  return Bytes(NumbersOf(ElementType::kBigint, values));
}

Parameter Parameter::TransactionIds(const std::vector<uint32_t>& values) {
  return Bytes(NumbersOf(ElementType::kTransactionId, values));
}

Parameter Parameter::Texts(const std::vector<std::string_view>& values) {
  return Bytes(StringsOf(ElementType::kText, values));
}

Parameter Parameter::ByteStrings(const std::vector<std::string_view>& values) {
  return Bytes(StringsOf(ElementType::kBytea, values));
}

Parameter Parameter::Times(const std::vector<std::optional<absl::Time>>& values) {
  std::string array;
  array.reserve(20 + values.size() * 12);
  const bool has_nulls = std::any_of(values.begin(), values.end(), [](const auto& time) { return !time.has_value(); });
  AppendArrayHeader(ElementType::kTimestamp, values.size(), &array, has_nulls);
  for (const std::optional<absl::Time>& time : values) {
    if (time.has_value()) {
      AppendNumber<int32_t>(8, &array);
      AppendNumber(absl::ToUnixMicros(*time) - kMicrosUntil2000, &array);
    } else {
      AppendNumber<int32_t>(-1, &array);
    }
  }
  return Bytes(array);
}

Parameter Parameter::TextOrNull(std::string_view text) {
  return text.empty() ? Parameter(std::nullopt) : Parameter(text);
}

std::string FormatTimestamp(int64_t micros) {
  constexpr int64_t kMicrosPerSecond = 1'000'000;
  constexpr int64_t kSecondsPerDay = 86'400;
  int64_t seconds = micros / kMicrosPerSecond;
  int64_t fraction = micros % kMicrosPerSecond;
  if (fraction < 0) {
    fraction += kMicrosPerSecond;
    --seconds;
  }
  int64_t days = seconds / kSecondsPerDay;
  int64_t of_day = seconds % kSecondsPerDay;
  if (of_day < 0) {
    of_day += kSecondsPerDay;
    --days;
  }
  // From days to a civil date: Howard Hinnant's public algorithm, here because this runs for every row of every batch.
  days += 719'468;
  const int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const int64_t day_of_era = days - era * 146'097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);

  // PostgreSQL's timestamps end in the year 294276; four digits are what this writer promises, and what calls have.
  char text[] = "0000-00-00 00:00:00.000000+00";
  const auto put = [&text](size_t at, int width, int64_t value) {
    for (int i = width - 1; i >= 0; --i) {
      text[at + static_cast<size_t>(i)] = static_cast<char>('0' + value % 10);
      value /= 10;
    }
  };
  put(0, 4, year);
  put(5, 2, month);
  put(8, 2, day);
  put(11, 2, of_day / 3'600);
  put(14, 2, of_day / 60 % 60);
  put(17, 2, of_day % 60);
  put(20, 6, fraction);
  return text;
}

}  // namespace trunkline::postgres
