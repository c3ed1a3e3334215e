// TrackDrive's calls and envelopes as they stand on the wire.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/http/message.h"
#include "tools/provider-twin/tracking/account.h"
#include "tools/provider-twin/tracking/platform.h"

namespace trunkline::twin::trackdrive {

// In the account's zone: "2026-03-02T09:05:11.204-05:00".
std::string LocalTime(int64_t unix_ms);
// The numeric id of a call, and back.
int64_t NumericIdOf(uint32_t call);
std::optional<uint32_t> FindCall(const tracking::CallBook& book, std::string_view id);

// With `columns`, only these.
std::string CallText(const tracking::Account& account, uint32_t call, const std::vector<std::string_view>& columns);
std::map<std::string, std::string> TagsOf(const tracking::Account& account, uint32_t call);
// The raw word, and what it means in the words of the common record.
struct StatusWord {
  std::string_view word;
  std::string_view normalized;
};
StatusWord StatusOf(const tracking::Call& call);
bool MoneyIsKnown(const tracking::Call& call);

// What the request asks for, within what TrackDrive allows.
size_t PageSize(const tracking::Ask& ask);

// {"status":200,"errors":{},ROOT:...,"metadata":...}
http::Response Envelope(std::string_view root, std::string_view json, std::string_view metadata);
http::Response Error(int status, std::string_view field, std::string_view text);

}  // namespace trunkline::twin::trackdrive
