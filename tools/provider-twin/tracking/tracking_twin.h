// A call-tracking platform as one provider of the twin: limits and troubles in front of the platform's own answers,
// lists that move while they are read, webhooks of what happens, and the control API.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tools/provider-twin/provider.h"
#include "tools/provider-twin/rest_log.h"
#include "tools/provider-twin/rest_reply.h"
#include "tools/provider-twin/tracking/life.h"
#include "tools/provider-twin/tracking/platform.h"
#include "tools/provider-twin/webhook_sender.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::tracking {

class Control;

class TrackingTwin final : public Provider {
 public:
  // What is referred to outlives the object, which outlives everything that is planned on the scheduler.
  TrackingTwin(World& world, WebhookTransport& transport, std::unique_ptr<Platform> platform);
  ~TrackingTwin() override;

  std::string_view name() const override { return platform_->name(); }
  absl::Status AddAccount(std::string_view description) override;
  bool OwnsPath(std::string_view path) const override;
  void Serve(const http::Request& request, http::Responder respond) override;
  http::Response Control(std::string_view path, const http::Request& request) override;
  void Reset() override;

  // The answer to a request, and when.
  RestReply Answer(const http::Request& request);

 private:
  RestReply Answer(const Ask& ask);
  // What goes wrong instead of an answer; nothing when nothing does.
  std::optional<RestReply> TroubleBefore(Account& account, const Ask& ask);
  void TroubleAfter(const Account& account, RestReply* reply);
  void MoveList(Account& account, const PageRead& page);
  void Tell(Account& account, uint32_t call, Event event);

  World& world_;
  std::unique_ptr<Platform> platform_;
  WebhookSender sender_;
  Life life_;
  AccountMap accounts_;
  std::string first_account_;
  RestLog log_;
  std::unique_ptr<tracking::Control> control_;
};

}  // namespace trunkline::twin::tracking
