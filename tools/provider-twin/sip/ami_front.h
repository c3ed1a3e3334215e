// The manager interface of the simulated exchange: sessions, logins, actions, and who hears which event. Used on the
// scheduler only.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "tools/provider-twin/bounded_log.h"
#include "tools/provider-twin/sip/ami_server.h"
#include "tools/provider-twin/sip/exchange.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::sip {

struct AmiAccount {
  std::string secret;
  bool active = true;
  std::set<std::string> denied;  // actions for which the user lacks the privilege
};

// What was asked, for tests to look at.
struct AmiRequest {
  absl::Time at;
  std::string account;
  AmiText action;
  std::string response;  // "Success", "Error"; empty: the answer was lost
};

// A call that an action began.
struct PlacedCall {
  absl::Time at;
  std::string account;
  std::string channel;  // as it was asked for: "PJSIP/15550100001@trunk"
};

class AmiFront {
 public:
  explicit AmiFront(World& world);

  void Opened(const std::shared_ptr<Peer>& peer);
  void Received(const std::shared_ptr<Peer>& peer, std::string_view bytes);
  void Closed(const std::shared_ptr<Peer>& peer);
  // Ends all connections.
  void Drop();
  void Reset();

  Exchange& exchange() { return exchange_; }
  std::map<std::string, AmiAccount, std::less<>>& accounts() { return accounts_; }
  const BoundedLog<AmiRequest>& log() const { return log_; }
  const BoundedLog<PlacedCall>& placed() const { return placed_; }
  size_t sessions() const { return sessions_.size(); }

 private:
  struct Session {
    std::shared_ptr<Peer> peer;
    std::string received;
    std::string challenge;
    std::string account;  // empty until it is logged in
    bool hears_all = false;
    std::set<std::string, std::less<>> hears;
  };

  void Act(Session& session, const AmiText& action);
  void Answer(Session& session, const AmiText& action, bool yes, std::string_view message,
              const AmiText& more = AmiText());
  void LogIn(Session& session, const AmiText& action);
  void SetMask(Session& session, std::string_view mask);
  void Originate(Session& session, const AmiText& action);
  void ListChannels(Session& session, const AmiText& action);
  void ActOnChannel(Session& session, const AmiText& action);
  void Hear(const std::string& account, std::string_view event_class, const AmiText& event);

  World& world_;
  Exchange exchange_;
  std::map<std::string, AmiAccount, std::less<>> accounts_;
  std::map<Peer*, Session> sessions_;
  BoundedLog<AmiRequest> log_;
  BoundedLog<PlacedCall> placed_;
  int64_t next_challenge_ = 100'000'000;
};

}  // namespace trunkline::twin::sip
