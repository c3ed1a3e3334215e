// The parameters that ask Twilio for a call (https://www.twilio.com/docs/voice/api/call-resource, "Create a Call").
#pragma once

#include "libs/base/encoding.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::twilio {

Form DialParameters(const ProviderOptions& options, const Account& account, const DialRequest& request);

}  // namespace trunkline::providers::twilio
