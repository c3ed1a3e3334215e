// Bytes as what a platform's API answers: JSON, headers, times, amounts, errors.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "libs/base/json.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/redaction.h"
#include "libs/tracking/retreaver/link_header.h"
#include "libs/tracking/ringba/answer_error.h"
#include "libs/tracking/trackdrive/statistics.h"
#include "libs/tracking/tracking_error.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking {
namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

void Run(std::string_view bytes) {
  (void)retreaver::NextPageOf(bytes);
  (void)ReadRetryAfter(bytes, absl::FromUnixSeconds(1'772'460'600));
  (void)ParsePhone(bytes);
  (void)ParseSeconds(bytes);
  (void)ParseFlag(bytes);
  (void)ParseTime(bytes);
  if (const auto amount = ParseAmount(bytes); amount.has_value()) Require(ParseAmount(FormatAmount(*amount)) == amount);
  ApiAnswer answer{.status = 400, .text = std::string(bytes)};
  if (auto json = ParseExactJson(bytes); json.has_value()) {
    // What was read is written so that it is read again.
    Require(ParseExactJson(WriteJson(*json)) == json);
    (void)trackdrive::ReadStatistics(*json, "revenue");
    Redact(&*json);
    nlohmann::json once = *json;
    Redact(&*json);
    Require(*json == once);
    answer.body = *json;
  }
  v1::TrackingError error;
  ringba::ReadError(answer, &error);
  (void)ErrorTextOf(answer);
}

}  // namespace
}  // namespace trunkline::tracking

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trunkline::tracking::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
