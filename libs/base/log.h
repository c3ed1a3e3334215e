// Structured logs: one JSON object a line on standard error.
//
//   LogInfo("call placed", {{"call_id", id}, {"to", MaskNumber(to)}, {"milliseconds", 12}});
//
// The message is constant text, what varies goes into fields. Every string value passes a mask that hides all but the
// last four digits of anything that looks like a phone number (a '+' and 7 to 15 digits), so that a number that slips
// into an error's text is not written out; secrets must not be passed at all.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/status/status.h"

namespace trunkline {

class LogValue {
 public:
  // NOLINTBEGIN(misc-explicit-constructor): {"key", value} is how a field is written.
  LogValue(std::string_view text) : value_(std::string(text)) {}
  LogValue(const std::string& text) : value_(text) {}
  LogValue(const char* text) : value_(std::string(text)) {}
  LogValue(const absl::Status& status) : value_(status.ToString()) {}
  LogValue(bool value) : value_(value) {}
  LogValue(double value) : value_(value) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) LogValue(T value) : value_(static_cast<int64_t>(value)) {}
  // NOLINTEND(misc-explicit-constructor)

  const std::variant<std::string, bool, double, int64_t>& value() const { return value_; }

 private:
  std::variant<std::string, bool, double, int64_t> value_;
};

using LogFields = std::initializer_list<std::pair<std::string_view, LogValue>>;

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Sets the name that every line carries, and the lowest level that is written. Called once, first thing in main().
void StartLog(std::string_view service, LogLevel lowest);

void LogDebug(std::string_view message, LogFields fields = {});
void LogInfo(std::string_view message, LogFields fields = {});
void LogWarning(std::string_view message, LogFields fields = {});
void LogError(std::string_view message, LogFields fields = {});

// The line that Log…() would write, without the line end; for tests.
std::string FormatLogLine(LogLevel level, std::string_view service, std::string_view message, LogFields fields);

// "+15550100002" becomes "+*******0002"; anything that is not a number of at least 7 digits stays as it is.
std::string MaskNumber(std::string_view number);
// The text with every phone number in it masked.
std::string MaskNumbers(std::string_view text);

}  // namespace trunkline
