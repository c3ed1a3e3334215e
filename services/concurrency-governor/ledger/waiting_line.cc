#include "services/concurrency-governor/ledger/waiting_line.h"

#include <utility>

namespace trunkline::governor {

void WaitingLine::Add(WaitingRequest request) {
  const std::string business_id = request.wish.subject.business_id;
  const Place place{request.wish.kind != SlotKind::kPriority, ++arrivals_};
  places_[request.slot_id] = {business_id, place};
  deadlines_.insert({request.deadline, business_id, place});
  lines_[business_id].emplace(place, std::move(request));
}

WaitingRequest* WaitingLine::Find(const std::string& slot_id) {
  const auto found = places_.find(slot_id);
  return found == places_.end() ? nullptr : &lines_[found->second.first].at(found->second.second);
}

void WaitingLine::NoteHeld(const std::string& business_id, Place place, uint64_t granted) {
  std::optional<uint64_t>& held_since = lines_.at(business_id).at(place).held_since;
  if (!held_since.has_value()) held_since = granted;
}

WaitingRequest WaitingLine::Take(const std::string& business_id, Place place) {
  const auto line = lines_.find(business_id);
  const auto found = line->second.find(place);
  WaitingRequest request = std::move(found->second);
  line->second.erase(found);
  if (line->second.empty()) lines_.erase(line);
  places_.erase(request.slot_id);
  deadlines_.erase({request.deadline, request.wish.subject.business_id, place});
  return request;
}

bool WaitingLine::TakeOverdue(absl::Time now, WaitingRequest* request) {
  if (NextDeadline() > now) return false;
  const auto [deadline, business_id, place] = *deadlines_.begin();
  *request = Take(business_id, place);
  return true;
}

size_t WaitingLine::SizeOf(const std::string& business_id) const {
  const auto found = lines_.find(business_id);
  return found == lines_.end() ? 0 : found->second.size();
}

absl::Time WaitingLine::NextDeadline() const {
  return deadlines_.empty() ? absl::InfiniteFuture() : std::get<absl::Time>(*deadlines_.begin());
}

}  // namespace trunkline::governor
