// Reads the recordings of one business, and keeps which of them were deleted. What stands in `recordings` is the
// normalizer's to write.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/page_token.h"
#include "libs/postgres/pool.h"
#include "trunkline/recordings/v1/recording_service.pb.h"

namespace trunkline::gateway {

// A recording, with what no client is shown.
struct RecordingRow {
  recordings::v1::Recording recording;
  std::string url;  // where the provider keeps it; may be empty
  bool is_deleted = false;
};

// Who has what deleted, for the audit.
struct RecordingDeletion {
  std::string business_id;
  std::string actor;
  recordings::v1::Recording recording;
  absl::Time at;
};

class RecordingStore {
 public:
  // The pool acts for one business at a time and outlives the object.
  explicit RecordingStore(postgres::Pool& pool) : pool_(pool) {}

  // Nothing when the business has no such recording. One that was deleted is there, and says so.
  absl::StatusOr<std::optional<RecordingRow>> Find(std::string_view business_id, std::string_view recording_id);
  // At most `most` that were not deleted, newest first, after a position.
  absl::StatusOr<std::vector<recordings::v1::Recording>> List(std::string_view business_id,
                                                              const recordings::v1::ListRecordingsRequest& filters,
                                                              const std::optional<PagePosition>& after, int most);
  // Audited once, however often it is asked for.
  absl::Status Delete(const RecordingDeletion& deletion);

 private:
  postgres::Pool& pool_;
};

}  // namespace trunkline::gateway
