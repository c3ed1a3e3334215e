// Calls in the order of a time, of which there may be a million and which change while they are listed: a page from the
// middle costs no more than the page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace trunkline::twin::tracking {

// Positions count from the earliest. Calls of the same time are in the order of their numbers.
class SortedCalls {
 public:
  using KeyOf = std::function<int64_t(uint32_t call)>;
  explicit SortedCalls(KeyOf key_of) : key_of_(std::move(key_of)) {}

  void Insert(uint32_t call);
  // With the key that it was inserted with: erase before the time changes.
  void Erase(uint32_t call);
  void Clear();

  size_t size() const { return size_; }
  // How many have an earlier time.
  size_t CountBefore(int64_t key) const;
  // How many have an earlier time, or the same and a smaller number.
  size_t PositionOf(uint32_t call) const;
  // Up to `count` calls from a position on, later ones after it or, descending, earlier ones.
  std::vector<uint32_t> Ascending(size_t position, size_t count) const;
  std::vector<uint32_t> Descending(size_t position, size_t count) const;

 private:
  struct Place {
    size_t chunk = 0;
    size_t at = 0;
  };
  // The first that is not less.
  Place Find(int64_t key, uint32_t call) const;
  size_t PositionAt(const Place& place) const;
  Place PlaceAt(size_t position) const;

  KeyOf key_of_;
  std::vector<std::vector<uint32_t>> chunks_;  // none is empty
  size_t size_ = 0;
};

}  // namespace trunkline::twin::tracking
