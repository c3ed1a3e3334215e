#include "services/webhook-ingest/spool.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::webhook_ingest {
namespace {

constexpr int64_t kLargestFile = 16 * 1024 * 1024;
constexpr char kExtension[] = ".spool";

std::string PathOf(const std::string& directory, uint64_t number) {
  char name[32];
  std::snprintf(name, sizeof name, "%020llu", static_cast<unsigned long long>(number));
  return Concat(directory, "/", std::string_view(name), kExtension);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(const std::string& directory, int64_t max_bytes) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return absl::UnavailableError(ToAbsl(Concat("spool: creating ", directory, ": ", error.message())));
  if (::access(directory.c_str(), W_OK) != 0) {
    return absl::UnavailableError(ToAbsl(Concat("spool: ", directory, " cannot be written")));
  }
  return std::unique_ptr<Spool>(new Spool(directory, max_bytes));
}

Spool::Spool(std::string directory, int64_t max_bytes) : directory_(std::move(directory)), max_bytes_(max_bytes) {
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    if (entry.path().extension() != kExtension) continue;
    const auto number = ParseInt(entry.path().stem().string());
    if (!number.has_value()) continue;
    next_number_ = std::max(next_number_, static_cast<uint64_t>(*number) + 1);
    paths_.emplace_back(entry.path().string(), static_cast<int64_t>(entry.file_size()));
    bytes_ += static_cast<int64_t>(entry.file_size());
  }
  std::sort(paths_.begin(), paths_.end());
  writer_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

Spool::~Spool() {
  writer_.request_stop();
  writer_.join();
}

void Spool::Append(std::string record, Stored stored) {
  {
    const std::lock_guard lock(queue_mutex_);
    queue_.push_back({std::move(record), std::move(stored)});
  }
  appended_.notify_one();
}

void Spool::Run(const std::stop_token& stop) {
  while (true) {
    std::deque<Waiting> batch;
    {
      std::unique_lock lock(queue_mutex_);
      if (!appended_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
      batch.swap(queue_);
    }
    const absl::Status status = Write(batch);
    if (!status.ok()) LogError("webhooks could not be spooled", {{"count", batch.size()}, {"error", status}});
    for (Waiting& waiting : batch) waiting.stored(status);
  }
}

absl::Status Spool::OpenFile() {
  if (current_.has_value() && current_->bytes() < kLargestFile) return absl::OkStatus();
  const std::string path = PathOf(directory_, next_number_++);
  TL_ASSIGN_OR_RETURN(SpoolFile file, SpoolFile::Create(path));
  TL_RETURN_IF_ERROR(SyncDirectory(directory_));
  current_ = std::move(file);
  paths_.emplace_back(path, 0);
  return absl::OkStatus();
}

absl::Status Spool::Write(std::deque<Waiting>& batch) {
  const std::lock_guard lock(files_mutex_);
  int64_t added = 0;
  for (const Waiting& waiting : batch) added += static_cast<int64_t>(waiting.record.size());
  if (bytes_ + added > max_bytes_) return absl::ResourceExhaustedError("the spool is full");
  TL_RETURN_IF_ERROR(OpenFile());
  const int64_t before = current_->bytes();
  absl::Status status;
  for (const Waiting& waiting : batch) {
    if (status.ok()) status = current_->Append(waiting.record);
  }
  if (status.ok()) status = current_->Sync();
  bytes_ += current_->bytes() - before;
  paths_.back().second = current_->bytes();
  // After a failed write nobody knows what the file holds at its end: later records go into a new one.
  if (!status.ok()) current_.reset();
  return status;
}

absl::StatusOr<std::optional<Spool::Batch>> Spool::ReadOldest() {
  std::string path;
  {
    const std::lock_guard lock(files_mutex_);
    if (paths_.empty()) return std::nullopt;
    if (paths_.size() == 1) current_.reset();
    path = paths_.front().first;
  }
  TL_ASSIGN_OR_RETURN(std::vector<std::string> records, ReadSpoolFile(path));
  return Batch{.path = std::move(path), .records = std::move(records)};
}

absl::Status Spool::Remove(const Batch& batch) {
  const std::lock_guard lock(files_mutex_);
  const auto found =
      std::find_if(paths_.begin(), paths_.end(), [&](const auto& entry) { return entry.first == batch.path; });
  if (found == paths_.end()) return absl::OkStatus();
  std::error_code error;
  std::filesystem::remove(batch.path, error);
  if (error) return absl::UnavailableError(ToAbsl(Concat("spool: removing ", batch.path, ": ", error.message())));
  bytes_ -= found->second;
  paths_.erase(found);
  return SyncDirectory(directory_);
}

}  // namespace trunkline::webhook_ingest
