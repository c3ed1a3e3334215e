#include "libs/providers/provider.h"

namespace trunkline::providers {

std::string_view WebhookRequest::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace trunkline::providers
