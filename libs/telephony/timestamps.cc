#include "libs/telephony/timestamps.h"

namespace trunkline::telephony {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kNanosPerMicro = 1'000;

}  // namespace

google::protobuf::Timestamp ToProto(absl::Time time) { return TimestampOfMicros(absl::ToUnixMicros(time)); }

google::protobuf::Duration ToProto(absl::Duration duration) {
  const int64_t micros = absl::ToInt64Microseconds(duration);
  google::protobuf::Duration out;
  out.set_seconds(micros / kMicrosPerSecond);
  out.set_nanos(static_cast<int32_t>(micros % kMicrosPerSecond * kNanosPerMicro));
  return out;
}

absl::Time FromProto(const google::protobuf::Timestamp& time) { return absl::FromUnixMicros(ToMicros(time)); }

absl::Duration FromProto(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

int64_t ToMicros(const google::protobuf::Timestamp& time) {
  return time.seconds() * kMicrosPerSecond + time.nanos() / kNanosPerMicro;
}

google::protobuf::Timestamp TimestampOfMicros(int64_t micros) {
  google::protobuf::Timestamp out;
  int64_t seconds = micros / kMicrosPerSecond;
  int64_t rest = micros % kMicrosPerSecond;
  if (rest < 0) {
    --seconds;
    rest += kMicrosPerSecond;
  }
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(rest * kNanosPerMicro));
  return out;
}

}  // namespace trunkline::telephony
