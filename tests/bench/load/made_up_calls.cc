#include "tests/bench/load/made_up_calls.h"

#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline::bench {
namespace {

constexpr std::array<std::string_view, kWebhooksOfACall> kStatuses = {"initiated", "ringing", "in-progress",
                                                                      "completed"};
// When each of them is told, in seconds from the call's beginning.
constexpr std::array<int, kWebhooksOfACall> kSeconds = {0, 2, 9, 71};
constexpr int kCallsPerSecond = 100;

std::string Hex(int64_t number, int digits) {
  char text[40];
  std::snprintf(text, sizeof text, "%0*llx", digits, static_cast<unsigned long long>(number));
  return text;
}

std::string PhoneNumber(std::string_view area, int64_t number) {
  char text[16];
  std::snprintf(text, sizeof text, "+1%.*s555%04d", static_cast<int>(area.size()), area.data(),
                static_cast<int>(number % 10'000));
  return text;
}

}  // namespace

MadeUpCalls::MadeUpCalls(uint32_t seed, std::string account_sid, absl::Time start)
    : seed_(seed), account_sid_(std::move(account_sid)), start_(start) {}

std::string MadeUpCalls::CallSid(int64_t call) const { return Concat("CA", Hex(seed_, 8), Hex(call, 24)); }

std::string MadeUpCalls::IdempotencyToken(int64_t call, int sequence) const {
  return Concat(Hex(seed_, 8), "-0000-4000-", Hex(0x8000 + sequence, 4), "-", Hex(call, 12));
}

std::string MadeUpCalls::Body(int64_t call, int sequence) const {
  const size_t stage = static_cast<size_t>(sequence);
  const absl::Time time =
      start_ + absl::Milliseconds(1000 * call / kCallsPerSecond) + absl::Seconds(kSeconds.at(stage));
  const std::string to = PhoneNumber("212", call);
  const std::string from = PhoneNumber("415", call / 10'000);
  Form form = {{"Called", to},
               {"ToState", "NY"},
               {"CallerCountry", "US"},
               {"Direction", "outbound-api"},
               {"Timestamp", absl::FormatTime("%a, %d %b %Y %H:%M:%S +0000", time, absl::UTCTimeZone())},
               {"CallbackSource", "call-progress-events"},
               {"CallerState", "CA"},
               {"ToZip", ""},
               {"SequenceNumber", Concat(sequence)},
               {"CallSid", CallSid(call)},
               {"To", to},
               {"CallerZip", "94105"},
               {"ToCountry", "US"},
               {"CalledZip", ""},
               {"ApiVersion", "2010-04-01"},
               {"CalledCity", ""},
               {"CallStatus", std::string(kStatuses.at(stage))},
               {"From", from},
               {"AccountSid", account_sid_},
               {"CalledCountry", "US"},
               {"CallerCity", "SAN FRANCISCO"},
               {"ToCity", ""},
               {"FromCountry", "US"},
               {"Caller", from},
               {"FromCity", "SAN FRANCISCO"},
               {"CalledState", "NY"},
               {"FromZip", "94105"},
               {"FromState", "CA"}};
  if (sequence == kWebhooksOfACall - 1) {
    form.emplace_back("SipResponseCode", "200");
    form.emplace_back("CallDuration", "62");
    form.emplace_back("Duration", "2");
  }
  return EncodeForm(form);
}

}  // namespace trunkline::bench
