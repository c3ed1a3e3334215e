#include "libs/base/log.h"

#include <unistd.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"

namespace trunkline {
namespace {

constexpr size_t kFewestDigits = 7;
constexpr size_t kMostDigits = 15;
constexpr size_t kDigitsLeft = 4;

// Set once before any thread starts, then only read.
std::string& ServiceName() {
  static std::string name = "trunkline";
  return name;
}
LogLevel& LowestLevel() {
  static LogLevel level = LogLevel::kInfo;
  return level;
}

std::string_view NameOf(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

void Write(LogLevel level, std::string_view message, LogFields fields) {
  if (level < LowestLevel()) return;
  const std::string line = FormatLogLine(level, ServiceName(), message, fields) + "\n";
  // One write, so that the lines of several threads do not mix. A log that cannot be written must not stop a call.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

void StartLog(std::string_view service, LogLevel lowest) {
  ServiceName() = service;
  LowestLevel() = lowest;
}

void LogDebug(std::string_view message, LogFields fields) { Write(LogLevel::kDebug, message, fields); }
void LogInfo(std::string_view message, LogFields fields) { Write(LogLevel::kInfo, message, fields); }
void LogWarning(std::string_view message, LogFields fields) { Write(LogLevel::kWarning, message, fields); }
void LogError(std::string_view message, LogFields fields) { Write(LogLevel::kError, message, fields); }

std::string FormatLogLine(LogLevel level, std::string_view service, std::string_view message, LogFields fields) {
  nlohmann::ordered_json line;
  line["ts"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone());
  line["level"] = NameOf(level);
  line["service"] = service;
  line["msg"] = message;
  if (const TraceContext trace = CurrentTrace(); trace.IsValid()) {
    line["trace_id"] = trace.trace_id;
    line["span_id"] = trace.span_id;
  }
  for (const auto& [name, value] : fields) {
    std::visit(
        [&line, &key = name](const auto& v) {
          if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string>) {
            line[std::string(key)] = MaskNumbers(v);
          } else {
            line[std::string(key)] = v;
          }
        },
        value.value());
  }
  return WriteJson(line);
}

std::string MaskNumber(std::string_view number) {
  const size_t digits = static_cast<size_t>(std::count_if(number.begin(), number.end(), IsDigit));
  std::string masked(number);
  if (digits < kFewestDigits) return masked;
  size_t seen = 0;
  for (char& c : masked) {
    if (IsDigit(c) && ++seen + kDigitsLeft <= digits) c = '*';
  }
  return masked;
}

std::string MaskNumbers(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    size_t end = i + 1;
    if (text[i] == '+') {
      while (end < text.size() && IsDigit(text[end])) ++end;
    }
    const size_t digits = end - i - 1;
    const std::string_view piece = text.substr(i, end - i);
    out += digits >= kFewestDigits && digits <= kMostDigits ? MaskNumber(piece) : std::string(piece);
    i = end;
  }
  return out;
}

}  // namespace trunkline
