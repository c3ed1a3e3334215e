#include "libs/providers/provider.h"

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

}  // namespace trunkline::providers
