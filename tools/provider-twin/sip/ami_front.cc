#include "tools/provider-twin/sip/ami_front.h"

#include <openssl/evp.h>

#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline::twin::sip {
namespace {

std::string Md5(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_md5(), nullptr);
  return HexEncode({reinterpret_cast<const char*>(digest), size});
}

std::string NumberOf(std::string_view caller_id) {
  const size_t open = caller_id.find('<');
  if (open == std::string_view::npos) return std::string(caller_id);
  return std::string(caller_id.substr(open + 1, caller_id.find('>') - open - 1));
}

std::string AgeOf(absl::Duration age) {
  const int64_t seconds = absl::ToInt64Seconds(age);
  return absl::StrFormat("%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

AmiFront::AmiFront(World& world)
    : world_(world),
      exchange_(world, [this](const std::string& account, std::string_view event_class,
                              const AmiText& event) { Hear(account, event_class, event); }),
      log_(world.log_capacity),
      placed_(world.call_capacity) {}

void AmiFront::Opened(const std::shared_ptr<Peer>& peer) {
  Session& session = sessions_[peer.get()];
  session.peer = peer;
  session.challenge = Concat(next_challenge_++);
  peer->Send("Asterisk Call Manager/11.0.0\r\n");
}

void AmiFront::Received(const std::shared_ptr<Peer>& peer, std::string_view bytes) {
  auto session = sessions_.find(peer.get());
  if (session == sessions_.end()) return;
  session->second.received.append(bytes);
  while (session != sessions_.end()) {
    const auto action = TakeAction(&session->second.received);
    if (!action.has_value()) return;
    Act(session->second, *action);
    session = sessions_.find(peer.get());
  }
}

void AmiFront::Closed(const std::shared_ptr<Peer>& peer) { sessions_.erase(peer.get()); }

void AmiFront::Drop() {
  for (auto& [key, session] : sessions_) session.peer->Close();
  sessions_.clear();
}

void AmiFront::Reset() {
  exchange_.Reset();
  log_.Clear();
  placed_.Clear();
}

void AmiFront::Hear(const std::string& account, std::string_view event_class, const AmiText& event) {
  const std::string text = event.Render();
  for (auto& [key, session] : sessions_) {
    if (session.account == account && (session.hears_all || session.hears.contains(event_class))) {
      session.peer->Send(text);
    }
  }
}

void AmiFront::Answer(Session& session, const AmiText& action, bool yes, std::string_view message,
                      const AmiText& more) {
  const std::string_view response = yes ? "Success" : "Error";
  log_.Add({world_.scheduler.Now(), session.account, action, std::string(response)});
  AmiText text("Response", response);
  if (!action.Get("ActionID").empty()) text.Add("ActionID", action.Get("ActionID"));
  for (const auto& [key, value] : more.fields()) text.Add(key, value);
  if (!message.empty()) text.Add("Message", message);
  session.peer->Send(text.Render());
}

void AmiFront::SetMask(Session& session, std::string_view mask) {
  session.hears.clear();
  session.hears_all = mask == "on";
  if (mask == "on" || mask == "off" || mask.empty()) return;
  for (const std::string_view word : Split(mask, ',')) session.hears.emplace(word);
}

void AmiFront::LogIn(Session& session, const AmiText& action) {
  const auto account = accounts_.find(action.Get("Username"));
  const bool right = account != accounts_.end() && account->second.active && action.Get("AuthType") == "MD5" &&
                     action.Get("Key") == Md5(Concat(session.challenge, account->second.secret));
  if (!right) {
    Answer(session, action, false, "Authentication failed");
    session.peer->Close();
    return;
  }
  session.account = account->first;
  Answer(session, action, true, "Authentication accepted");
  SetMask(session, action.Get("Events"));
  if (!session.hears_all && !session.hears.contains("system")) return;
  AmiText booted("Event", "FullyBooted");
  booted.Add("Privilege", "system,all").Add("Uptime", "3").Add("LastReload", "3").Add("Status", "Fully Booted");
  session.peer->Send(booted.Render());
}

void AmiFront::Act(Session& session, const AmiText& action) {
  const std::string name = Lower(action.Get("Action"));
  if (name == "challenge") {
    Answer(session, action, true, "", AmiText("Challenge", session.challenge));
    return;
  }
  if (name == "login") {
    LogIn(session, action);
    return;
  }
  const auto account = accounts_.find(session.account);
  if (account == accounts_.end() || account->second.denied.contains(name)) {
    Answer(session, action, false, "Permission denied");
    return;
  }
  if (name == "ping") {
    Answer(session, action, true, "", AmiText("Ping", "Pong"));
  } else if (name == "logoff") {
    session.peer->Send("Response: Goodbye\r\nMessage: Thanks for all the fish.\r\n\r\n");
    session.peer->Close();
  } else if (name == "events") {
    SetMask(session, action.Get("EventMask"));
    const bool hears = session.hears_all || !session.hears.empty();
    Answer(session, action, true, "", AmiText("Events", hears ? "On" : "Off"));
  } else if (name == "coresettings") {
    Answer(session, action, true, "", AmiText("AsteriskVersion", "22.8.2-twin"));
  } else if (name == "coreshowchannels") {
    ListChannels(session, action);
  } else if (name == "originate") {
    Originate(session, action);
  } else {
    ActOnChannel(session, action);
  }
}

void AmiFront::ListChannels(Session& session, const AmiText& action) {
  const std::string id(action.Get("ActionID"));
  Answer(session, action, true, "Channels will follow", AmiText("EventList", "start"));
  const std::vector<ChannelPtr> live = exchange_.channels().OfAccount(session.account);
  for (const ChannelPtr& channel : live) {
    AmiText item("Event", "CoreShowChannel");
    item.Add("ActionID", id);
    AddSnapshot(*channel, "", &item);
    item.Add("Application", channel->application).Add("ApplicationData", "");
    item.Add("Duration", AgeOf(world_.scheduler.Now() - channel->created)).Add("BridgeId", channel->bridge);
    session.peer->Send(item.Render());
  }
  AmiText end("Event", "CoreShowChannelsComplete");
  end.Add("ActionID", id).Add("EventList", "Complete").Add("ListItems", Concat(live.size()));
  session.peer->Send(end.Render());
}

void AmiFront::Originate(Session& session, const AmiText& action) {
  const std::string_view channel = action.Get("Channel");
  if (channel.empty()) {
    Answer(session, action, false, "Channel not specified");
    return;
  }
  if (channel.find('/') == std::string_view::npos) {
    Answer(session, action, false, "Invalid channel");
    return;
  }
  const std::string_view rest = channel.substr(channel.find('/') + 1);
  const std::string exten(action.Get("Exten"));
  const bool number_is_second = ParseInt(exten).has_value() && exten.size() >= 5;
  const PlacingReply reply =
      ScriptFor(number_is_second ? std::string_view(exten) : rest.substr(0, rest.find('@'))).reply;
  if (reply == PlacingReply::kInvalidNumber || reply == PlacingReply::kTooManyRequests) {
    Answer(session, action, false,
           reply == PlacingReply::kInvalidNumber ? "Extension does not exist." : "Asterisk is shutting down");
    return;
  }
  // An error that leaves open whether the call was placed is a connection that ends: what the interface answers is so.
  if (reply == PlacingReply::kErrorNotPlaced) {
    log_.Add({world_.scheduler.Now(), session.account, action, ""});
    session.peer->Close();
    return;
  }
  OriginateOrder order;
  order.account = session.account;
  order.action_id = action.Get("ActionID");
  order.channel = channel;
  order.context = action.Get("Context");
  order.exten = exten;
  order.channel_id = action.Get("ChannelId");
  order.caller_id = NumberOf(action.Get("CallerID"));
  order.timeout = absl::Milliseconds(ParseInt(action.Get("Timeout")).value_or(30'000));
  const bool lost = reply == PlacingReply::kErrorButPlaced || reply == PlacingReply::kLostButPlaced;
  if (lost) {
    log_.Add({world_.scheduler.Now(), session.account, action, ""});
    session.peer->Close();
  } else if (reply == PlacingReply::kSlowAndPlaced) {
    log_.Add({world_.scheduler.Now(), session.account, action, ""});
    world_.scheduler.After(absl::Milliseconds(world_.settings.slow_reply_ms), [peer = session.peer, action] {
      AmiText late("Response", "Success");
      peer->Send(late.Add("ActionID", action.Get("ActionID")).Add("Message", "Originate successfully queued").Render());
    });
  } else {
    Answer(session, action, true, "Originate successfully queued");
  }
  placed_.Add({world_.scheduler.Now(), order.account, order.channel});
  exchange_.Originate(std::move(order));
}

void AmiFront::ActOnChannel(Session& session, const AmiText& action) {
  const std::string name = Lower(action.Get("Action"));
  const std::string_view wanted = action.Get(name == "bridge" ? "Channel1" : "Channel");
  if (wanted.empty()) {
    const bool known = name == "redirect" || name == "hangup";
    Answer(session, action, false, known ? "Channel not specified" : "Invalid/unknown command");
    return;
  }
  const ChannelPtr channel = exchange_.channels().FindByName(session.account, wanted);
  if (channel == nullptr) {
    Answer(session, action, false, "No such channel");
    return;
  }
  const std::string context(action.Get("Context"));
  const std::string exten(action.Get("Exten"));
  if (name == "hangup") {
    Answer(session, action, true, "Channel Hungup");
    exchange_.HangUp(channel, static_cast<int>(ParseInt(action.Get("Cause")).value_or(16)));
  } else if (name == "redirect") {
    const ChannelPtr extra = exchange_.channels().FindByName(session.account, action.Get("ExtraChannel"));
    Answer(session, action, true, extra == nullptr ? "Redirect successful" : "Dual Redirect successful");
    exchange_.Redirect(channel, context, exten);
    if (extra != nullptr) {
      exchange_.Redirect(extra, std::string(action.Get("ExtraContext")), std::string(action.Get("ExtraExten")));
    }
  } else if (name == "bridge") {
    const ChannelPtr second = exchange_.channels().FindByName(session.account, action.Get("Channel2"));
    Answer(session, action, second != nullptr, second == nullptr ? "No such channel" : "Channels have been bridged");
    if (second != nullptr) exchange_.channels().Bridge(channel, second);
  } else if (name == "park") {
    // With the line end that the real answer has.
    Answer(session, action, true, "Park successful\n");
    exchange_.Park(channel);
  } else if (name == "blindtransfer") {
    const bool can = !channel->bridge.empty();
    Answer(session, action, can, can ? "Transfer succeeded" : "Transfer invalid");
    if (can) exchange_.TransferBlind(channel, context, exten);
  } else if (name == "atxfer") {
    Answer(session, action, true, "Atxfer successfully queued");
    exchange_.TransferAttended(channel, exten);
  } else if (name == "cancelatxfer") {
    const bool can = exchange_.CancelTransfer(channel);
    Answer(session, action, can, can ? "CancelAtxfer successfully queued" : "Transfer invalid");
  } else if (name == "playdtmf") {
    Answer(session, action, true, "DTMF successfully queued");
    exchange_.Press(channel, action.Get("Digit"), /*sent=*/true);
  } else if (name == "setvar") {
    if (action.Get("Variable") == "TRUNKLINE_RECORDING") channel->recording = action.Get("Value");
    Answer(session, action, true, "Variable Set");
  } else if (name == "mixmonitor") {
    Answer(session, action, true, "", AmiText("MixMonitorID", "0x7fccf400be60"));
    exchange_.SetRecording(channel, true);
  } else if (name == "stopmixmonitor") {
    Answer(session, action, channel->recorded, channel->recorded ? "" : "Could not stop monitoring channel");
    if (channel->recorded) exchange_.SetRecording(channel, false);
  } else {
    Answer(session, action, false, "Invalid/unknown command");
  }
}

}  // namespace trunkline::twin::sip
