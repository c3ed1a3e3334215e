// All calls of an account, in the orders that the platforms list them in. Calls are named by their number in the order
// in which they came.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tools/provider-twin/tracking/call.h"
#include "tools/provider-twin/tracking/sorted_calls.h"

namespace trunkline::twin::tracking {

// The ids of a platform. An id is made of the call's seed and number, so that no table of a million ids is needed.
class CallIds {
 public:
  virtual ~CallIds() = default;
  virtual std::string Render(uint64_t seed, uint32_t number) const = 0;
  // The number that an id would be of; nothing when it cannot be one. Whether it is one, the book knows.
  virtual std::optional<uint32_t> NumberIn(std::string_view id) const = 0;
};
// "3b7c1d52-8f0e-4d7a-9a51-00000000002a"; the last group is the number.
class UuidCallIds final : public CallIds {
 public:
  std::string Render(uint64_t seed, uint32_t number) const override;
  std::optional<uint32_t> NumberIn(std::string_view id) const override;
};

// A webhook that was sent for a call.
struct Delivery {
  uint16_t hook = 0;  // of the account's, in their order
  uint16_t code = 0;  // of the answer; 0 without one
  int64_t sent_ms = 0;
};

// What only few calls have.
struct CallExtras {
  std::string id;                           // given, instead of one that was made
  std::map<std::string, std::string> tags;  // beside those that follow from the seed
  bool own_tags = false;                    // no others than `tags`
  std::vector<int64_t> changed_ms;          // each change after it was settled
  std::vector<Delivery> deliveries;
};

class CallBook {
 public:
  explicit CallBook(const CallIds& ids);
  CallBook(const CallBook&) = delete;
  CallBook& operator=(const CallBook&) = delete;

  uint32_t Add(const Call& call, std::string own_id = "");
  size_t size() const { return calls_.size(); }
  const Call& At(uint32_t number) const { return calls_[number]; }
  std::string IdOf(uint32_t number) const;
  std::optional<uint32_t> Find(std::string_view id) const;

  // Everything that changes a call: it keeps its places in the orders right.
  template <typename Change>
  void Update(uint32_t number, const Change& change) {
    Erase(number);
    change(calls_[number]);
    Insert(number);
  }
  // Nothing where the call has none.
  const CallExtras* FindExtras(uint32_t number) const;
  CallExtras& ExtrasOf(uint32_t number) { return extras_[number]; }

  // The calls that lists show. By the end: those that have ended.
  const SortedCalls& by_start() const { return by_start_; }
  const SortedCalls& by_change() const { return by_change_; }
  const SortedCalls& by_end() const { return by_end_; }

  // Leaves a call out of the lists, until all are shown again.
  void Hide(uint32_t number);
  void ShowAll();
  // Nobody can see the call yet.
  void HoldBack(uint32_t number);
  void LetOut(uint32_t number);
  // The call is no more: neither in lists nor to be found.
  void Remove(uint32_t number, int64_t now_ms);
  bool IsRemoved(uint32_t number) const { return removed_.contains(number); }

  void Clear();

 private:
  bool IsListed(uint32_t number) const;
  void Insert(uint32_t number);
  void Erase(uint32_t number);

  const CallIds& ids_;
  std::vector<Call> calls_;
  std::unordered_map<uint32_t, CallExtras> extras_;
  std::unordered_map<std::string, uint32_t> own_ids_;
  std::unordered_set<uint32_t> removed_;
  std::unordered_set<uint32_t> held_back_;
  std::unordered_set<uint32_t> hidden_;
  SortedCalls by_start_;
  SortedCalls by_change_;
  SortedCalls by_end_;
};

}  // namespace trunkline::twin::tracking
