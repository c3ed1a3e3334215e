#include "libs/providers/webhook_url.h"

#include "libs/base/encoding.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"

namespace trunkline::providers {
namespace {

constexpr std::string_view kPath = "/telephony/webhook/";

std::string UuidOrEmpty(std::string_view text) { return IsUuid(text) ? std::string(text) : std::string(); }

}  // namespace

std::string WebhookUrl::Render(std::string_view public_url) const {
  Form query;
  if (!account_id.empty()) query.emplace_back("account", account_id);
  if (!call_id.empty()) query.emplace_back("call", call_id);
  if (!bulk_id.empty()) query.emplace_back("bulk", bulk_id);
  if (!step.empty()) query.emplace_back("step", step);
  return Concat(public_url, kPath, provider, "/", event, query.empty() ? "" : "?", EncodeForm(query));
}

WebhookUrl ReadWebhookUrl(std::string_view url) {
  WebhookUrl out;
  const size_t question = url.find('?');
  const std::string_view path = url.substr(0, question);
  if (const size_t at = path.find(kPath); at != std::string_view::npos) {
    const auto parts = Split(path.substr(at + kPath.size()), '/');
    out.provider = parts[0];
    if (parts.size() > 1) out.event = parts[1];
  }
  if (question != std::string_view::npos) {
    const Form query = ParseForm(url.substr(question + 1));
    out.account_id = UuidOrEmpty(FindInForm(query, "account").value_or(""));
    out.call_id = UuidOrEmpty(FindInForm(query, "call").value_or(""));
    out.bulk_id = UuidOrEmpty(FindInForm(query, "bulk").value_or(""));
    out.step = FindInForm(query, "step").value_or("");
  }
  return out;
}

}  // namespace trunkline::providers
