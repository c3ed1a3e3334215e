// A bounded memory of what was read, by key, each entry for a limited time.
//
//   if (const auto hit = cache.Find(key)) return *hit;
//   const ReadTicket ticket = cache.BeginRead();               // before the value is read
//   ... read ...
//   cache.Put(ticket, key, value);
//
// Whoever learns that a value changed forgets its key. A value that was read before that, by a reader who was slower,
// does not come in afterwards: Put() drops it. So a value in the memory was read after the last time that its key was
// forgotten, or is dropped with others that share a place with such a key. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "absl/time/time.h"
#include "libs/base/clock.h"

namespace trunkline::tracking_sync {

struct CacheCounts {
  int64_t hits = 0;
  int64_t misses = 0;
  int64_t expired = 0;    // of the misses, those that would have been hits but for their age
  int64_t evicted = 0;    // dropped for others, to stay within the bound
  int64_t forgotten = 0;  // dropped because they changed
  int64_t entries = 0;
};

// How far the forgetting had come when a read began.
struct ReadTicket {
  uint64_t forgotten = 0;
};

template <typename Value>
class ReadCache {
 public:
  struct Options {
    size_t most = 100'000;
    absl::Duration life = absl::Minutes(5);
  };

  // The clock outlives the object.
  ReadCache(Options options, const Clock& clock) : options_(options), clock_(clock) {}

  std::optional<Value> Find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
      ++counts_.misses;
      return std::nullopt;
    }
    if (clock_.Now() >= found->second->ends_at) {
      ++counts_.misses;
      ++counts_.expired;
      Erase(found);
      return std::nullopt;
    }
    ++counts_.hits;
    order_.splice(order_.begin(), order_, found->second);
    return found->second->value;
  }

  ReadTicket BeginRead() const {
    const std::lock_guard lock(mutex_);
    return {.forgotten = forgotten_};
  }

  // False when the key was forgotten since the ticket was given, and the value is not kept.
  bool Put(const ReadTicket& ticket, const std::string& key, Value value) {
    const std::lock_guard lock(mutex_);
    if (LastForgotten(key) > ticket.forgotten) return false;
    if (const auto found = entries_.find(key); found != entries_.end()) Erase(found);
    order_.push_front({.key = key, .value = std::move(value), .ends_at = clock_.Now() + options_.life});
    entries_.emplace(key, order_.begin());
    while (entries_.size() > options_.most) {
      ++counts_.evicted;
      Erase(entries_.find(order_.back().key));
    }
    return true;
  }

  void Forget(const std::string& key) {
    const std::lock_guard lock(mutex_);
    LastForgotten(key) = ++forgotten_;
    if (const auto found = entries_.find(key); found != entries_.end()) {
      ++counts_.forgotten;
      Erase(found);
    }
  }

  // What is read by whoever has begun to read does not come in either.
  void ForgetAll() {
    const std::lock_guard lock(mutex_);
    ++forgotten_;
    last_forgotten_.fill(forgotten_);
    counts_.forgotten += static_cast<int64_t>(entries_.size());
    entries_.clear();
    order_.clear();
  }

  CacheCounts counts() const {
    const std::lock_guard lock(mutex_);
    CacheCounts counts = counts_;
    counts.entries = static_cast<int64_t>(entries_.size());
    return counts;
  }

 private:
  struct Entry {
    std::string key;
    Value value;
    absl::Time ends_at;
  };
  using Order = std::list<Entry>;  // used last first
  using Entries = std::unordered_map<std::string, typename Order::iterator>;
  static constexpr size_t kPlaces = 4096;

  void Erase(typename Entries::iterator found) {
    order_.erase(found->second);
    entries_.erase(found);
  }

  // Of all keys with this one's place: to remember each key that was ever forgotten would have no bound.
  uint64_t& LastForgotten(const std::string& key) { return last_forgotten_[std::hash<std::string>()(key) % kPlaces]; }

  const Options options_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  Order order_;
  Entries entries_;
  uint64_t forgotten_ = 0;
  std::array<uint64_t, kPlaces> last_forgotten_ = {};
  CacheCounts counts_;
};

}  // namespace trunkline::tracking_sync
