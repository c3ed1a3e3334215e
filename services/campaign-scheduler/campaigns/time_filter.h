// Times that a request may leave out, as parameters of a query.
#pragma once

#include <google/protobuf/timestamp.pb.h>

#include "libs/postgres/parameter.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {

inline postgres::Parameter TimeOrNull(bool is_set, const google::protobuf::Timestamp& time) {
  return is_set ? postgres::Parameter(telephony::FromProto(time)) : postgres::Parameter(std::nullopt);
}

}  // namespace trunkline::scheduler
