#include "libs/providers/plivo/test_webhooks.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "libs/base/text.h"
#include "libs/providers/plivo/webhook_receiver.h"
#include "libs/telephony/timestamps.h"
#include "tests/support/source_path.h"

namespace trunkline::providers::plivo {

Account TestAccount() {
  return {.id = kTestAccount,
          .business_id = "0190b2c3-0000-7000-8000-0000000000bb",
          .provider = "plivo",
          .settings = {{"auth_id", "MAEXAMPLE00000000001"}},
          .credentials = {{"auth_token", "ZXhhbXBsZS1hdXRoLXRva2VuLTAwMDAwMDAwMDAwMQ"}}};
}

std::string TestDataPath(std::string_view name) { return SourcePath(Concat("libs/providers/plivo/testdata/", name)); }

std::string ReadTestFile(std::string_view name) {
  std::ifstream file(TestDataPath(name), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

std::vector<std::string> SampleNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(TestDataPath("webhooks"))) {
    if (entry.path().extension() == ".http") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

WebhookRequest ReadSample(std::string_view name) {
  const std::string text = ReadTestFile(Concat("webhooks/", name, ".http"));
  const size_t head_end = text.find("\n\n");
  WebhookRequest request;
  if (head_end != std::string::npos) request.body = text.substr(head_end + 2);
  const std::string head = text.substr(0, head_end);
  bool first = true;
  for (const std::string_view line : Split(head, '\n')) {
    if (first) {
      const auto words = Split(line, ' ');
      request.method = words.at(0);
      request.url = Concat(kTestBase, words.at(1));
    } else if (const size_t colon = line.find(':'); colon != std::string_view::npos) {
      request.headers.emplace_back(Lower(line.substr(0, colon)), Trim(line.substr(colon + 1)));
    }
    first = false;
  }
  const std::string_view path = std::string_view(request.url).substr(0, request.url.find('?'));
  request.event = path.substr(path.rfind('/') + 1);
  return request;
}

WebhookRequest PostOf(std::string_view event, std::string_view query, const Form& form) {
  WebhookRequest request;
  request.method = "POST";
  request.url = Concat(kTestBase, "/telephony/webhook/plivo/", event, query);
  request.event = event;
  request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
  request.body = EncodeForm(form);
  return request;
}

webhooks::v1::RawWebhook RawOf(const WebhookRequest& request) {
  webhooks::v1::RawWebhook raw;
  raw.set_provider("plivo");
  raw.set_provider_account_id(kTestAccount);
  raw.set_event(request.event);
  *raw.mutable_received_at() = telephony::ToProto(absl::FromUnixSeconds(1'772'532'000));
  raw.mutable_http()->set_method(request.method);
  raw.mutable_http()->set_url(request.url);
  raw.mutable_http()->set_body(request.body);
  for (const std::string_view name : PlivoReceiver().HeadersToKeep()) {
    if (request.Header(name).empty()) continue;
    webhooks::v1::Header* header = raw.mutable_http()->add_headers();
    header->set_name(std::string(name));
    header->set_value(std::string(request.Header(name)));
  }
  return raw;
}

}  // namespace trunkline::providers::plivo
