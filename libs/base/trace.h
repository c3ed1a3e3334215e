// W3C trace context (https://www.w3.org/TR/trace-context/): follows one webhook or request through gRPC metadata, Kafka
// headers and rows.
#pragma once

#include <string>
#include <string_view>

#include "libs/base/ids.h"

namespace trunkline {

struct TraceContext {
  std::string trace_id;  // 32 lower-case hexadecimal digits
  std::string span_id;   // 16
  bool sampled = false;

  bool IsValid() const;
  // "00-TRACE-SPAN-01"; empty when not valid.
  std::string ToTraceparent() const;
};

// Not valid when the header is not a well-formed traceparent.
TraceContext ParseTraceparent(std::string_view header);
// The same trace with a new span, or a new trace when `parent` is not valid.
TraceContext ChildOf(const TraceContext& parent, const RandomSource& random = SystemRandom());

// What this thread works on; appears in every log line that it writes.
TraceContext CurrentTrace();

// Sets the thread's trace for the life of the object.
class TraceScope {
 public:
  explicit TraceScope(TraceContext trace);
  ~TraceScope();
  TraceScope(const TraceScope&) = delete;
  TraceScope& operator=(const TraceScope&) = delete;

 private:
  TraceContext previous_;
};

}  // namespace trunkline
