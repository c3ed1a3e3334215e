#include "libs/providers/webhook_receiver.h"

namespace trunkline::providers {

const Form& WebhookRequest::BodyForm() const {
  if (!parsed_body.has_value()) parsed_body = ParseForm(body);
  return *parsed_body;
}

std::string_view WebhookRequest::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

std::string WebhookReceiver::Challenge(const WebhookRequest& /*request*/, const Account& /*account*/) const {
  return {};
}

bool WebhookReceiver::AcceptsMediaType(std::string_view media_type) const {
  return media_type == "application/x-www-form-urlencoded" || media_type == "application/json";
}

std::string WebhookReceiver::UrlToKeep(std::string_view url) const { return std::string(url); }

}  // namespace trunkline::providers
