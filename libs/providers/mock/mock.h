// A provider that is made up: calls without a telephone network, for demonstrations and for tests of programs that use
// Trunkline. They live in the process that places them (exchange.h) and end with it; what becomes of one follows from
// the last two digits of its number (script.h). News come over the provider's link.
//
// Settings of an account
//   time_scale   how fast calls go; 0.1: a minute takes six seconds. 1 unless set.
//
// Credentials
//   webhook_secret   with it, calls ask Trunkline for their plans, by webhooks that are signed with it; without it, a
//                    call that is answered is talked on until the other side hangs up, and no webhook is believed
#pragma once

#include <memory>

#include "libs/providers/provider.h"

namespace trunkline::providers::mock {

std::unique_ptr<Provider> MakeProvider(const ProviderOptions& options);

}  // namespace trunkline::providers::mock
