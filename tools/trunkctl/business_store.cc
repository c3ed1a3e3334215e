#include "tools/trunkctl/business_store.h"

#include "absl/time/clock.h"
#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::trunkctl {
namespace {

constexpr size_t kKeyBytes = 32;

// Base64 for URLs, without padding.
std::string KeyText(const std::string& bytes) {
  std::string text = Base64Encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return "tl_" + text;
}

absl::Status NoKeyInForce(const std::string& api_key_id) {
  return absl::NotFoundError(ToAbsl(Concat("no key ", api_key_id, " that is in force")));
}

}  // namespace

absl::Status PutBusiness(postgres::Transaction& tx, const std::string& business_id, const std::string& name) {
  return tx
      .Execute("INSERT INTO businesses (business_id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", {business_id, name})
      .status();
}

absl::StatusOr<NewKey> CreateKey(postgres::Transaction& tx, const std::string& business_id, const std::string& name) {
  NewKey key{.api_key_id = NewUuid(absl::Now()), .api_key = KeyText(RandomBytes(kKeyBytes))};
  TL_RETURN_IF_ERROR(
      tx.Execute("INSERT INTO api_keys (api_key_id, business_id, name, key_sha256) VALUES ($1, $2, $3, $4)",
                 {key.api_key_id, business_id, name, postgres::Parameter::Bytes(Sha256(key.api_key))})
          .status());
  return key;
}

bool KeyLimits::IsEmpty() const {
  return !calls_per_minute && !calls_per_hour && !calls_per_day && !spend_per_day_micros && !spend_per_month_micros;
}

absl::Status PutKeyLimits(postgres::Transaction& tx, const std::string& api_key_id, const KeyLimits& limits) {
  TL_ASSIGN_OR_RETURN(
      const postgres::Result key,
      tx.Execute("SELECT business_id FROM api_keys WHERE api_key_id = $1 AND revoked_at IS NULL FOR UPDATE",
                 {api_key_id}));
  if (key.empty()) return NoKeyInForce(api_key_id);
  TL_RETURN_IF_ERROR(tx.Execute("DELETE FROM api_key_limits WHERE api_key_id = $1", {api_key_id}).status());
  if (limits.IsEmpty()) return absl::OkStatus();
  return tx
      .Execute(
          "INSERT INTO api_key_limits (api_key_id, business_id, calls_per_minute, calls_per_hour, calls_per_day, "
          "spend_per_day_micros, spend_per_month_micros, reserve_micros, currency) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
          {api_key_id, key.Text(0, 0), limits.calls_per_minute, limits.calls_per_hour, limits.calls_per_day,
           limits.spend_per_day_micros, limits.spend_per_month_micros, limits.reserve_micros,
           postgres::Parameter::TextOrNull(limits.currency)})
      .status();
}

absl::Status RevokeKey(postgres::Transaction& tx, const std::string& api_key_id) {
  TL_ASSIGN_OR_RETURN(
      const postgres::Result result,
      tx.Execute("UPDATE api_keys SET revoked_at = now() WHERE api_key_id = $1 AND revoked_at IS NULL", {api_key_id}));
  if (result.affected() == 0) return NoKeyInForce(api_key_id);
  return absl::OkStatus();
}

}  // namespace trunkline::trunkctl
