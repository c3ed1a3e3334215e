#include "libs/providers/sip/call_book.h"

#include <algorithm>
#include <utility>

#include "libs/base/ids.h"

namespace trunkline::providers::sip {
namespace {

constexpr size_t kMostRemembered = 2048;

// Whether a call comes from its first channel. "Ring" is said of such, but only until it is answered; in a list those
// that the exchange dialled are told by what they run, or by the id that we gave them.
bool CallsIn(const ami::Message& event, std::string_view key) {
  if (event.Event() != "CoreShowChannel") return event.Get("ChannelState") == "4";
  return !IsUuid(key) && !event.Get("Application").starts_with("AppDial");
}

// First channels first: they tell how their call began.
std::vector<const ami::Message*> FirstChannelsFirst(const std::vector<ami::Message>& channels) {
  std::vector<const ami::Message*> ordered;
  for (const bool first : {true, false}) {
    for (const ami::Message& channel : channels) {
      if ((channel.Known("Uniqueid") == channel.Known("Linkedid")) == first) ordered.push_back(&channel);
    }
  }
  return ordered;
}

}  // namespace

bool IsPlumbing(std::string_view channel_name) {
  for (const std::string_view prefix : {"Local/", "Snoop/", "Bridge/", "Announcer/", "Message/", "Recorder/",
                                        "ConfBridgeRecorder/", "UnicastRTP/", "AsyncGoto/", "Surrogate/"}) {
    if (channel_name.starts_with(prefix)) return true;
  }
  return false;
}

CallBook::CallBook(std::function<bool(std::string_view)> is_extension) : is_extension_(std::move(is_extension)) {}

std::string CallBook::KeyOf(std::string_view linkedid) const {
  const auto alias = aliases_.find(linkedid);
  return alias == aliases_.end() ? std::string(linkedid) : alias->second;
}

TrackedChannel* CallBook::FindChannel(std::string_view uniqueid) {
  const auto found = channels_.find(uniqueid);
  return found == channels_.end() ? nullptr : &found->second;
}

TrackedCall* CallBook::FindCall(std::string_view key) {
  const auto found = calls_.find(key);
  return found == calls_.end() ? nullptr : &found->second;
}

TrackedCall* CallBook::FindCallOf(std::string_view uniqueid) {
  const TrackedChannel* channel = FindChannel(uniqueid);
  return channel == nullptr ? nullptr : FindCall(channel->call);
}

CallBook::Adopted CallBook::Adopt(const ami::Message& event, std::string_view uniqueid) {
  const std::string_view told = event.Known("Linkedid");
  const std::string key = KeyOf(told.empty() ? uniqueid : told);
  // One channel is of one call, whatever the exchange says twice.
  if (const TrackedChannel* known = FindChannel(uniqueid); known != nullptr && known->call != key) {
    const auto other = calls_.find(known->call);
    other->second.channels.erase(std::string(uniqueid));
    if (other->second.channels.empty()) calls_.erase(other);
  }
  const auto [entry, added] = calls_.try_emplace(key);
  TrackedCall& call = entry->second;
  call.key = key;
  call.channels.emplace(uniqueid);
  TrackedChannel& channel = channels_[std::string(uniqueid)];
  channel.call = key;
  channel.real = !IsPlumbing(event.Get("Channel"));
  if (channel.real) call.had_real = true;
  if (!added) return {call, false};

  const std::string_view caller = event.Known("CallerIDNum");
  const bool calls_in = CallsIn(event, key);
  const bool inbound = calls_in && !is_extension_(caller);
  call.direction = inbound ? calls::v1::CALL_DIRECTION_INBOUND : calls::v1::CALL_DIRECTION_OUTBOUND;
  call.end.inbound = inbound;
  call.originated = !calls_in;
  if (calls_in) {
    call.from = caller;
    call.to = event.Known("Exten");
  }
  return {call, true};
}

void CallBook::Resync(const std::vector<ami::Message>& channels) {
  Calls before = std::exchange(calls_, {});
  const Channels channels_before = std::exchange(channels_, {});
  for (const ami::Message* channel : FirstChannelsFirst(channels)) {
    const std::string_view uniqueid = channel->Known("Uniqueid");
    if (uniqueid.empty()) continue;
    auto [call, is_new] = Adopt(*channel, uniqueid);
    if (const auto known = channels_before.find(uniqueid); known != channels_before.end()) {
      FindChannel(uniqueid)->dialed = known->second.dialed;
    }
    if (!is_new) continue;
    if (const auto known = before.find(call.key); known != before.end()) {
      std::set<std::string> now = std::move(call.channels);
      const bool had_real = call.had_real;
      call = std::move(known->second);
      call.channels = std::move(now);
      call.had_real = call.had_real || had_real;
    }
  }
  InferAnswers(channels, before);
  for (auto alias = aliases_.begin(); alias != aliases_.end();) {
    alias = calls_.contains(alias->second) ? std::next(alias) : aliases_.erase(alias);
  }
}

// Of calls that were not known: an inbound call whose second party is up was answered, an outbound one whose first.
void CallBook::InferAnswers(const std::vector<ami::Message>& channels, const Calls& known) {
  for (auto& [key, call] : calls_) {
    if (known.contains(key)) continue;
    for (const ami::Message& channel : channels) {
      const std::string_view uniqueid = channel.Known("Uniqueid");
      if (!call.channels.contains(std::string(uniqueid)) || IsPlumbing(channel.Get("Channel"))) continue;
      const bool first = uniqueid == key;
      if (channel.Get("ChannelState") == "6" && (!first || call.originated)) call.end.answered = true;
    }
  }
}

std::optional<std::string> CallBook::Relink(std::string_view uniqueid, std::string_view linkedid) {
  TrackedChannel* channel = FindChannel(uniqueid);
  if (channel == nullptr || linkedid.empty()) return std::nullopt;
  const std::string key = KeyOf(linkedid);
  if (key == channel->call) return std::nullopt;
  TrackedCall* target = FindCall(key);
  if (target == nullptr) {
    // The same call under a new name: it keeps the one under which it was told of.
    aliases_[std::string(linkedid)] = channel->call;
    return std::nullopt;
  }
  std::string before = std::exchange(channel->call, key);
  TrackedCall& left = calls_[before];
  left.channels.erase(std::string(uniqueid));
  target->channels.emplace(uniqueid);
  target->had_real = target->had_real || channel->real;
  target->end.answered = target->end.answered || left.end.answered;
  if (!IsOver(left)) return std::nullopt;
  return before;
}

bool CallBook::IsReal(std::string_view uniqueid) const {
  const auto channel = channels_.find(uniqueid);
  return channel != channels_.end() && channel->second.real;
}

bool CallBook::IsOver(const TrackedCall& call) const {
  if (call.channels.empty()) return true;
  if (!call.had_real) return false;
  return std::none_of(call.channels.begin(), call.channels.end(),
                      [&](const std::string& uniqueid) { return IsReal(uniqueid); });
}

void CallBook::RemoveChannel(TrackedCall* call, std::string_view uniqueid) {
  call->channels.erase(std::string(uniqueid));
  channels_.erase(std::string(uniqueid));
}

std::optional<TrackedCall> CallBook::RemoveCall(std::string_view key) {
  const auto found = calls_.find(key);
  if (found == calls_.end()) return std::nullopt;
  TrackedCall call = std::move(found->second);
  calls_.erase(found);
  for (const std::string& uniqueid : call.channels) channels_.erase(uniqueid);
  std::erase_if(aliases_, [&](const auto& alias) { return alias.second == call.key; });
  RememberEnded(call.key);
  return call;
}

void CallBook::RememberEnded(std::string_view key) {
  ended_.emplace_back(key);
  if (ended_.size() > kMostRemembered) ended_.pop_front();
}

bool CallBook::HasEnded(std::string_view key) const {
  return std::find(ended_.begin(), ended_.end(), key) != ended_.end();
}

}  // namespace trunkline::providers::sip
