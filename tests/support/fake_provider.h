// A provider for tests, as small as one can be: webhooks are forms with the fields id, event, status, at (seconds) and
// account; the header x-fake-signature must be the account's credential "token".
#pragma once

#include <memory>

#include "libs/providers/registry.h"

namespace trunkline::testing_support {

// Named "fake". Its call client refuses everything.
std::unique_ptr<providers::Provider> MakeFakeProvider();

// A registry with the fake provider alone.
providers::Registry FakeRegistry();

}  // namespace trunkline::testing_support
