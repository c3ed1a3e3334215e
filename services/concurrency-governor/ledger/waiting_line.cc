#include "services/concurrency-governor/ledger/waiting_line.h"

#include <utility>

#include "libs/base/text.h"

namespace trunkline::governor {

void WaitingLine::Add(WaitingRequest request) {
  const Place place{request.wish.kind != SlotKind::kPriority, ++arrivals_};
  Line& line = lines_[request.wish.subject.business_id];
  const Request added = line.emplace_hint(line.end(), place, std::move(request));
  by_slot_.emplace(ToAbsl(added->second.wish.slot_id), added);
  deadlines_.emplace(std::pair(added->second.deadline, arrivals_), added);
}

WaitingRequest* WaitingLine::Find(const std::string& slot_id) {
  const auto found = by_slot_.find(ToAbsl(slot_id));
  return found == by_slot_.end() ? nullptr : &found->second->second;
}

void WaitingLine::NoteHeld(const std::string& business_id, Place place, uint64_t granted) {
  std::optional<uint64_t>& held_since = lines_.at(business_id).at(place).held_since;
  if (!held_since.has_value()) held_since = granted;
}

WaitingRequest WaitingLine::Take(const std::string& business_id, Place place) {
  const auto line = lines_.find(business_id);
  return TakeOut(line, line->second.find(place));
}

WaitingRequest WaitingLine::TakeOut(std::map<std::string, Line>::iterator line, Request request) {
  by_slot_.erase(ToAbsl(request->second.wish.slot_id));
  deadlines_.erase({request->second.deadline, request->first.second});
  WaitingRequest taken = std::move(request->second);
  line->second.erase(request);
  if (line->second.empty()) lines_.erase(line);
  return taken;
}

bool WaitingLine::TakeOverdue(absl::Time now, WaitingRequest* request) {
  if (NextDeadline() > now) return false;
  const Request overdue = deadlines_.begin()->second;
  *request = TakeOut(lines_.find(overdue->second.wish.subject.business_id), overdue);
  return true;
}

size_t WaitingLine::SizeOf(const std::string& business_id) const {
  const auto found = lines_.find(business_id);
  return found == lines_.end() ? 0 : found->second.size();
}

absl::Time WaitingLine::NextDeadline() const {
  return deadlines_.empty() ? absl::InfiniteFuture() : deadlines_.begin()->first.first;
}

}  // namespace trunkline::governor
