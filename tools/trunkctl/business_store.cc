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

absl::Status RevokeKey(postgres::Transaction& tx, const std::string& api_key_id) {
  TL_ASSIGN_OR_RETURN(
      const postgres::Result result,
      tx.Execute("UPDATE api_keys SET revoked_at = now() WHERE api_key_id = $1 AND revoked_at IS NULL", {api_key_id}));
  if (result.affected() == 0) return absl::NotFoundError(ToAbsl(Concat("no key ", api_key_id, " that is in force")));
  return absl::OkStatus();
}

}  // namespace trunkline::trunkctl
