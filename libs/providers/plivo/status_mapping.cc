#include "libs/providers/plivo/status_mapping.h"

#include <array>
#include <utility>

#include "libs/base/text.h"
#include "libs/providers/plivo/hangup_codes.h"

namespace trunkline::providers::plivo {
namespace {

using calls::v1::CallStatus;
using calls::v1::HangupCause;
using calls::v1::HangupSource;

// The table of a word to its meaning, looked up from the front.
template <typename Value, size_t kSize>
using Words = std::array<std::pair<std::string_view, Value>, kSize>;

template <typename Value, size_t kSize>
std::optional<Value> Find(const Words<Value, kSize>& words, std::string_view word) {
  for (const auto& [name, value] : words) {
    if (EqualsIgnoreCase(name, word)) return value;
  }
  return std::nullopt;
}

struct Live {
  events::v1::CallEventType type;
  CallStatus status;
};

constexpr Words<Live, 4> kLive = {{
    {"queued", {events::v1::CALL_EVENT_TYPE_QUEUED, calls::v1::CALL_STATUS_QUEUED}},
    {"initiated", {events::v1::CALL_EVENT_TYPE_INITIATED, calls::v1::CALL_STATUS_INITIATED}},
    {"ringing", {events::v1::CALL_EVENT_TYPE_RINGING, calls::v1::CALL_STATUS_RINGING}},
    {"in-progress", {events::v1::CALL_EVENT_TYPE_ANSWERED, calls::v1::CALL_STATUS_ANSWERED}},
}};

constexpr Words<HangupSource, 11> kSources = {{
    {"Caller", calls::v1::HANGUP_SOURCE_CALLER},
    {"customer", calls::v1::HANGUP_SOURCE_CALLER},
    {"Callee", calls::v1::HANGUP_SOURCE_CALLEE},
    {"Call recipient", calls::v1::HANGUP_SOURCE_CALLEE},
    {"Plivo", calls::v1::HANGUP_SOURCE_SYSTEM},
    {"Carrier", calls::v1::HANGUP_SOURCE_SYSTEM},
    {"zentrunk", calls::v1::HANGUP_SOURCE_SYSTEM},
    {"API Request", calls::v1::HANGUP_SOURCE_SYSTEM},
    {"Answer XML", calls::v1::HANGUP_SOURCE_SYSTEM},
    {"Error", calls::v1::HANGUP_SOURCE_SYSTEM},
    {"Unknown", calls::v1::HANGUP_SOURCE_SYSTEM},
}};

constexpr Words<CallStatus, 6> kDialStatus = {{
    {"completed", calls::v1::CALL_STATUS_COMPLETED},
    {"busy", calls::v1::CALL_STATUS_BUSY},
    {"failed", calls::v1::CALL_STATUS_FAILED},
    {"cancel", calls::v1::CALL_STATUS_CANCELED},
    {"timeout", calls::v1::CALL_STATUS_NO_ANSWER},
    {"no-answer", calls::v1::CALL_STATUS_NO_ANSWER},
}};

// The status word of an unanswered call, and the code that it amounts to where no cause is told.
struct EndWord {
  CallStatus status;
  int code;
};

constexpr Words<EndWord, 5> kEndWords = {{
    {"busy", {calls::v1::CALL_STATUS_BUSY, 3010}},
    {"no-answer", {calls::v1::CALL_STATUS_NO_ANSWER, 3000}},
    {"timeout", {calls::v1::CALL_STATUS_NO_ANSWER, 6010}},
    {"cancel", {calls::v1::CALL_STATUS_CANCELED, 1000}},
    {"failed", {calls::v1::CALL_STATUS_FAILED, -1}},
}};

const HangupCode& CodeOf(const CallEnd& end, const std::optional<EndWord>& word) {
  if (const std::optional<int64_t> code = ParseInt(end.code); code >= 0 && code < 1'000'000) {
    return FindHangupCode(static_cast<int>(*code));
  }
  // ORIGINATOR_CANCEL is also what a ring time-out says; the status beside it tells the two apart.
  const bool vague = end.word.empty() || end.word == "ORIGINATOR_CANCEL";
  if (vague && word.has_value()) return FindHangupCode(word->code);
  if (vague && end.status == "completed") return FindHangupCode(4000);
  return FindHangupWord(end.word);
}

CallStatus StatusOfWord(const CallEnd& end, const HangupCode& code, const std::optional<EndWord>& word,
                        HangupSource source) {
  if (end.answered) return calls::v1::CALL_STATUS_COMPLETED;
  CallStatus status = word.has_value() ? word->status : code.status;
  // Somebody refused: to an outbound call that is a kind of busy.
  const bool refused = code.code == 3020 && source == calls::v1::HANGUP_SOURCE_CALLEE;
  if (refused && !end.inbound) status = calls::v1::CALL_STATUS_BUSY;
  if (end.dialed_leg || !end.inbound) {
    // "completed" has been seen for calls that nobody answered.
    if (status != calls::v1::CALL_STATUS_COMPLETED) return status;
    if (code.code == 9100) return status;
    return code.cause == calls::v1::HANGUP_CAUSE_TIMEOUT ? calls::v1::CALL_STATUS_NO_ANSWER
                                                         : calls::v1::CALL_STATUS_CANCELED;
  }
  if (source == calls::v1::HANGUP_SOURCE_CALLER || status == calls::v1::CALL_STATUS_CANCELED) {
    return calls::v1::CALL_STATUS_ABANDONED;
  }
  if (status == calls::v1::CALL_STATUS_NO_ANSWER || status == calls::v1::CALL_STATUS_COMPLETED) {
    return calls::v1::CALL_STATUS_MISSED;
  }
  return status;
}

HangupCause CauseOf(const HangupCode& code, CallStatus status, HangupSource source) {
  const bool by_party = source == calls::v1::HANGUP_SOURCE_CALLER || source == calls::v1::HANGUP_SOURCE_CALLEE;
  if (code.code == 4000) {
    return by_party ? calls::v1::HANGUP_CAUSE_USER_HANGUP : calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP;
  }
  const bool gave_up = code.code == 1000 && source == calls::v1::HANGUP_SOURCE_CALLER;
  if (gave_up || (status == calls::v1::CALL_STATUS_ABANDONED && code.cause == calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP)) {
    return calls::v1::HANGUP_CAUSE_USER_HANGUP;
  }
  return code.cause;
}

}  // namespace

std::optional<MappedStatus> MapLiveStatus(std::string_view status) {
  const std::optional<Live> live = Find(kLive, status);
  if (!live.has_value()) return std::nullopt;
  return MappedStatus{.type = live->type, .status = live->status, .hangup = {}, .error = {}};
}

MappedStatus MapCallEnd(const CallEnd& end) {
  const std::optional<EndWord> word = Find(kEndWords, end.status);
  const HangupCode& code = CodeOf(end, word);
  HangupSource source = MapHangupSource(end.source);
  MappedStatus mapped;
  mapped.type = events::v1::CALL_EVENT_TYPE_ENDED;
  mapped.status = StatusOfWord(end, code, word, source);
  mapped.hangup.set_cause(CauseOf(code, mapped.status, source));
  // A busy line is the callee's doing, whoever reports it.
  if (mapped.status == calls::v1::CALL_STATUS_BUSY) source = calls::v1::HANGUP_SOURCE_CALLEE;
  if (mapped.status == calls::v1::CALL_STATUS_ABANDONED) source = calls::v1::HANGUP_SOURCE_CALLER;
  mapped.hangup.set_source(source);
  if (mapped.status == calls::v1::CALL_STATUS_FAILED) {
    mapped.error = ErrorOfHangup(code, end.code, end.name.empty() ? end.word : end.name);
  }
  return mapped;
}

HangupSource MapHangupSource(std::string_view source) {
  return Find(kSources, source).value_or(calls::v1::HANGUP_SOURCE_SYSTEM);
}

CallStatus MapDialStatus(std::string_view status) {
  return Find(kDialStatus, status).value_or(calls::v1::CALL_STATUS_UNSPECIFIED);
}

calls::v1::CallDirection MapDirection(std::string_view direction) {
  if (direction == "inbound") return calls::v1::CALL_DIRECTION_INBOUND;
  if (direction == "outbound") return calls::v1::CALL_DIRECTION_OUTBOUND;
  return calls::v1::CALL_DIRECTION_UNSPECIFIED;
}

}  // namespace trunkline::providers::plivo
