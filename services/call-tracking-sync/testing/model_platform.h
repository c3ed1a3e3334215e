// A call-tracking platform as a model: calls that change while their list is paged, in the ways that the real ones list
// them. For tests of the passes; time is the caller's.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/text.h"
#include "libs/tracking/platform_client.h"

namespace trunkline::tracking_sync {

struct ModelCall {
  std::string id;
  absl::Time started_at;
  absl::Time changed_at;
  int64_t version = 0;
};

class ModelPlatform {
 public:
  // How positions count: "page" (size and number), "cursor" (the last key) or "offset".
  explicit ModelPlatform(std::string position_kind) : kind_(std::move(position_kind)) {}

  void Begin(const std::string& id, absl::Time now) { calls_[id] = {id, now, now, 1}; }
  void Change(const std::string& id, absl::Time now) {
    ModelCall& call = calls_.at(id);
    call.changed_at = now;
    ++call.version;
  }
  const std::map<std::string, ModelCall>& calls() const { return calls_; }

  struct Listed {
    std::vector<ModelCall> calls;
    std::optional<tracking::Position> next;
    std::optional<int64_t> total;
  };
  // Its ranges hold neither of their ends, where the real ones do not say; the client asks for a second more.
  Listed List(const tracking::CallQuery& query, const std::optional<tracking::Position>& position) const {
    std::vector<ModelCall> all;
    for (const auto& [id, call] : calls_) {
      const bool by_change = query.last_changed_first || query.time == tracking::CallTime::kChanged;
      const absl::Time key = by_change ? call.changed_at : call.started_at;
      if (key <= tracking::WidenedFrom(query) || key >= tracking::WidenedTo(query)) continue;
      all.push_back(call);
    }
    const bool newest_first = query.last_changed_first;
    std::sort(all.begin(), all.end(), [&](const ModelCall& a, const ModelCall& b) {
      if (newest_first) return std::pair(b.changed_at, b.id) < std::pair(a.changed_at, a.id);
      return std::pair(a.started_at, a.id) < std::pair(b.started_at, b.id);
    });
    const auto size = static_cast<size_t>(std::max(1, query.size));
    size_t first = 0;
    if (position.has_value()) {
      const auto number = static_cast<size_t>(ParseInt(position->value).value_or(0));
      first = kind_ == "page" ? (number - 1) * size : number;
    }
    Listed listed{.total = kind_ == "page" ? std::nullopt : std::optional<int64_t>(all.size())};
    for (size_t i = first; i < std::min(all.size(), first + size); ++i) listed.calls.push_back(all[i]);
    if (first + size < all.size()) {
      const size_t next = kind_ == "page" ? first / size + 2 : first + size;
      listed.next = tracking::Position{kind_, Concat(next)};
    }
    return listed;
  }

 private:
  const std::string kind_;
  std::map<std::string, ModelCall> calls_;
};

}  // namespace trunkline::tracking_sync
