// Times as Plivo writes them.
#pragma once

#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace trunkline::providers::plivo {

// "2026-03-03 09:15:00.128743", with or without a fraction, read as UTC: SessionStart, Timestamp of streams and
// `session_start` of the API. Nothing for anything else.
std::optional<absl::Time> ParseUtc(std::string_view text);

// The same with an offset behind it, "2022-10-12 21:57:47+05:30": the API's call detail records.
std::optional<absl::Time> ParseWithOffset(std::string_view text);

// How far the account's local time is ahead of UTC. StartTime, AnswerTime and EndTime of a hangup are in it, and
// nothing says which it is; but SessionStart beside them is UTC, and it and StartTime are one moment, give or take
// seconds. Zones differ by quarters of an hour. Nothing when the two are too far from any such zone.
std::optional<absl::Duration> ZoneOf(std::string_view start_time, std::string_view session_start);

// Of a time whose fraction of a second was cut off, the latest moment that it can mean. Else a call would seem to end
// before what happened to it in its last second. `known_at` is when the time was told: nobody tells of the future.
absl::Time EndOfSecond(absl::Time time, absl::Time known_at);

// Milliseconds since 1970.
std::optional<absl::Time> ParseEpochMilliseconds(std::string_view text);

}  // namespace trunkline::providers::plivo
