#include "tools/provider-twin/tracking/sorted_calls.h"

#include <algorithm>
#include <utility>

namespace trunkline::twin::tracking {
namespace {

constexpr size_t kLargestChunk = 2048;

}  // namespace

SortedCalls::Place SortedCalls::Find(int64_t key, uint32_t call) const {
  const auto is_less = [&](uint32_t other) { return std::pair(key_of_(other), other) < std::pair(key, call); };
  const auto chunk =
      std::partition_point(chunks_.begin(), chunks_.end(), [&](const auto& c) { return is_less(c.back()); });
  if (chunk == chunks_.end()) return {.chunk = chunks_.size(), .at = 0};
  const auto at = std::partition_point(chunk->begin(), chunk->end(), is_less);
  return {.chunk = static_cast<size_t>(chunk - chunks_.begin()), .at = static_cast<size_t>(at - chunk->begin())};
}

void SortedCalls::Insert(uint32_t call) {
  Place place = Find(key_of_(call), call);
  ++size_;
  if (place.chunk == chunks_.size()) {
    if (chunks_.empty() || chunks_.back().size() == kLargestChunk) {
      chunks_.emplace_back();
      chunks_.back().reserve(kLargestChunk);
    }
    chunks_.back().push_back(call);
    return;
  }
  std::vector<uint32_t>& chunk = chunks_[place.chunk];
  chunk.insert(chunk.begin() + static_cast<ptrdiff_t>(place.at), call);
  if (chunk.size() <= kLargestChunk) return;
  const auto middle = chunk.begin() + static_cast<ptrdiff_t>(kLargestChunk / 2);
  std::vector<uint32_t> upper(middle, chunk.end());
  chunk.erase(middle, chunk.end());
  chunks_.insert(chunks_.begin() + static_cast<ptrdiff_t>(place.chunk) + 1, std::move(upper));
}

void SortedCalls::Erase(uint32_t call) {
  const Place place = Find(key_of_(call), call);
  if (place.chunk == chunks_.size() || chunks_[place.chunk][place.at] != call) return;
  std::vector<uint32_t>& chunk = chunks_[place.chunk];
  chunk.erase(chunk.begin() + static_cast<ptrdiff_t>(place.at));
  if (chunk.empty()) chunks_.erase(chunks_.begin() + static_cast<ptrdiff_t>(place.chunk));
  --size_;
}

void SortedCalls::Clear() {
  chunks_.clear();
  size_ = 0;
}

size_t SortedCalls::PositionAt(const Place& place) const {
  size_t position = place.at;
  for (size_t i = 0; i < place.chunk; ++i) position += chunks_[i].size();
  return position;
}

SortedCalls::Place SortedCalls::PlaceAt(size_t position) const {
  Place place{.at = position};
  while (place.chunk < chunks_.size() && place.at >= chunks_[place.chunk].size()) {
    place.at -= chunks_[place.chunk].size();
    ++place.chunk;
  }
  return place;
}

size_t SortedCalls::CountBefore(int64_t key) const { return PositionAt(Find(key, 0)); }

size_t SortedCalls::PositionOf(uint32_t call) const { return PositionAt(Find(key_of_(call), call)); }

std::vector<uint32_t> SortedCalls::Ascending(size_t position, size_t count) const {
  std::vector<uint32_t> calls;
  if (position >= size_) return calls;
  count = std::min(count, size_ - position);
  calls.reserve(count);
  for (Place place = PlaceAt(position); calls.size() < count; ++place.chunk, place.at = 0) {
    const std::vector<uint32_t>& chunk = chunks_[place.chunk];
    const size_t taken = std::min(chunk.size() - place.at, count - calls.size());
    const auto from = chunk.begin() + static_cast<ptrdiff_t>(place.at);
    calls.insert(calls.end(), from, from + static_cast<ptrdiff_t>(taken));
  }
  return calls;
}

std::vector<uint32_t> SortedCalls::Descending(size_t position, size_t count) const {
  if (position >= size_) return {};
  count = std::min(count, position + 1);
  std::vector<uint32_t> calls = Ascending(position + 1 - count, count);
  std::reverse(calls.begin(), calls.end());
  return calls;
}

}  // namespace trunkline::twin::tracking
