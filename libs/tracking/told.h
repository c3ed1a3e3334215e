// What a platform tells of one field: nothing, that there is none, or a value. A record tells every field that the
// platform has, a notification only some; "there is none" takes an earlier value back, silence does not.
#pragma once

#include <optional>
#include <utility>

namespace trunkline::tracking {

template <typename T>
struct Told {
  bool is_told = false;
  std::optional<T> value = std::nullopt;

  static Told None() { return {.is_told = true}; }
  static Told Of(T value) { return {.is_told = true, .value = std::move(value)}; }
  static Told Maybe(std::optional<T> value) { return {.is_told = true, .value = std::move(value)}; }

  bool has_value() const { return value.has_value(); }
  const T& operator*() const { return *value; }
  bool operator==(const Told&) const = default;
};

}  // namespace trunkline::tracking
