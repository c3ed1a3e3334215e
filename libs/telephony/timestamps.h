// Between absl's times and protobuf's.
#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace trunkline::telephony {

google::protobuf::Timestamp ToProto(absl::Time time);
google::protobuf::Duration ToProto(absl::Duration duration);
absl::Time FromProto(const google::protobuf::Timestamp& time);
absl::Duration FromProto(const google::protobuf::Duration& duration);

// Microseconds since 1970, the resolution of every time that Trunkline stores.
int64_t ToMicros(const google::protobuf::Timestamp& time);
google::protobuf::Timestamp TimestampOfMicros(int64_t micros);

}  // namespace trunkline::telephony
