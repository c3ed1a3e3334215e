#include "libs/providers/exotel/test_webhooks.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "libs/base/text.h"
#include "libs/providers/exotel/multipart.h"
#include "libs/providers/exotel/webhook_receiver.h"
#include "libs/telephony/timestamps.h"
#include "tests/support/source_path.h"

namespace trunkline::providers::exotel {
namespace {

constexpr absl::Time kReceived = absl::FromUnixSeconds(1'768'471'200);  // 2026-01-15 10:00:00 UTC

void SetEvent(WebhookRequest* request) {
  const std::string_view path = std::string_view(request->url).substr(0, request->url.find('?'));
  request->event = path.substr(path.rfind('/') + 1);
  request->received_at = kReceived;
}

// Multipart bodies stand in the samples with the line ends of the file.
std::string WithCarriageReturns(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out.push_back('\r');
    out.push_back(c);
  }
  return out;
}

}  // namespace

Account TestAccount() {
  return {.id = kTestAccount,
          .business_id = "0190b2c3-0000-7000-8000-0000000000bb",
          .provider = "exotel",
          .settings = {{"account_sid", "acme1"}, {"app_id", "926"}, {"caller_id", "08047190000"}},
          .credentials = {{"api_key", "key"}, {"api_token", "s3cret"}, {"webhook_token", kTestToken}}};
}

std::string TestDataPath(std::string_view name) { return SourcePath(Concat("libs/providers/exotel/testdata/", name)); }

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
  if (IsMultipart(request.Header("content-type"))) {
    request.body = WithCarriageReturns(request.body);
  } else {
    while (request.body.ends_with('\n')) request.body.pop_back();
  }
  SetEvent(&request);
  return request;
}

WebhookRequest PostOf(std::string_view event, std::string_view query, std::string_view content_type, std::string body) {
  WebhookRequest request = GetOf(event, query);
  request.method = "POST";
  request.headers = {{"content-type", std::string(content_type)}};
  request.body = std::move(body);
  return request;
}

WebhookRequest GetOf(std::string_view event, std::string_view query) {
  WebhookRequest request;
  request.method = "GET";
  request.url = Concat(kTestBase, "/telephony/webhook/exotel/", event, "?account=", kTestAccount, "&token=", kTestToken,
                       query.empty() ? "" : "&", query);
  SetEvent(&request);
  return request;
}

webhooks::v1::RawWebhook RawOf(const WebhookRequest& request) {
  webhooks::v1::RawWebhook raw;
  raw.set_provider("exotel");
  raw.set_provider_account_id(kTestAccount);
  raw.set_event(request.event);
  *raw.mutable_received_at() = telephony::ToProto(kReceived);
  raw.mutable_http()->set_method(request.method);
  raw.mutable_http()->set_url(ExotelReceiver().UrlToKeep(request.url));
  raw.mutable_http()->set_body(request.body);
  for (const std::string_view name : ExotelReceiver().HeadersToKeep()) {
    if (request.Header(name).empty()) continue;
    webhooks::v1::Header* header = raw.mutable_http()->add_headers();
    header->set_name(std::string(name));
    header->set_value(std::string(request.Header(name)));
  }
  return raw;
}

}  // namespace trunkline::providers::exotel
