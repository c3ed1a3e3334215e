#include "services/webhook-ingest/spool_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/text.h"

namespace trunkline::webhook_ingest {
namespace {

constexpr size_t kLengthSize = 4;
constexpr size_t kDigestSize = 8;
constexpr size_t kHeaderSize = kLengthSize + kDigestSize;

absl::Status SystemError(std::string_view doing) {
  return absl::UnavailableError(ToAbsl(Concat("spool: ", doing, ": ", std::string_view(std::strerror(errno)))));
}

std::string DigestOf(std::string_view record) { return Sha256(record).substr(0, kDigestSize); }

}  // namespace

absl::StatusOr<SpoolFile> SpoolFile::Create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) return SystemError("creating " + path);
  return SpoolFile(descriptor);
}

SpoolFile::SpoolFile(SpoolFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), bytes_(other.bytes_) {}

SpoolFile& SpoolFile::operator=(SpoolFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

SpoolFile::~SpoolFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

absl::Status SpoolFile::Append(std::string_view record) {
  const auto length = static_cast<uint32_t>(record.size());
  std::string bytes(kLengthSize, '\0');
  std::memcpy(bytes.data(), &length, kLengthSize);
  bytes += DigestOf(record);
  bytes += record;
  for (std::string_view rest = bytes; !rest.empty();) {
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("writing");
    rest.remove_prefix(static_cast<size_t>(written));
  }
  bytes_ += static_cast<int64_t>(bytes.size());
  return absl::OkStatus();
}

absl::Status SpoolFile::Sync() { return ::fdatasync(descriptor_) == 0 ? absl::OkStatus() : SystemError("syncing"); }

absl::StatusOr<std::vector<std::string>> ReadSpoolFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return SystemError("reading " + path);
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<std::string> records;
  for (std::string_view rest = bytes; rest.size() >= kHeaderSize;) {
    uint32_t length = 0;
    std::memcpy(&length, rest.data(), kLengthSize);
    if (rest.size() - kHeaderSize < length) break;
    const std::string_view record = rest.substr(kHeaderSize, length);
    if (rest.substr(kLengthSize, kDigestSize) != DigestOf(record)) break;
    records.emplace_back(record);
    rest.remove_prefix(kHeaderSize + length);
  }
  return records;
}

absl::Status SyncDirectory(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return SystemError("opening " + path);
  const bool synced = ::fsync(descriptor) == 0;
  absl::Status status = synced ? absl::OkStatus() : SystemError("syncing " + path);
  ::close(descriptor);
  return status;
}

}  // namespace trunkline::webhook_ingest
