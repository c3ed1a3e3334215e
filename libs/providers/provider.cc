#include "libs/providers/provider.h"

namespace trunkline::providers {

std::unique_ptr<EventLink> Provider::OpenLink(const Account& /*account*/, LinkSink& /*sink*/) const { return nullptr; }

}  // namespace trunkline::providers
