// Text helpers that Debian's Abseil leaves open: its absl::string_view is not std::string_view, and neither converts to
// the other, so Trunkline's interfaces use std::string_view and these.
#pragma once

#include <charconv>
#include <concepts>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/string_view.h"

namespace trunkline {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

namespace internal {
inline void Append(std::string& out, std::string_view piece) { out.append(piece); }
inline void Append(std::string& out, char piece) { out.push_back(piece); }
template <std::integral T>
requires(!std::same_as<T, char> && !std::same_as<T, bool>) void Append(std::string& out, T piece) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, piece).ptr;
  out.append(digits, end);
}
}  // namespace internal

// Joins text, characters and whole numbers without a separator.
template <typename... Pieces>
std::string Concat(const Pieces&... pieces) {
  std::string out;
  (internal::Append(out, pieces), ...);
  return out;
}

inline bool IsDigit(char c) { return c >= '0' && c <= '9'; }
// Digits and nothing else, and at least one.
bool AreDigits(std::string_view text);
// Whether the text is one of the words.
bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> words);
// ASCII lower case; other bytes stay.
std::string Lower(std::string_view text);
// ASCII case-insensitive comparison.
bool EqualsIgnoreCase(std::string_view a, std::string_view b);
// Without ASCII white space at both ends.
std::string_view Trim(std::string_view text);
// The pieces between `separator`s; an empty text has one empty piece.
std::vector<std::string_view> Split(std::string_view text, char separator);
// A decimal whole number that fills the text; nothing otherwise.
std::optional<int64_t> ParseInt(std::string_view text);
// A decimal number that fills the text; nothing for anything else, infinities and NaN included.
std::optional<double> ParseDouble(std::string_view text);
// How many characters of UTF-8 the text has.
size_t CharactersIn(std::string_view text);
// True when the bytes are well-formed UTF-8 without NUL, which PostgreSQL's text refuses.
bool IsStorableText(std::string_view text);
// The text with every byte that IsStorableText refuses replaced by U+FFFD.
std::string ToStorableText(std::string_view text);

}  // namespace trunkline
