// Values for the placeholders of a statement.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"

namespace trunkline::postgres {

// One value. Text that PostgreSQL cannot store (NUL, malformed UTF-8) fails the statement with INVALID_ARGUMENT; it is
// never cut or changed in silence.
class Parameter {
 public:
  // NOLINTBEGIN(misc-explicit-constructor): {id, name, count} is how the parameters of a statement are written.
  Parameter(std::nullopt_t) {}
  Parameter(std::string_view text) : value_(std::string(text)) {}
  Parameter(const std::string& text) : value_(text) {}
  Parameter(const char* text) : value_(text) {}
  Parameter(absl::Time time);
  // A boolean of a bool alone: an enumeration or a pointer would become one in silence. An enumeration is written as
  // static_cast<int>(state).
  template <std::same_as<bool> T>
  Parameter(T value) : value_(value ? "t" : "f") {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) Parameter(T number) : value_(Concat(number)) {}
  template <typename T>
  requires std::constructible_from<Parameter, T> Parameter(const std::optional<T>& value) {
    if (value.has_value()) *this = Parameter(*value);
  }
  // NOLINTEND(misc-explicit-constructor)

  // A bytea.
  static Parameter Bytes(std::string_view bytes);
  // An array of text, or of anything that is written as text (uuid[], ...).
  static Parameter Array(const std::vector<std::string>& values);
  // An array of numbers.
  static Parameter Array(const std::vector<int64_t>& values);
  // A uuid[], integer[], bigint[], xid[], text[] or timestamptz[] in PostgreSQL's binary format, for many values.
  static Parameter Uuids(const std::vector<UuidNumber>& values);
  static Parameter Integers(const std::vector<int32_t>& values);
  static Parameter Bigints(const std::vector<int64_t>& values);
  static Parameter TransactionIds(const std::vector<uint32_t>& values);
  // A text[] or bytea[] in the same format. Text that PostgreSQL cannot store is refused by PostgreSQL.
  static Parameter Texts(const std::vector<std::string_view>& values);
  static Parameter ByteStrings(const std::vector<std::string_view>& values);
  static Parameter Times(const std::vector<std::optional<absl::Time>>& values);
  // NULL for an empty text.
  static Parameter TextOrNull(std::string_view text);

  // Null when there is no value.
  const std::optional<std::string>& value() const { return value_; }
  bool is_binary() const { return binary_; }

 private:
  std::optional<std::string> value_;
  bool binary_ = false;
};

// "2026-03-03 09:15:00.000123+00", for microseconds since 1970.
std::string FormatTimestamp(int64_t micros);

}  // namespace trunkline::postgres
