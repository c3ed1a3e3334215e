#include "libs/tracking/webhook_modes.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"

namespace trunkline::tracking {
namespace {

using providers::Account;
using providers::WebhookRequest;

constexpr char kToken[] = "kX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3";
constexpr char kAccountId[] = "0190b2c3-0000-7000-8000-00000000000a";
constexpr char kSecret[] = "test-secret-0123456789";
constexpr char kBody[] = R"({"event":"ended","call_uuid":"3b7c1d52-8f0e-4d7a-9a51-6f2f0c4b9e10"})";
constexpr char kQuery[] = "event=start&call_uuid=3b7c1d52-8f0e-4d7a-9a51-6f2f0c4b9e10&caller_number=%2B12025550143";
constexpr char kBodyHex[] = "d498e6ce8939332115aa63bfa57409d75cd12ff6202a3ff70148031c0ac22482";

Account MakeAccount(std::string modes) {
  Account account;
  account.id = kAccountId;
  account.settings = {{"webhook_modes", std::move(modes)}};
  account.credentials = {{"webhook_token", kToken},
                         {"webhook_hmac_secret", kSecret},
                         {"webhook_key", "a key of sixteen"},
                         {"webhook_username", "ringba"},
                         {"webhook_password", "correct horse battery"}};
  return account;
}

WebhookRequest MakeRequest(std::string method = "POST", std::string body = kBody, std::string query = "") {
  WebhookRequest request;
  request.method = std::move(method);
  request.url = Concat("https://h/webhooks/retreaver/", kAccountId, "/ended/", kToken, query.empty() ? "" : "?", query);
  request.body = std::move(body);
  request.remote_address = "203.0.113.9";
  request.received_at = absl::FromUnixSeconds(1'772'460'530);
  return request;
}

std::string Outcome(const WebhookRequest& request, const Account& account) {
  const absl::Status status = VerifyWebhook(request, account);
  return status.ok() ? "OK" : std::string(status.message());
}

std::string WithHeader(WebhookRequest request, const Account& account, std::string name, std::string value) {
  request.headers.emplace_back(std::move(name), std::move(value));
  return Outcome(request, account);
}

TEST(WebhookModesTest, AnAccountThatCannotTellASenderReceivesNothing) {
  for (const char* modes : {"verify_by_fetch", "ip_allow_list", "ip_allow_list, verify_by_fetch", "nonsense"}) {
    Account account = MakeAccount(modes);
    account.settings["webhook_source_addresses"] = "203.0.113.0/24";
    EXPECT_EQ(Outcome(MakeRequest(), account), "NO_WEBHOOK_MODE") << modes;
    providers::AccountForm form(account);
    CheckWebhookModes(account, &form);
    EXPECT_EQ(std::move(form).Problems().size(), 1) << modes;
  }
}

TEST(WebhookModesTest, TheTokenOfThePath) {
  Account account = MakeAccount("");
  EXPECT_EQ(Outcome(MakeRequest(), account), "OK");
  WebhookRequest other = MakeRequest();
  other.url.back() = 'x';
  EXPECT_EQ(Outcome(other, account), "TOKEN_MISMATCH");
  account.credentials["webhook_token_secondary"] = std::string(kToken, sizeof kToken - 2) + "x";
  EXPECT_EQ(Outcome(other, account), "OK");
  other.url = Concat("https://h/webhooks/retreaver/", kAccountId, "/ended");
  EXPECT_EQ(Outcome(other, account), "TOKEN_MISSING");
  // A short secret is none, even when it is right.
  account.credentials = {{"webhook_token", "short"}};
  other.url += "/short";
  EXPECT_EQ(Outcome(other, account), "TOKEN_MISMATCH");
}

TEST(WebhookModesTest, VectorsOfTheSignature) {
  const Account account = MakeAccount("hmac_sha256");
  for (const char* value : {kBodyHex, "1Jjmzok5MyEVqmO/pXQJ11zRL/YgKj/3AUgDHArCJII="}) {
    EXPECT_EQ(WithHeader(MakeRequest(), account, "x-signature", value), "OK") << value;
    EXPECT_EQ(WithHeader(MakeRequest(), account, "signature", value), "OK") << value;
  }
  EXPECT_EQ(WithHeader(MakeRequest(), account, "x-signature", Concat("sha256=", kBodyHex)), "OK");
  EXPECT_EQ(WithHeader(MakeRequest("POST", "{}"), account, "x-signature", kBodyHex), "SIGNATURE_MISMATCH");
  EXPECT_EQ(WithHeader(MakeRequest(), account, "x-signature", "d498"), "SIGNATURE_MISMATCH");
  EXPECT_EQ(Outcome(MakeRequest(), account), "SIGNATURE_MISSING");
}

TEST(WebhookModesTest, WithoutABodyTheQueryIsSigned) {
  constexpr char kQueryHex[] = "293dd2d4d46dc5991749c475ff0b4eeab246f0af8c95d4cef63845908a95b4d8";
  constexpr char kEmptyHex[] = "3e562e82f5398b7ed1ef211fed6b88a6b913174988dd3d963afeb2d3dad7d8dc";
  const Account account = MakeAccount("hmac_sha256");
  for (const char* method : {"GET", "HEAD", "POST"}) {
    EXPECT_EQ(WithHeader(MakeRequest(method, "", kQuery), account, "x-signature", kQueryHex), "OK") << method;
    EXPECT_EQ(WithHeader(MakeRequest(method, "", Concat(kQuery, "&signature=abc")), account, "x-signature", kQueryHex),
              "OK")
        << method;
    EXPECT_EQ(WithHeader(MakeRequest(method, ""), account, "x-signature", kEmptyHex), "OK") << method;
  }
}

TEST(WebhookModesTest, ASignatureOfATimeGrowsOld) {
  constexpr char kTimedHex[] = "2218ef339093873ce6e916df473a2c015f5fb08d47a26cc4489b36595c58170d";
  Account account = MakeAccount("hmac_sha256");
  account.settings["webhook_timestamp_header"] = "X-Timestamp";
  WebhookRequest request = MakeRequest();
  request.headers = {{"x-signature", kTimedHex}, {"x-timestamp", "1772460526"}};
  EXPECT_EQ(Outcome(request, account), "OK");
  request.received_at += absl::Seconds(300);
  EXPECT_EQ(Outcome(request, account), "SIGNATURE_EXPIRED");
  request.headers.pop_back();
  EXPECT_EQ(Outcome(request, account), "SIGNATURE_MISSING");
}

TEST(WebhookModesTest, TheFixedHeader) {
  Account account = MakeAccount("static_header");
  EXPECT_EQ(WithHeader(MakeRequest(), account, "x-webhook-key", "a key of sixteen"), "OK");
  EXPECT_EQ(WithHeader(MakeRequest(), account, "x-webhook-key", "another of sixteen"), "KEY_MISMATCH");
  EXPECT_EQ(Outcome(MakeRequest(), account), "KEY_MISMATCH");
  account.settings["webhook_key_header"] = "X-Ours";
  EXPECT_EQ(WithHeader(MakeRequest(), account, "x-ours", "a key of sixteen"), "OK");
  account.credentials.erase("webhook_key");
  EXPECT_EQ(WithHeader(MakeRequest(), account, "x-ours", ""), "KEY_MISMATCH");
}

TEST(WebhookModesTest, BasicAuthentication) {
  const Account account = MakeAccount("basic_auth");
  EXPECT_EQ(WithHeader(MakeRequest(), account, "authorization", "Basic cmluZ2JhOmNvcnJlY3QgaG9yc2UgYmF0dGVyeQ=="),
            "OK");
  EXPECT_EQ(WithHeader(MakeRequest(), account, "authorization", "Basic cmluZ2JhOndyb25n"), "BASIC_AUTH_MISMATCH");
  EXPECT_EQ(WithHeader(MakeRequest(), account, "authorization", "Bearer x"), "BASIC_AUTH_MISSING");
  EXPECT_EQ(Outcome(MakeRequest(), account), "BASIC_AUTH_MISSING");
}

TEST(WebhookModesTest, EveryModeThatIsChosenMustHold) {
  Account account = MakeAccount("url_token, static_header, ip_allow_list");
  account.settings["webhook_source_addresses"] = "203.0.113.0/24";
  EXPECT_EQ(Outcome(MakeRequest(), account), "KEY_MISMATCH");
  EXPECT_EQ(WithHeader(MakeRequest(), account, "x-webhook-key", "a key of sixteen"), "OK");
  WebhookRequest elsewhere = MakeRequest();
  elsewhere.remote_address = "198.51.100.1";
  EXPECT_EQ(WithHeader(elsewhere, account, "x-webhook-key", "a key of sixteen"), "SOURCE_ADDRESS_NOT_ALLOWED");
  // A list that is chosen and empty allows nobody.
  account.settings.erase("webhook_source_addresses");
  EXPECT_EQ(WithHeader(MakeRequest(), account, "x-webhook-key", "a key of sixteen"), "SOURCE_ADDRESS_NOT_ALLOWED");
}

TEST(WebhookModesTest, WhatAModeNeedsIsAskedFor) {
  Account account;
  account.settings["webhook_modes"] = "url_token,hmac_sha256,static_header,basic_auth,ip_allow_list";
  account.credentials["webhook_key"] = "short";
  providers::AccountForm form(account);
  CheckWebhookModes(account, &form);
  std::set<std::string> fields;
  for (const auto& problem : std::move(form).Problems()) fields.insert(problem.field + " " + problem.reason);
  EXPECT_EQ(fields, (std::set<std::string>{
                        "credentials.webhook_token MISSING", "credentials.webhook_hmac_secret MISSING",
                        "credentials.webhook_key MALFORMED", "credentials.webhook_username MISSING",
                        "credentials.webhook_password MISSING", "settings.webhook_source_addresses MISSING"}));
}

}  // namespace
}  // namespace trunkline::tracking
