#include "libs/providers/exotel/webhook_urls.h"

#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "libs/providers/exotel/account_settings.h"
#include "libs/providers/exotel/local_rules.h"
#include "libs/providers/exotel/parameters.h"
#include "libs/providers/webhook_url.h"

namespace trunkline::providers::exotel {
namespace {

std::string Finish(std::string url, const Account& account) {
  Form more = QueryOf(RulesOf(account));
  if (WantsToken(account)) more.emplace_back(kTokenParameter, account.Credential(kWebhookToken));
  if (!more.empty()) url += Concat("&", EncodeForm(more));
  const size_t scheme_end = url.find("://");
  if (WantsBasic(account) && scheme_end != std::string::npos) {
    url.insert(scheme_end + 3, Concat(PercentEncode(account.Credential(kWebhookUsername)), ":",
                                      PercentEncode(account.Credential(kWebhookPassword)), "@"));
  }
  return url;
}

}  // namespace

std::string CallWebhookUrl(std::string_view public_url, const Account& account, std::string_view event,
                           std::string_view call_id) {
  const WebhookUrl url{.provider = std::string(kProviderName),
                       .event = std::string(event),
                       .account_id = account.id,
                       .call_id = std::string(call_id)};
  return Finish(url.Render(public_url), account);
}

std::string BulkWebhookUrl(std::string_view public_url, const Account& account, std::string_view event,
                           std::string_view bulk_id) {
  const WebhookUrl url{.provider = std::string(kProviderName),
                       .event = std::string(event),
                       .account_id = account.id,
                       .bulk_id = std::string(bulk_id)};
  return Finish(url.Render(public_url), account);
}

std::string UrlToEnter(std::string_view public_url, std::string_view account_id, std::string_view event) {
  const WebhookUrl url{
      .provider = std::string(kProviderName), .event = std::string(event), .account_id = std::string(account_id)};
  return Concat(url.Render(public_url), "&", kTokenParameter, "=", kTokenPlaceholder);
}

std::string WithoutToken(std::string_view url) {
  const size_t question = url.find('?');
  if (question == std::string_view::npos) return std::string(url);
  std::string kept;
  for (const std::string_view piece : Split(url.substr(question + 1), '&')) {
    // However its name is written: it is compared decoded, as it is when it is looked for.
    if (PercentDecode(piece.substr(0, piece.find('=')), /*plus_is_space=*/true) == kTokenParameter) continue;
    kept += Concat(kept.empty() ? "" : "&", piece);
  }
  return Concat(url.substr(0, question), kept.empty() ? "" : "?", kept);
}

}  // namespace trunkline::providers::exotel
