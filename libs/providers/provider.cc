#include "libs/providers/provider.h"

namespace trunkline::providers {

bool Provider::HasLink(const Account& /*account*/) const { return false; }

std::unique_ptr<EventLink> Provider::OpenLink(const Account& /*account*/, LinkSink& /*sink*/) const { return nullptr; }

}  // namespace trunkline::providers
