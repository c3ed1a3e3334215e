#include "libs/tracking/trackdrive/call_status.h"

#include <algorithm>
#include <array>
#include <string>

#include "libs/base/text.h"

namespace trunkline::tracking::trackdrive {
namespace {

using calls::v1::CallStatus;

// What a word means, where it does not depend on anything else.
struct Meaning {
  std::string_view word;
  CallStatus status;
  calls::v1::HangupCause cause = calls::v1::HANGUP_CAUSE_UNSPECIFIED;
  bool voicemail = false;
};

constexpr std::array<Meaning, 39> kMeanings = {{
    {"initiated", calls::v1::CALL_STATUS_INITIATED},
    {"added-to-schedule", calls::v1::CALL_STATUS_QUEUED},
    {"waiting", calls::v1::CALL_STATUS_QUEUED},
    {"queued", calls::v1::CALL_STATUS_QUEUED},
    {"calling-leads", calls::v1::CALL_STATUS_RINGING},
    {"ringing", calls::v1::CALL_STATUS_RINGING},
    {"established", calls::v1::CALL_STATUS_ANSWERED},
    {"in-progress", calls::v1::CALL_STATUS_ANSWERED},
    {"completed", calls::v1::CALL_STATUS_COMPLETED},
    {"busy", calls::v1::CALL_STATUS_BUSY, calls::v1::HANGUP_CAUSE_BUSY},
    {"no-answer", calls::v1::CALL_STATUS_NO_ANSWER, calls::v1::HANGUP_CAUSE_TIMEOUT},
    {"no-answer-convert-on-attempt", calls::v1::CALL_STATUS_NO_ANSWER, calls::v1::HANGUP_CAUSE_TIMEOUT},
    {"failed", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR},
    {"invalid-number", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_INVALID_NUMBER},
    {"no-route-to-destination", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_UNREACHABLE},
    {"canceled", calls::v1::CALL_STATUS_CANCELED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP},
    {"cancelled", calls::v1::CALL_STATUS_CANCELED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP},
    {"caller-hung-up-while-ringing-buyer", calls::v1::CALL_STATUS_ABANDONED, calls::v1::HANGUP_CAUSE_USER_HANGUP},
    {"ivr-hung-up", calls::v1::CALL_STATUS_ABANDONED, calls::v1::HANGUP_CAUSE_USER_HANGUP},
    {"hold-queue-hung-up", calls::v1::CALL_STATUS_ABANDONED, calls::v1::HANGUP_CAUSE_USER_HANGUP},
    {"rejected-ivr-hang-up", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED},
    {"rejected-traffic-source-capped-hang-up", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED},
    {"blocked", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED},
    {"rejected", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED},
    {"rejected-caller-concurrency-exceeded", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED},
    {"rejected-no-concurrency-cap-available", calls::v1::CALL_STATUS_FAILED, calls::v1::HANGUP_CAUSE_REJECTED},
    {"ivr-no-keypress", calls::v1::CALL_STATUS_MISSED, calls::v1::HANGUP_CAUSE_TIMEOUT},
    {"hold-queue-no-buyer", calls::v1::CALL_STATUS_MISSED, calls::v1::HANGUP_CAUSE_TIMEOUT},
    {"hold-queue-waited-too-long", calls::v1::CALL_STATUS_MISSED, calls::v1::HANGUP_CAUSE_TIMEOUT},
    {"no-buyer", calls::v1::CALL_STATUS_MISSED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP},
    {"no-buyer-all-filtered", calls::v1::CALL_STATUS_MISSED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP},
    {"no-buyer-prevent-dupes", calls::v1::CALL_STATUS_MISSED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP},
    {"not-open", calls::v1::CALL_STATUS_MISSED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP},
    {"voicemail", calls::v1::CALL_STATUS_MISSED, calls::v1::HANGUP_CAUSE_UNSPECIFIED, true},
    {"left-voicemail", calls::v1::CALL_STATUS_MISSED, calls::v1::HANGUP_CAUSE_UNSPECIFIED, true},
    {"voicemail-detected", calls::v1::CALL_STATUS_MISSED, calls::v1::HANGUP_CAUSE_MACHINE_DETECTED, true},
    {"opt-out", calls::v1::CALL_STATUS_CANCELED, calls::v1::HANGUP_CAUSE_USER_HANGUP},
    {"caller-hung-up", calls::v1::CALL_STATUS_ABANDONED, calls::v1::HANGUP_CAUSE_USER_HANGUP},
    {"on-hold", calls::v1::CALL_STATUS_ON_HOLD},
}};

// Words whose meaning depends on the rest of the call.
std::optional<CallStatus> DependentStatus(std::string_view word, const StatusFacts& facts) {
  if (word == "finished") return facts.is_connected ? calls::v1::CALL_STATUS_COMPLETED : calls::v1::CALL_STATUS_MISSED;
  if (word == "forwarded") return facts.has_ended ? calls::v1::CALL_STATUS_COMPLETED : calls::v1::CALL_STATUS_ANSWERED;
  if (word == "on-hold" && facts.has_ended) return calls::v1::CALL_STATUS_ABANDONED;
  if (word == "caller-hung-up" && facts.has_talked) return calls::v1::CALL_STATUS_COMPLETED;
  return std::nullopt;
}

}  // namespace

StatusReading ReadStatus(const StatusFacts& facts) {
  std::string word = Lower(Trim(facts.word));
  std::replace_if(
      word.begin(), word.end(), [](char c) { return c == '_' || c == ' '; }, '-');
  StatusReading reading;
  const auto* meaning =
      std::find_if(kMeanings.begin(), kMeanings.end(), [&](const Meaning& known) { return known.word == word; });
  if (meaning != kMeanings.end()) {
    reading.status = meaning->status;
    reading.hangup.set_cause(meaning->cause);
    reading.voicemail = meaning->voicemail;
    if (meaning->cause == calls::v1::HANGUP_CAUSE_USER_HANGUP) {
      reading.hangup.set_source(calls::v1::HANGUP_SOURCE_CALLER);
    }
  }
  if (const auto dependent = DependentStatus(word, facts); dependent.has_value()) {
    reading.status = dependent;
  } else if (meaning == kMeanings.end()) {
    reading.is_known = word.empty();
    if (facts.has_ended) reading.status = calls::v1::CALL_STATUS_MISSED;
  }
  return reading;
}

}  // namespace trunkline::tracking::trackdrive
