// Tags and conversions of a call at Retreaver. The core API changes no call: tags go to another host with a narrow key,
// conversions to a URL that the portal makes.
#include <algorithm>
#include <utility>

#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/retreaver/account_settings.h"
#include "libs/tracking/retreaver/client.h"

namespace trunkline::tracking::retreaver {
namespace {

void Replace(std::string_view token, std::string_view value, std::string* text) {
  const std::string encoded = PercentEncode(value);
  for (size_t at = text->find(token); at != std::string::npos; at = text->find(token, at + encoded.size())) {
    text->replace(at, token.size(), encoded);
  }
}

}  // namespace

absl::Status Client::WriteTags(const Account& account, std::string_view external_id, const Tags& tags) {
  const std::string key = account.Credential(kDataWritingKey);
  if (key.empty()) {
    return session_.Fail(v1::TRACKING_ERROR_CODE_CONFIG_INVALID, "tags need the credential data_writing_postback_key");
  }
  nlohmann::json body = nlohmann::json::object();
  for (const auto& [name, value] : tags) body[name] = value;
  body["key"] = key;
  body["call_uuid"] = std::string(external_id);
  Receipt receipt;
  TL_ASSIGN_OR_RETURN(const ApiAnswer answer, session_.Ask(account,
                                                           {.method = "POST",
                                                            .url = DataWritingUrlOf(account),
                                                            .endpoint = "POST /data_writing",
                                                            .headers = {{"content-type", "application/json"}},
                                                            .body = WriteJson(body)},
                                                           &receipt));
  const std::string status = MemberText(answer.body, "status");
  const bool taken =
      status.find("tags applied") != std::string::npos || status.find("tags stored") != std::string::npos;
  if (taken) return absl::OkStatus();
  return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "Retreaver does not say that it took the tags");
}

absl::Status Client::PostConversion(const Account& account, std::string_view external_id, const CallUpdate& update) {
  std::string url = account.Setting(kConversionUrl);
  Replace("{key}", account.Credential(kConversionKey), &url);
  Replace("{call_uuid}", external_id, &url);
  Replace("{revenue}", update.revenue.has_value() ? FormatAmount(*update.revenue) : "", &url);
  Replace("{payout}", update.payout.has_value() ? FormatAmount(*update.payout) : "", &url);
  const char* converted = update.converted.value_or(false) ? "true" : "false";
  Replace("{converted}", update.converted.has_value() ? converted : "", &url);
  Receipt receipt;
  return session_.Ask(account, {.url = url, .endpoint = "GET {conversion_postback_url}"}, &receipt).status();
}

absl::StatusOr<CallUpdateOutcome> Client::UpdateCall(const Account& account, std::string_view external_id,
                                                     const CallUpdate& update) {
  const bool money = update.revenue.has_value() || update.payout.has_value();
  const bool has_postback = !account.Setting(kConversionUrl).empty();
  if (money && !has_postback) return Lacks(v1::FEATURE_UPDATE_MONEY);
  if (update.converted.has_value() && !has_postback) return Lacks(v1::FEATURE_UPDATE_CONVERSION);
  CallUpdateOutcome outcome;
  const auto carry_out = [&](std::string_view part, const absl::Status& status) {
    outcome.status = status;
    status.ok() ? outcome.done.emplace_back(part) : outcome.failed.assign(part);
  };
  if (update.tags.has_value()) carry_out("tags", WriteTags(account, external_id, *update.tags));
  // One postback carries both.
  if (outcome.failed.empty() && (money || update.converted.has_value())) {
    const absl::Status posted = PostConversion(account, external_id, update);
    if (money) carry_out("money", posted);
    if (update.converted.has_value() && outcome.failed.empty()) carry_out("conversion", posted);
  }
  if (outcome.done.empty() && !outcome.failed.empty()) return outcome.status;
  TL_ASSIGN_OR_RETURN(Answer<PlatformCall> call, FetchCall(account, external_id));
  outcome.call = std::move(call.value);
  return outcome;
}

}  // namespace trunkline::tracking::retreaver
