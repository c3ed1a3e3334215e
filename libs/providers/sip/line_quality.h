// How well the lines of a call carried it: the reports of RTCP on them, weighted by the packets of which they tell.
#pragma once

#include <optional>

#include "libs/providers/sip/ami/message.h"
#include "libs/telephony/voice_quality.h"

namespace trunkline::providers::sip {

class LineQuality {
 public:
  // An RTCPReceived or RTCPSent. `packets` is how many packets its line had sent at the report before, and becomes how
  // many it has sent now. Reports that say nothing are passed over.
  void Add(const ami::Message& report, double* packets);

  // Nothing before the first report.
  std::optional<telephony::NetworkQuality> Average() const;

 private:
  double weight_ = 0;
  double latency_weight_ = 0;  // not every report has a round trip
  double latency_ = 0;
  double jitter_ = 0;
  double loss_ = 0;
};

}  // namespace trunkline::providers::sip
