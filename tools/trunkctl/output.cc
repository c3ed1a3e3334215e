#include "tools/trunkctl/output.h"

#include <google/protobuf/util/json_util.h>

#include <cstdio>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::trunkctl {

void PrintLine(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

void PrintJson(const nlohmann::json& value) { PrintLine(WriteJson(value)); }

void PrintJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  if (google::protobuf::util::MessageToJsonString(message, &text, options).ok()) PrintLine(text);
}

std::string Summary(const control::v1::Call& call) {
  const calls::v1::CallRecord& record = call.record();
  std::string line = Concat(record.call_id(), "  ", telephony::NameOf(record.status()), "  ", record.details().from(),
                            " -> ", record.details().to());
  if (record.durations().has_talk()) line += Concat("  talked ", record.durations().talk().seconds(), " s");
  if (record.has_hangup()) line += Concat("  ", telephony::NameOf(record.hangup().cause()));
  if (record.has_error()) line += Concat("  ", record.error().message());
  return line;
}

}  // namespace trunkline::trunkctl
