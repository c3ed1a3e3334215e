// The handler behind a real HTTP server, asked over a socket, for every platform that is built in.
#include "services/webhook-ingest/tracking_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/http/client.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/built_in_platforms.h"

namespace trunkline::webhook_ingest {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kTrackingAccount[] = "0190b2c3-0000-7000-8000-0000000000a1";
constexpr char kTrackingBusiness[] = "0190b2c3-0000-7000-8000-0000000000b1";
constexpr char kToken[] = "kX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3";
constexpr char kOther[] = "yX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3";
constexpr char kSecret[] = "test-secret-0123456789";
constexpr char kCall[] = "3b7c1d52-8f0e-4d7a-9a51-6f2f0c4b9e10";
constexpr absl::Time kNow = absl::FromUnixSeconds(1'772'460'526);

class KeepingSink final : public WebhookSink {
 public:
  void Keep(const webhooks::v1::RawWebhook& webhook, Kept kept) override {
    absl::Status status;
    {
      const std::lock_guard lock(mutex_);
      kept_.push_back(webhook);
      status = answers_.empty() ? absl::OkStatus() : answers_.front();
      if (!answers_.empty()) answers_.erase(answers_.begin());
    }
    kept(status);
  }
  std::vector<webhooks::v1::RawWebhook> kept() {
    const std::lock_guard lock(mutex_);
    return kept_;
  }
  // The next ones, in order; then OK.
  void Answer(std::vector<absl::Status> answers) { answers_ = std::move(answers); }

 private:
  std::mutex mutex_;
  std::vector<webhooks::v1::RawWebhook> kept_;
  std::vector<absl::Status> answers_;
};

class TrackingHandlerTest : public ::testing::TestWithParam<std::string> {
 protected:
  TrackingHandlerTest() { Use({}); }

  // The account, with these settings.
  void Use(std::map<std::string, std::string> settings) {
    account_ = {.id = kTrackingAccount,
                .business_id = kTrackingBusiness,
                .provider = GetParam(),
                .settings = std::move(settings),
                .credentials = {{"webhook_token", kToken},
                                {"webhook_hmac_secret", kSecret},
                                {"webhook_key", "0123456789abcdef"},
                                {"webhook_username", "tracker"},
                                {"webhook_password", "0123456789abcdef"}}};
    Publish();
  }
  void Publish(std::set<std::string, std::less<>> disabled = {}) {
    std::vector<providers::Account> accounts = {account_};
    if (disabled.contains(kTrackingAccount)) accounts.clear();
    directory_.Set(std::make_shared<const accounts::AccountSnapshot>(std::move(accounts), std::move(disabled)));
  }

  http::Response Send(http::ClientRequest request) {
    request.url = Concat("http://127.0.0.1:", server_->port(), request.url);
    auto response = http::Client({}).Send(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *std::move(response) : http::Response{.status = 0};
  }
  http::Response Get(const std::string& target, http::Headers headers = {}) {
    return Send({.method = "GET", .url = target, .headers = std::move(headers)});
  }
  http::Response Post(const std::string& target, const std::string& body, http::Headers headers = {}) {
    return Send({.method = "POST", .url = target, .headers = std::move(headers), .body = body});
  }

  // /webhooks/{platform}/{account}/ended[/{token}]?call_uuid=...
  std::string Target(std::string_view token = "") const {
    return Concat("/webhooks/", GetParam(), "/", kTrackingAccount, "/ended", token.empty() ? "" : "/", token,
                  "?call_uuid=", kCall);
  }

  // Of a webhook that may not enter.
  void ExpectRefused(const http::Response& response, std::string_view reason) {
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(response.body, "{}");
    EXPECT_THAT(sink_.kept(), IsEmpty());
    ASSERT_FALSE(refused_.empty());
    EXPECT_EQ(refused_.back().reason(), reason);
    EXPECT_EQ(refused_.back().provider(), GetParam());
    EXPECT_THAT(refused_.back().ShortDebugString(), Not(HasSubstr(kToken)));
    EXPECT_THAT(refused_.back().ShortDebugString(), Not(HasSubstr(kOther)));
    EXPECT_THAT(metrics_.Text(), HasSubstr(Concat("trunkline_ingest_tracking_webhooks_rejected_total{provider=\"",
                                                  GetParam(), "\",reason=\"", reason, "\"}")));
  }
  void ExpectKept(const http::Response& response, size_t count = 1) {
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "{}");
    EXPECT_THAT(sink_.kept(), SizeIs(count));
  }

  ManualClock clock_{kNow};
  metrics::Registry metrics_;
  tracking::Registry platforms_ =
      tracking::BuiltInPlatforms({.public_url = "https://hooks.example.com", .clock = &clock_});
  PublicUrl public_url_{"https://hooks.example.com", {"127.0.0.1"}};
  accounts::AccountDirectory directory_;
  providers::Account account_;
  KeepingSink sink_;
  std::vector<audit::v1::RefusedWebhook> refused_;
  TrackingHandler handler_{100,        public_url_,
                           platforms_, directory_,
                           sink_,      [this](audit::v1::RefusedWebhook webhook) { refused_.push_back(webhook); },
                           metrics_,   clock_};
  std::unique_ptr<http::Server> server_ =
      *http::Server::Start({.max_body_bytes = 1024 * 1024}, [this](http::Request request, http::Responder respond) {
        handler_.Handle(std::move(request), std::move(respond));
      });
};

INSTANTIATE_TEST_SUITE_P(Platforms, TrackingHandlerTest, ::testing::Values("retreaver", "ringba", "trackdrive"),
                         [](const auto& platform) { return platform.param; });

TEST_P(TrackingHandlerTest, AGenuineWebhookIsKeptWithoutItsSecret) {
  ExpectKept(Get(Target(kToken)));
  const webhooks::v1::RawWebhook raw = sink_.kept()[0];
  EXPECT_TRUE(IsUuid(raw.webhook_id()));
  EXPECT_EQ(raw.provider(), GetParam());
  EXPECT_EQ(raw.provider_account_id(), kTrackingAccount);
  EXPECT_EQ(raw.business_id(), kTrackingBusiness);
  EXPECT_EQ(raw.call_id(), telephony::CallIdOf(kTrackingAccount, kCall));
  EXPECT_EQ(raw.event(), "ended");
  EXPECT_EQ(raw.traceparent().size(), 55u);
  EXPECT_EQ(telephony::FromProto(raw.received_at()), kNow);
  EXPECT_TRUE(raw.hint_only());  // unless the account says otherwise
  EXPECT_THAT(raw.http().url(), HasSubstr("/ended/REDACTED?call_uuid="));
  EXPECT_THAT(raw.ShortDebugString(), Not(HasSubstr(kToken)));
  EXPECT_THAT(metrics_.Text(), HasSubstr(Concat("trunkline_ingest_webhooks_total{outcome=\"accepted\",provider=\"",
                                                GetParam(), "\"} 1")));
}

TEST_P(TrackingHandlerTest, WhatAnAccountSaysOfItsCallsStandsInTheMessage) {
  Use({{"webhook_modes", "url_token"}, {"apply_mode", "shadow"}, {"currency", "EUR"}});
  ExpectKept(Get(Target(kToken)));
  EXPECT_FALSE(sink_.kept()[0].hint_only());
  EXPECT_TRUE(sink_.kept()[0].shadow());
  EXPECT_EQ(sink_.kept()[0].currency(), "EUR");
}

TEST_P(TrackingHandlerTest, TheTokenInThePathMustBeTheAccounts) {
  ExpectRefused(Get(Target(kOther)), "TOKEN_MISMATCH");
  ExpectRefused(Get(Target()), "TOKEN_MISSING");
  EXPECT_EQ(refused_.back().path(), Concat("/webhooks/", GetParam(), "/", kTrackingAccount, "/ended"));
  EXPECT_EQ(refused_.back().provider_account_id(), kTrackingAccount);
  // While it is changed, either is good.
  account_.credentials["webhook_token_secondary"] = kOther;
  Publish();
  ExpectKept(Get(Target(kOther)));
}

TEST_P(TrackingHandlerTest, ASignatureCoversTheBodyOrTheQuery) {
  Use({{"webhook_modes", "hmac_sha256"}});
  const std::string body = Concat("{\"event\":\"ended\",\"call_uuid\":\"", kCall, "\"}");
  const std::string target = Concat("/webhooks/", GetParam(), "/", kTrackingAccount, "/ended");
  const std::string signature = HexEncode(HmacSha256(kSecret, body));
  ExpectRefused(Post(target, body), "SIGNATURE_MISSING");
  ExpectRefused(Post(target, body + " ", {{"X-Signature", signature}}), "SIGNATURE_MISMATCH");
  ExpectKept(Post(target, body, {{"X-Signature", signature}}), 1);
  ExpectKept(Post(target, body, {{"Signature", Concat("sha256=", signature)}}), 2);
  ExpectKept(Post(target, body, {{"X-Signature", Base64Encode(HmacSha256(kSecret, body))}}), 3);
  const std::string query = Concat("call_uuid=", kCall);
  ExpectKept(Get(Concat(target, "?", query), {{"X-Signature", HexEncode(HmacSha256(kSecret, query))}}), 4);
  EXPECT_THAT(sink_.kept()[0].ShortDebugString(), Not(HasSubstr(signature)));
}

TEST_P(TrackingHandlerTest, ASignatureWithATimeIsGoodForFiveMinutes) {
  Use({{"webhook_modes", "hmac_sha256"}, {"webhook_timestamp_header", "X-Timestamp"}});
  const std::string body = Concat("{\"call_uuid\":\"", kCall, "\"}");
  const auto headers = [&](absl::Time at) {
    const std::string seconds = Concat(absl::ToUnixSeconds(at));
    return http::Headers{{"X-Timestamp", seconds},
                         {"X-Signature", HexEncode(HmacSha256(kSecret, Concat(seconds, ".", body)))}};
  };
  ExpectRefused(Post(Target(), body, headers(kNow - absl::Seconds(301))), "SIGNATURE_EXPIRED");
  ExpectKept(Post(Target(), body, headers(kNow - absl::Seconds(299))));
}

TEST_P(TrackingHandlerTest, AFixedHeaderMustBeThere) {
  Use({{"webhook_modes", "static_header"}});
  ExpectRefused(Get(Target()), "KEY_MISMATCH");
  ExpectRefused(Get(Target(), {{"X-Webhook-Key", "0123456789abcdee"}}), "KEY_MISMATCH");
  ExpectKept(Get(Target(), {{"X-Webhook-Key", "0123456789abcdef"}}));
}

TEST_P(TrackingHandlerTest, UserAndPasswordMustBeRight) {
  Use({{"webhook_modes", "basic_auth"}});
  const http::Response asked = Get(Target());
  ExpectRefused(asked, "BASIC_AUTH_MISSING");
  EXPECT_EQ(http::FindHeader(asked.headers, "www-authenticate"), "Basic realm=\"webhooks\"");
  ExpectRefused(Get(Target(), {{"Authorization", Concat("Basic ", Base64Encode("tracker:wrong"))}}),
                "BASIC_AUTH_MISMATCH");
  ExpectKept(Get(Target(), {{"Authorization", Concat("Basic ", Base64Encode("tracker:0123456789abcdef"))}}));
}

TEST_P(TrackingHandlerTest, TheSenderMustBeAmongTheAddresses) {
  Use({{"webhook_modes", "url_token, ip_allow_list"}, {"webhook_source_addresses", "203.0.113.0/24"}});
  ExpectRefused(Get(Target(kToken), {{"X-Forwarded-For", "198.51.100.1"}}), "SOURCE_ADDRESS_NOT_ALLOWED");
  ExpectRefused(Get(Target(kOther), {{"X-Forwarded-For", "203.0.113.7"}}), "TOKEN_MISMATCH");
  ExpectKept(Get(Target(kToken), {{"X-Forwarded-For", "203.0.113.7"}}));
  EXPECT_EQ(sink_.kept()[0].remote_address(), "203.0.113.7");
}

TEST_P(TrackingHandlerTest, EveryChosenModeMustHold) {
  Use({{"webhook_modes", "url_token, static_header, verify_by_fetch"}});
  ExpectRefused(Get(Target(kToken)), "KEY_MISMATCH");
  ExpectRefused(Get(Target(), {{"X-Webhook-Key", "0123456789abcdef"}}), "TOKEN_MISSING");
  ExpectKept(Get(Target(kToken), {{"X-Webhook-Key", "0123456789abcdef"}}));
}

TEST_P(TrackingHandlerTest, AnAccountThatProvesNothingReceivesNothing) {
  for (const char* modes : {"verify_by_fetch", "ip_allow_list", "hope"}) {
    Use({{"webhook_modes", modes}, {"webhook_source_addresses", "0.0.0.0/0"}});
    ExpectRefused(Get(Target(kToken)), "NO_WEBHOOK_MODE");
  }
}

TEST_P(TrackingHandlerTest, AnotherAccountsUrlAndNobodysAreRefused) {
  ExpectRefused(Get(Concat("/webhooks/", GetParam(), "/0190b2c3-0000-7000-8000-0000000000ff/ended/", kToken)),
                "UNKNOWN_ACCOUNT");
  account_.provider = "twilio";
  Publish();
  ExpectRefused(Get(Target(kToken)), "UNKNOWN_ACCOUNT");
}

TEST_P(TrackingHandlerTest, TheShortFormsFindTheAccountByItsSecret) {
  providers::Account other = account_;
  other.id = "0190b2c3-0000-7000-8000-0000000000a2";
  other.credentials["webhook_token"] = kOther;
  directory_.Set(std::make_shared<const accounts::AccountSnapshot>(std::vector<providers::Account>{other, account_}));
  ExpectKept(Get(Concat("/webhooks/", GetParam(), "/", kToken, "?event=ended&call_uuid=", kCall)), 1);
  EXPECT_EQ(sink_.kept()[0].provider_account_id(), kTrackingAccount);
  ExpectKept(Get(Concat("/webhooks/", GetParam(), "/", kOther, "?event=ended&call_uuid=", kCall)), 2);
  EXPECT_EQ(sink_.kept()[1].provider_account_id(), other.id);
  EXPECT_EQ(Get(Concat("/webhooks/", GetParam(), "/", std::string(43, 'z'))).status, 401);
  EXPECT_EQ(refused_.back().path(), Concat("/webhooks/", GetParam(), "/REDACTED"));
  EXPECT_EQ(Get(Concat("/webhooks/", GetParam())).status, 401);
  // The event was forgotten: nobody may find the secret as an event.
  EXPECT_EQ(Get(Concat("/webhooks/", GetParam(), "/", kTrackingAccount, "/", std::string(43, 'z'))).status, 401);
  EXPECT_EQ(refused_.back().path(), Concat("/webhooks/", GetParam(), "/", kTrackingAccount, "/REDACTED"));

  Use({{"webhook_modes", "hmac_sha256"}});
  const std::string body = Concat("{\"event\":\"ended\",\"call_uuid\":\"", kCall, "\"}");
  ExpectKept(Post(Concat("/webhooks/", GetParam()), body, {{"signature", HexEncode(HmacSha256(kSecret, body))}}), 3);
}

TEST_P(TrackingHandlerTest, AnyMethodAndContentTypeIsTaken) {
  Use({{"webhook_modes", "url_token"}});
  const std::string path = Concat("/webhooks/", GetParam(), "/", kTrackingAccount, "/ended/", kToken);
  const std::string json = Concat("{\"call_uuid\":\"", kCall, "\"}");
  size_t kept = 0;
  for (const char* method : {"POST", "PUT", "PATCH"}) {
    for (const char* type : {"application/json", "text/plain", "application/x-www-form-urlencoded", "x/y"}) {
      ExpectKept(Send({.method = method, .url = path, .headers = {{"Content-Type", type}}, .body = json}), ++kept);
    }
    ExpectKept(Send({.method = method, .url = path, .body = Concat("call_uuid=", kCall)}), ++kept);
    ExpectKept(Send({.method = method, .url = Target(kToken)}), ++kept);
  }
  const http::Response head = Send({.method = "HEAD", .url = Target(kToken)});
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_THAT(sink_.kept(), SizeIs(++kept));
  const http::Response deleted = Send({.method = "DELETE", .url = Target(kToken)});
  EXPECT_EQ(deleted.status, 405);
  EXPECT_EQ(http::FindHeader(deleted.headers, "allow"), "GET, HEAD, POST, PUT, PATCH");
  for (const webhooks::v1::RawWebhook& raw : sink_.kept()) {
    EXPECT_EQ(raw.call_id(), telephony::CallIdOf(kTrackingAccount, kCall));
  }
}

TEST_P(TrackingHandlerTest, WhatTellsOfNoCallIsAcknowledgedAndNotKept) {
  const std::string path = Concat("/webhooks/", GetParam(), "/", kTrackingAccount, "/ended/", kToken);
  EXPECT_EQ(Get(Concat(path, "?call_uuid=[call_uuid]")).status, 200);
  EXPECT_EQ(Get(path).status, 200);
  EXPECT_EQ(Post(path, "<xml/>").status, 200);
  EXPECT_EQ(Post(path, "[]").status, 200);
  EXPECT_THAT(sink_.kept(), IsEmpty());
  EXPECT_THAT(metrics_.Text(), HasSubstr(Concat("{outcome=\"nothing_to_keep\",provider=\"", GetParam(), "\"} 4")));
}

TEST_P(TrackingHandlerTest, BadContentGetsItsAnswer) {
  const std::string path = Concat("/webhooks/", GetParam(), "/", kTrackingAccount, "/ended/", kToken);
  EXPECT_EQ(Post(path, "{\"call_uuid\":").status, 400);
  EXPECT_EQ(Post(path, Concat("{\"a\":", std::string(40, '['), std::string(40, ']'), "}")).status, 413);
  EXPECT_EQ(Post(path, std::string(256 * 1024 + 1, ' ')).status, 413);
  EXPECT_THAT(sink_.kept(), IsEmpty());
  // Forged, it is forged before it is anything else.
  ExpectRefused(Post(Concat("/webhooks/", GetParam(), "/", kTrackingAccount, "/ended/", kOther), "{\"call_uuid\":"),
                "TOKEN_MISMATCH");
  // Broken JSON is of no matter where the URL names the call.
  EXPECT_EQ(Post(Target(kToken), "{\"call_uuid\":").status, 200);
}

TEST_P(TrackingHandlerTest, OtherPathsAreNotFound) {
  for (const std::string& path :
       {std::string("/webhooks/"), std::string("/webhooks/nobody"), std::string("/webhooks/twilio"),
        Concat("/webhooks/", GetParam(), "/ended/", kToken), Concat("/webhooks/", GetParam(), "//", kToken),
        Concat("/webhooks/", GetParam(), "/", kTrackingAccount, "/ended/", kToken, "/more")}) {
    const http::Response response = Get(path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.body, "{}");
  }
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_P(TrackingHandlerTest, AWebhookOfManyCallsIsKeptWholeOrNotAcknowledged) {
  Use({{"webhook_modes", "url_token"}});
  const std::string path = Concat("/webhooks/", GetParam(), "/", kTrackingAccount, "/ended/", kToken);
  const std::string body = "[{\"call_uuid\":\"a-1\"},{\"call_uuid\":\"a-2\"},{\"call_uuid\":\"a-3\"}]";
  sink_.Answer({absl::OkStatus(), absl::UnavailableError("neither Kafka nor disk")});
  const http::Response lost = Post(path, body);
  EXPECT_EQ(lost.status, 503);
  EXPECT_EQ(lost.body, "{}");
  EXPECT_EQ(http::FindHeader(lost.headers, "retry-after"), "1");
  ExpectKept(Post(path, body), 6);
  EXPECT_EQ(sink_.kept()[5].call_id(), telephony::CallIdOf(kTrackingAccount, "a-3"));
}

TEST_P(TrackingHandlerTest, ADisabledAccountIsAskedLater) {
  Publish({kTrackingAccount});
  const http::Response response = Get(Target(kToken));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(http::FindHeader(response.headers, "retry-after"), "1");
  EXPECT_THAT(sink_.kept(), IsEmpty());
  EXPECT_THAT(refused_, IsEmpty());
}

TEST_P(TrackingHandlerTest, WithoutAccountsNothingIsDecided) {
  directory_.Set(nullptr);
  EXPECT_EQ(Get(Target(kToken)).status, 503);
  Publish();
  directory_.Outdate();
  EXPECT_EQ(Get(Concat("/webhooks/", GetParam(), "/0190b2c3-0000-7000-8000-0000000000ff/ended/", kToken)).status, 503);
  // Whom we know is judged all the same.
  EXPECT_EQ(Get(Target(kOther)).status, 401);
  EXPECT_EQ(Get(Target(kToken)).status, 200);
}

TEST_P(TrackingHandlerTest, ASenderThatFailsAgainAndAgainIsHeldOffButNotForWhatIsGenuine) {
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Get(Target(kOther)).status, 401);
  const http::Response held_off = Get(Target(kOther));
  EXPECT_EQ(held_off.status, 429);
  EXPECT_EQ(held_off.body, "{}");
  EXPECT_EQ(http::FindHeader(held_off.headers, "retry-after"), "60");
  EXPECT_THAT(refused_, SizeIs(21));
  // The platform sends the webhooks of all its customers from the same addresses.
  ExpectKept(Get(Target(kToken)));
  EXPECT_EQ(Get(Target(kOther), {{"X-Forwarded-For", "203.0.113.7"}}).status, 401);
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(Get(Target(kOther)).status, 401);
}

}  // namespace
}  // namespace trunkline::webhook_ingest
