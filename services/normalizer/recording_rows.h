// The rows of `recordings` that a batch of new events writes. Of each recording the furthest status is kept, and of two
// events of the same status the later one, so that the order of the events does not matter.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "libs/postgres/connection.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::normalizer {

class RecordingRows {
 public:
  // Events that tell of no recording, or of one that has no name at its provider, are passed over.
  void Add(const events::v1::CallEvent& event);
  absl::Status Write(postgres::Transaction& tx) const;

 private:
  struct Row {
    events::v1::CallEvent told;  // without what is not about the recording
    int64_t created_micros = 0;
  };

  // By recording_id: every normalizer writes in the same order.
  std::map<std::string, Row> rows_;
};

}  // namespace trunkline::normalizer
