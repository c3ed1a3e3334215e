#include "libs/providers/mock/mock_provider.h"
#include "tests/conformance/provider_case.h"

namespace trunkline::conformance::mock {
namespace {

ProviderCase MakeCase() {
  return {
      .provider = "mock",
      .fill_account =
          [](const TwinProcess& /*twin*/, double time_scale, providers::Account* account) {
            account->settings = {{"time_scale", std::to_string(time_scale)}};
            account->credentials = {{"webhook_secret", "mock-secret"}};
          },
      .spoil_secret = [](providers::Account* account) { account->credentials["webhook_secret"] = "wrong"; },
      .start_inbound =
          [](const InboundStart& start) {
            const auto& mock = dynamic_cast<const providers::mock::MockProvider&>(start.provider);
            return mock.ReceiveCall(start.account, {.from = start.from, .to = start.to});
          },
  };
}

[[maybe_unused]] const bool kRegistered = RegisterCase(MakeCase);

}  // namespace
}  // namespace trunkline::conformance::mock
