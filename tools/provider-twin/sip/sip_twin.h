// An Asterisk, as one provider of the twin: its manager interface on ports of its own, and its part of the control API
// under /twin/sip.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tools/provider-twin/provider.h"
#include "tools/provider-twin/sip/ami_front.h"
#include "tools/provider-twin/webhook_sender.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::sip {

struct AmiPorts {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0 picks a free one
  uint16_t tls_port = 0;
};

class SipTwin final : public Provider {
 public:
  // Both outlive the object.
  SipTwin(World& world, WebhookTransport& transport);

  // Begins to listen; UNAVAILABLE when it cannot.
  absl::Status Listen(const AmiPorts& ports);

  std::string_view name() const override { return "sip"; }
  // "user:secret" of a manager user. Each has an exchange of its own.
  absl::Status AddAccount(std::string_view description) override;
  // Exchanges have no HTTP API here.
  bool OwnsPath(std::string_view /*path*/) const override { return false; }
  void Serve(const http::Request& request, http::Responder respond) override;
  http::Response Control(std::string_view path, const http::Request& request) override;
  void Reset() override;

 private:
  http::Response Endpoint() const;
  http::Response PutAccount(std::string_view body);
  http::Response Receive(std::string_view body);
  http::Response Drop(std::string_view body);
  http::Response SendWebhook(std::string_view body);
  http::Response ActOnCall(std::string_view linkedid, std::string_view verb, std::string_view body);
  http::Response Calls(const http::Request& request);
  http::Response Requests(const http::Request& request) const;
  http::Response Placed(const http::Request& request) const;
  http::Response Stats();

  World& world_;
  WebhookSender sender_;
  AmiFront front_;
  std::string default_account_;
  std::string address_;
  std::string certificate_;
  std::unique_ptr<AmiServer> server_;
};

}  // namespace trunkline::twin::sip
