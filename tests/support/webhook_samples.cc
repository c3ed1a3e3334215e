#include "tests/support/webhook_samples.h"

#include <algorithm>
#include <filesystem>

#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "tests/support/source_path.h"

namespace trunkline::testing_support {

std::string TestDataPath(std::string_view provider, std::string_view name) {
  return SourcePath(Concat("libs/providers/", provider, "/testdata/", name));
}

std::string ReadTestData(std::string_view provider, std::string_view name) {
  return ReadSourceFile(Concat("libs/providers/", provider, "/testdata/", name));
}

std::vector<std::string> WebhookSampleNames(std::string_view provider) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(TestDataPath(provider, "webhooks"))) {
    if (entry.path().extension() == ".http") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

providers::WebhookRequest ReadWebhookSample(std::string_view provider, std::string_view name, absl::Time received_at) {
  const std::string text = ReadTestData(provider, Concat("webhooks/", name, ".http"));
  const size_t head_end = text.find("\n\n");
  providers::WebhookRequest request;
  request.received_at = received_at;
  if (head_end != std::string::npos) request.body = text.substr(head_end + 2);
  const std::string head = text.substr(0, head_end);
  for (const std::string_view line : Split(head, '\n')) {
    if (request.method.empty()) {
      const auto words = Split(line, ' ');
      request.method = words.at(0);
      request.url = Concat(kWebhookBase, words.at(1));
    } else if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
      request.headers.emplace_back(Lower(line.substr(0, colon)), Trim(line.substr(colon + 1)));
    }
  }
  const std::string_view path = std::string_view(request.url).substr(0, request.url.find('?'));
  request.event = path.substr(path.rfind('/') + 1);
  return request;
}

webhooks::v1::RawWebhook RawOf(const providers::WebhookRequest& request, const providers::Account& account,
                               const providers::WebhookReceiver& receiver, absl::Time received_at) {
  webhooks::v1::RawWebhook raw;
  raw.set_provider(account.provider);
  raw.set_provider_account_id(account.id);
  raw.set_event(request.event);
  *raw.mutable_received_at() = telephony::ToProto(received_at);
  raw.mutable_http()->set_method(request.method);
  raw.mutable_http()->set_url(receiver.UrlToKeep(request.url));
  raw.mutable_http()->set_body(request.body);
  for (const std::string_view name : receiver.HeadersToKeep()) {
    if (request.Header(name).empty()) continue;
    webhooks::v1::Header* header = raw.mutable_http()->add_headers();
    header->set_name(std::string(name));
    header->set_value(std::string(request.Header(name)));
  }
  return raw;
}

}  // namespace trunkline::testing_support
