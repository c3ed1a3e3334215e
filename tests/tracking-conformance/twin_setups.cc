#include "tests/tracking-conformance/twin_setups.h"

#include "libs/base/text.h"
#include "tools/provider-twin/retreaver/retreaver_twin.h"
#include "tools/provider-twin/ringba/ringba_twin.h"
#include "tools/provider-twin/trackdrive/trackdrive_twin.h"

namespace trunkline::tracking_conformance {
namespace {

constexpr int64_t kFirstId = 100'000'000'000;

}  // namespace

TwinSetup RetreaverSetup() {
  return {.platform = "retreaver",
          .make = &twin::retreaver::MakePlatform,
          .description = "170001:planted-retreaver-key:planted-postback-key",
          .base_path = "/retreaver",
          .fill =
              [](const std::string& url, tracking::Account* account) {
                account->settings.insert(
                    {{"api_url", url}, {"company_id", "170001"}, {"data_writing_url", url + "/data_writing"}});
                account->credentials.insert(
                    {{"api_key", "planted-retreaver-key"}, {"data_writing_postback_key", "planted-postback-key"}});
              },
          .secret = "api_key",
          .wrong_credential = "credentials.api_key",
          .make_id = [](int number) { return Concat("3b7c1d52-8f0e-4d7a-9a51-", kFirstId + number); },
          .campaign_id = "auto-ins-01",
          .ended_event = "ended"};
}

TwinSetup RingbaSetup() {
  return {.platform = "ringba",
          .make = &twin::ringba::MakePlatform,
          .description = "RA0123456789abcdef:planted-ringba-token",
          .base_path = "/ringba/v2",
          .fill =
              [](const std::string& url, tracking::Account* account) {
                account->settings.insert({{"api_url", url}, {"account_id", "RA0123456789abcdef"}});
                account->credentials.insert({{"api_token", "planted-ringba-token"}});
              },
          .secret = "api_token",
          .wrong_credential = "credentials.api_token",
          .make_id = [](int number) { return Concat("v2aBcD_-", kFirstId + number); },
          .campaign_id = "CA11111111111111111111111111111111",
          .ended_event = "finalized",
          .tag_prefix = "Annotations:"};
}

TwinSetup TrackDriveSetup() {
  return {.platform = "trackdrive",
          .make = &twin::trackdrive::MakePlatform,
          .description = "acme-calls:tdpub_planted:tdprv_planted",
          .base_path = "/trackdrive/api/v1",
          .fill =
              [](const std::string& url, tracking::Account* account) {
                account->settings.insert({{"api_url", url}});
                account->credentials.insert({{"public_key", "tdpub_planted"}, {"private_key", "tdprv_planted"}});
              },
          .secret = "private_key",
          .wrong_credential = "credentials.private_key",
          .make_id = [](int number) { return Concat("c3b20b12-3b3b-4322-b15d-", kFirstId + number); },
          .campaign_id = "10001234",
          .ended_event = "call_ended"};
}

}  // namespace trunkline::tracking_conformance
