// How PostgreSQL writes values in its binary formats: whole numbers with the most significant byte first, and the
// numbers by which it knows the types of an array's elements (pg_type.dat, which never change).
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "libs/base/ids.h"

namespace trunkline::postgres {

enum class ElementType : int32_t {
  kBytea = 17,
  kBigint = 20,
  kInteger = 23,
  kText = 25,
  kTransactionId = 28,
  kTimestamp = 1184,
  kUuid = 2950
};

template <std::integral T>
void AppendNumber(T number, std::string* out) {
  using Unsigned = std::make_unsigned_t<T>;
  char bytes[sizeof(T)];
  for (size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<char>(static_cast<Unsigned>(number) >> (8 * (sizeof(T) - 1 - i)));
  }
  out->append(bytes, sizeof bytes);
}

// A number of two, four or eight bytes.
inline int64_t ReadNumber(std::string_view bytes) {
  uint64_t number = !bytes.empty() && (bytes[0] & 0x80) != 0 ? ~uint64_t{0} : 0;
  for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return static_cast<int64_t>(number);
}

inline void AppendUuid(UuidNumber uuid, std::string* out) {
  AppendNumber(uuid.high, out);
  AppendNumber(uuid.low, out);
}

// What stands before the elements of an array, each of which follows with its length.
inline void AppendArrayHeader(ElementType type, size_t elements, std::string* out, bool has_nulls = false) {
  AppendNumber<int32_t>(elements == 0 ? 0 : 1, out);  // dimensions
  AppendNumber<int32_t>(has_nulls ? 1 : 0, out);
  AppendNumber(static_cast<int32_t>(type), out);
  if (elements == 0) return;
  AppendNumber(static_cast<int32_t>(elements), out);
  AppendNumber<int32_t>(1, out);  // the first index
}

}  // namespace trunkline::postgres
