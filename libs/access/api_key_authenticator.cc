#include "libs/access/api_key_authenticator.h"

#include <algorithm>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::access {
namespace {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

constexpr std::string_view kPrefix = "tl_";
constexpr size_t kSecretLength = 43;  // 32 bytes in base64url without padding

absl::Status Refusal(std::string_view why) {
  return Error(absl::StatusCode::kUnauthenticated, Reason::REASON_UNAUTHENTICATED,
               Concat(why, "; send it as 'authorization: Bearer KEY'"));
}

}  // namespace

bool IsApiKey(std::string_view key) {
  if (key.size() != kPrefix.size() + kSecretLength || !key.starts_with(kPrefix)) return false;
  key.remove_prefix(kPrefix.size());
  return std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

ApiKeyAuthenticator::ApiKeyAuthenticator(postgres::Pool& pool, const Clock& clock, Options options)
    : pool_(pool), clock_(clock), options_(options) {}

absl::StatusOr<rpc::Caller> ApiKeyAuthenticator::Authenticate(std::string_view key) {
  if (key.empty()) return Refusal("an API key is needed");
  if (!IsApiKey(key)) return Refusal("this is no API key: keys are 'tl_' and 43 characters");
  const std::string digest = Sha256(key);
  std::optional<Answer> answer = Recall(digest);
  if (!answer.has_value()) {
    answer = Answer{.digest = digest, .caller = std::nullopt, .asked_at = clock_.Now()};
    const absl::StatusOr<Result> rows = pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<Result> {
      return tx.Execute("SELECT api_key_id, business_id FROM business_of_api_key($1)", {Parameter::Bytes(digest)});
    });
    if (!rows.ok()) {
      return Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE,
                   "the API key cannot be checked now; try again");
    }
    if (!rows->empty()) {
      answer->caller = rpc::Caller{.business_id = rows->String(0, 1),
                                   .actor = Concat("api-key:", rows->Text(0, 0)),
                                   .api_key_id = rows->String(0, 0)};
    }
    Remember(*answer);
  }
  if (!answer->caller.has_value()) return Refusal("the API key is not known, or it was revoked");
  return *answer->caller;
}

std::optional<ApiKeyAuthenticator::Answer> ApiKeyAuthenticator::Recall(const std::string& digest) {
  const std::lock_guard lock(mutex_);
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end() || clock_.Now() - found->second->asked_at >= options_.lifetime) return std::nullopt;
  return *found->second;
}

void ApiKeyAuthenticator::Remember(Answer answer) {
  const std::lock_guard lock(mutex_);
  if (const auto old = by_digest_.find(answer.digest); old != by_digest_.end()) {
    answers_.erase(old->second);
    by_digest_.erase(old);
  }
  while (answers_.size() >= options_.capacity) {
    by_digest_.erase(answers_.front().digest);
    answers_.pop_front();
  }
  answers_.push_back(std::move(answer));
  by_digest_.emplace(answers_.back().digest, std::prev(answers_.end()));
}

}  // namespace trunkline::access
