#include "libs/providers/built_in_providers.h"

#include <memory>
#include <utility>
#include <vector>

#include "libs/providers/exotel/exotel.h"
#include "libs/providers/mock/mock.h"
#include "libs/providers/plivo/plivo.h"
#include "libs/providers/sip/sip.h"
#include "libs/providers/twilio/twilio.h"

namespace trunkline::providers {

Registry BuiltInProviders(const ProviderOptions& options) {
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(exotel::MakeProvider(options));
  providers.push_back(mock::MakeProvider(options));
  providers.push_back(plivo::MakeProvider(options));
  providers.push_back(sip::MakeProvider(options));
  providers.push_back(twilio::MakeProvider(options));
  return Registry(std::move(providers));
}

}  // namespace trunkline::providers
