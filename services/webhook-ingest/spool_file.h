// One file of the spool: records one after the other, each with its length and a digest.
//
// A record counts from the moment that Sync() returned. What a crash left behind of later ones is recognised by its
// length or digest, and left out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace trunkline::webhook_ingest {

class SpoolFile {
 public:
  // Creates the file; it must not exist.
  static absl::StatusOr<SpoolFile> Create(const std::string& path);
  SpoolFile(SpoolFile&& other) noexcept;
  SpoolFile& operator=(SpoolFile&& other) noexcept;
  ~SpoolFile();

  absl::Status Append(std::string_view record);
  // Everything appended is on the disk when it returns OK.
  absl::Status Sync();
  int64_t bytes() const { return bytes_; }

 private:
  explicit SpoolFile(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  int64_t bytes_ = 0;
};

// The records of a file, up to the first that is not whole.
absl::StatusOr<std::vector<std::string>> ReadSpoolFile(const std::string& path);

// Makes the creation or removal of files in a directory durable.
absl::Status SyncDirectory(const std::string& path);

}  // namespace trunkline::webhook_ingest
