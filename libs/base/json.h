// Reading and writing JSON, in one place: what is read is bounded in depth, so that walking, copying or writing it
// later cannot exhaust the stack, and the reader and writer of nlohmann/json, which cost more to compile than most of
// what uses them, are compiled once.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace trunkline {

// Objects and arrays within each other that are still read. Nothing that a provider documents comes near it.
inline constexpr int kDeepestJson = 100;

// A value whose is_discarded() is true, and which is no object, array or other type, when the text is not JSON in UTF-8
// or deeper than `deepest`. Of a name that comes twice in an object the last value counts.
nlohmann::json ParseJson(std::string_view text, int deepest = kDeepestJson);
// The same, up to kDeepestJson, with the members of objects in the order in which they were read.
nlohmann::ordered_json ParseOrderedJson(std::string_view text);

// On one line, without spaces. Bytes that are no UTF-8 become U+FFFD.
std::string WriteJson(const nlohmann::json& value);
std::string WriteJson(const nlohmann::ordered_json& value);

}  // namespace trunkline
