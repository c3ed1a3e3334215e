#include "libs/tracking/ringba/bearer_tokens.h"

#include <algorithm>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/ringba/account_settings.h"

namespace trunkline::tracking::ringba {
namespace {

constexpr double kUsedLife = 0.8;
constexpr int64_t kLongestLifeSeconds = 86'400;
constexpr int64_t kUsualLifeSeconds = 3'600;

std::string DigestOf(const Account& account) {
  return Sha256(Concat(account.Credential(kUsername), '\0', account.Credential(kPassword), '\0', ApiUrlOf(account)));
}

}  // namespace

BearerTokens::Held& BearerTokens::HeldOf(const Account& account) {
  const std::scoped_lock lock(mutex_);
  return held_[account.id];
}

absl::StatusOr<std::string> BearerTokens::Get(const Account& account, Receipt* receipt) {
  Held& held = HeldOf(account);
  const std::scoped_lock lock(held.mutex);
  if (const std::string digest = DigestOf(account); held.credentials != digest) {
    held.credentials = digest;
    held.token.clear();
    held.refresh_token.clear();
  }
  if (!held.token.empty() && clock_.Now() < held.renew_at) return held.token;
  if (!held.refresh_token.empty()) {
    const absl::Status refreshed = Ask(account,
                                       {{"grant_type", "refresh_token"},
                                        {"refresh_token", held.refresh_token},
                                        {"user_name", account.Credential(kUsername)}},
                                       &held, receipt);
    if (refreshed.ok()) return held.token;
    held.refresh_token.clear();
  }
  TL_RETURN_IF_ERROR(Ask(account,
                         {{"grant_type", "password"},
                          {"username", account.Credential(kUsername)},
                          {"password", account.Credential(kPassword)}},
                         &held, receipt));
  return held.token;
}

void BearerTokens::Drop(const Account& account, const std::string& token) {
  Held& held = HeldOf(account);
  const std::scoped_lock lock(held.mutex);
  // Another thread may have another one already.
  if (held.token == token) held.token.clear();
}

absl::Status BearerTokens::Ask(const Account& account, const Form& form, Held* held, Receipt* receipt) {
  absl::StatusOr<ApiAnswer> answer = session_.Ask(account,
                                                  {.method = "POST",
                                                   .url = Concat(ApiUrlOf(account), "/token"),
                                                   .endpoint = "POST /token",
                                                   .headers = {{"content-type", "application/x-www-form-urlencoded"}},
                                                   .body = EncodeForm(form)},
                                                  receipt);
  if (!answer.ok()) {
    // 400 is what the protocol says for a wrong password.
    const bool refused = CodeOf(answer.status()) == v1::TRACKING_ERROR_CODE_VALIDATION_FAILED;
    return refused ? session_.Fail(v1::TRACKING_ERROR_CODE_AUTH_INVALID, "Ringba does not accept user and password")
                   : answer.status();
  }
  const std::string token = MemberText(answer->body, "access_token");
  if (token.empty()) return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no token");
  const int64_t life = std::clamp<int64_t>(ParseInt(MemberText(answer->body, "expires_in")).value_or(kUsualLifeSeconds),
                                           1, kLongestLifeSeconds);
  held->token = token;
  held->refresh_token = MemberText(answer->body, "refresh_token");
  held->renew_at = clock_.Now() + kUsedLife * absl::Seconds(life);
  return absl::OkStatus();
}

}  // namespace trunkline::tracking::ringba
