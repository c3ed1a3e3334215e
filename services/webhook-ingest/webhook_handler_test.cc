// The handler behind a real HTTP server, asked over a socket.
#include "services/webhook-ingest/webhook_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <tuple>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/http/client.h"
#include "libs/telephony/event_id.h"
#include "tests/support/fake_provider.h"

namespace trunkline::webhook_ingest {
namespace {

using ::testing::HasSubstr;

constexpr char kAccount[] = "0190b2c3-0000-7000-8000-0000000000a1";
constexpr char kBusiness[] = "0190b2c3-0000-7000-8000-0000000000b1";

class RecordingSink final : public WebhookSink {
 public:
  void Keep(const webhooks::v1::RawWebhook& webhook, Kept kept) override {
    {
      const std::lock_guard lock(mutex_);
      kept_.push_back(webhook);
    }
    kept(status_);
  }
  std::vector<webhooks::v1::RawWebhook> kept() {
    const std::lock_guard lock(mutex_);
    return kept_;
  }
  void Answer(absl::Status status) { status_ = std::move(status); }

 private:
  std::mutex mutex_;
  std::vector<webhooks::v1::RawWebhook> kept_;
  absl::Status status_;
};

class ScriptedPlans final : public PlanSource {
 public:
  void Ask(const providers::Account&, const providers::WebhookSubject& subject, OnPlan on_plan) override {
    asked_for_ = subject.external_call_id;
    on_plan(answer_);
  }
  absl::StatusOr<plans::v1::CallPlan> answer_ = absl::DeadlineExceededError("slow");
  std::string asked_for_;
};

class WebhookHandlerTest : public ::testing::Test {
 protected:
  WebhookHandlerTest() {
    accounts_.Set(std::make_shared<const accounts::AccountSnapshot>(
        std::vector<providers::Account>{{.id = kAccount,
                                         .business_id = kBusiness,
                                         .provider = "fake",
                                         .settings = {{"external_account", "EX1"}},
                                         .credentials = {{"token", "s3cret"}}},
                                        {.id = "0190b2c3-0000-7000-8000-0000000000a2",
                                         .business_id = kBusiness,
                                         .provider = "fake",
                                         .settings = {{"external_account", "EX1"}},
                                         .credentials = {{"token", "other"}}}}));
  }

  http::Response Ask(http::ClientRequest request) {
    request.url = Concat("http://127.0.0.1:", server_->port(), request.url);
    auto response = http::Client({}).Send(request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *std::move(response) : http::Response{.status = 0};
  }

  http::Response Post(const std::string& target, const std::string& body, const std::string& signature = "s3cret",
                      const std::string& content_type = "application/x-www-form-urlencoded") {
    return Ask({.method = "POST",
                .url = target,
                .headers = {{"Content-Type", content_type}, {"X-Fake-Signature", signature}, {"X-Fake-Token", "t1"}},
                .body = body});
  }

  SystemClock clock_;
  metrics::Registry metrics_;
  providers::Registry registry_ = testing_support::FakeRegistry();
  PublicUrl public_url_{"https://hooks.example.com", {}};
  accounts::AccountDirectory accounts_;
  RecordingSink sink_;
  ScriptedPlans plans_;
  std::vector<audit::v1::RefusedWebhook> refused_;
  WebhookHandlerOptions options_{.max_fields = 20, .max_in_flight = 100, .fallback_text = "later"};
  WebhookHandler handler_{options_,
                          public_url_,
                          registry_,
                          accounts_,
                          sink_,
                          plans_,
                          [this](audit::v1::RefusedWebhook webhook) { refused_.push_back(std::move(webhook)); },
                          metrics_,
                          clock_};
  std::unique_ptr<http::Server> server_ =
      *http::Server::Start({.max_body_bytes = 4096}, [this](http::Request request, http::Responder respond) {
        handler_.Handle(std::move(request), std::move(respond));
      });
};

std::string Target() { return Concat("/telephony/webhook/fake/status?account=", kAccount); }

TEST_F(WebhookHandlerTest, AGenuineWebhookIsKeptAsItCame) {
  EXPECT_EQ(Post(Target(), "id=c1&event=RINGING").status, 204);
  const auto kept = sink_.kept();
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_TRUE(IsUuid(kept[0].webhook_id()));
  EXPECT_EQ(kept[0].provider(), "fake");
  EXPECT_EQ(kept[0].provider_account_id(), kAccount);
  EXPECT_EQ(kept[0].business_id(), kBusiness);
  EXPECT_EQ(kept[0].call_id(), telephony::CallIdOf(kAccount, "c1"));
  EXPECT_EQ(kept[0].event(), "status");
  EXPECT_EQ(kept[0].http().body(), "id=c1&event=RINGING");
  EXPECT_EQ(kept[0].http().url(), "https://hooks.example.com" + Target());
  EXPECT_EQ(kept[0].traceparent().size(), 55u);
  // Of the headers only what the mapping needs; above all not the signature.
  EXPECT_THAT(kept[0].ShortDebugString(), ::testing::Not(HasSubstr("s3cret")));
  EXPECT_THAT(kept[0].ShortDebugString(), HasSubstr("x-fake-token"));
}

TEST_F(WebhookHandlerTest, WithoutAnAccountInTheUrlTheProvidersOwnIdFindsIt) {
  EXPECT_EQ(Post("/telephony/webhook/fake/status", "id=c1&account=EX1", "other").status, 204);
  ASSERT_EQ(sink_.kept().size(), 1u);
  EXPECT_EQ(sink_.kept()[0].provider_account_id(), "0190b2c3-0000-7000-8000-0000000000a2");
}

TEST_F(WebhookHandlerTest, AForgedWebhookNeverEnters) {
  for (const auto& [target, body, signature] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {Target(), "id=c1", "wrong"},
           {Target(), "id=c1", ""},
           {"/telephony/webhook/fake/status?account=0190b2c3-0000-7000-8000-0000000000ff", "id=c1", "s3cret"},
           {"/telephony/webhook/fake/status", "id=c1&account=EX9", "s3cret"},
           {"/telephony/webhook/fake/status", "id=c1", "s3cret"}}) {
    const http::Response response = Post(target, body, signature);
    EXPECT_EQ(response.status, 403) << target;
    EXPECT_THAT(response.body, HasSubstr("\"WEBHOOK_REFUSED\""));
    EXPECT_THAT(response.body, ::testing::Not(HasSubstr("SIGNATURE")));
  }
  EXPECT_TRUE(sink_.kept().empty());
  ASSERT_EQ(refused_.size(), 5u);
  EXPECT_EQ(refused_[0].reason(), "SIGNATURE_MISMATCH");
  EXPECT_EQ(refused_[0].provider_account_id(), kAccount);
  EXPECT_EQ(refused_[0].body_sha256().size(), 64u);
  EXPECT_EQ(refused_[1].reason(), "SIGNATURE_MISSING");
  EXPECT_EQ(refused_[2].reason(), "UNKNOWN_ACCOUNT");
  EXPECT_THAT(metrics_.Text(), HasSubstr("{outcome=\"refused\",provider=\"fake\"} 5"));
}

TEST_F(WebhookHandlerTest, AWebhookFromElsewhereIsRefusedBeforeItsSignatureIsRead) {
  const auto limit_to = [this](const std::string& addresses) {
    accounts_.Set(std::make_shared<const accounts::AccountSnapshot>(std::vector<providers::Account>{
        {.id = kAccount,
         .business_id = kBusiness,
         .provider = "fake",
         .settings = {{"external_account", "EX1"}, {"webhook_source_addresses", addresses}},
         .credentials = {{"token", "s3cret"}}}}));
  };
  for (const char* elsewhere : {"203.0.113.0/24,2001:db8::/32", "127.0.0.2", "not readable"}) {
    limit_to(elsewhere);
    for (const std::string& target : {Target(), std::string("/telephony/webhook/fake/status")}) {
      const http::Response response = Post(target, "id=c1&account=EX1");
      EXPECT_EQ(response.status, 403) << elsewhere;
      EXPECT_THAT(response.body, HasSubstr("\"WEBHOOK_REFUSED\""));
      EXPECT_THAT(response.body, ::testing::Not(HasSubstr("SOURCE_ADDRESS")));
    }
    EXPECT_EQ(Post(Target(), "id=c1", "wrong").status, 403);
  }
  EXPECT_TRUE(sink_.kept().empty());
  ASSERT_EQ(refused_.size(), 9u);
  for (const audit::v1::RefusedWebhook& refused : refused_) {
    EXPECT_EQ(refused.reason(), "SOURCE_ADDRESS_NOT_ALLOWED");
    EXPECT_EQ(refused.provider_account_id(), kAccount);
    EXPECT_EQ(refused.remote_address(), "127.0.0.1");
  }
  EXPECT_THAT(metrics_.Text(), HasSubstr("{outcome=\"refused\",provider=\"fake\"} 9"));

  limit_to("203.0.113.9, 127.0.0.0/8");
  EXPECT_EQ(Post(Target(), "id=c1").status, 204);
  EXPECT_EQ(Post(Target(), "id=c1", "wrong").status, 403);
  EXPECT_EQ(refused_.back().reason(), "SIGNATURE_MISMATCH");
}

TEST_F(WebhookHandlerTest, JsonIsToldByItsMediaTypeAloneWhateverItsCaseAndParameters) {
  EXPECT_EQ(Post(Target(), "{}", "s3cret", "Application/JSON; charset=utf-8").status, 204);
  EXPECT_EQ(Post(Target(), "{}", "s3cret", "application/json; charset=utf-8").status, 204);
  EXPECT_EQ(Post(Target(), "{\"broken\":", "s3cret", "application/json;charset=utf-8").status, 400);
}

TEST_F(WebhookHandlerTest, EveryBadRequestGetsItsAnswer) {
  EXPECT_EQ(Post("/nowhere", "id=c1").status, 404);
  EXPECT_EQ(Post("/telephony/webhook/unknown/status", "id=c1").status, 404);
  EXPECT_EQ(Post(Target(), "nothing=here").status, 400);
  EXPECT_EQ(Post(Target(), "id=c1", "s3cret", "text/xml").status, 415);
  EXPECT_EQ(Post(Target(), "{\"broken\":", "s3cret", "application/json").status, 400);
  EXPECT_EQ(Post(Target(), "id=c1" + std::string(5000, 'x')).status, 413);
  std::string fields = "id=c1";
  for (int i = 0; i < 25; ++i) fields += "&f=1";
  EXPECT_EQ(Post(Target(), fields).status, 400);
  const http::Response put = Ask({.method = "PUT", .url = Target(), .body = "x"});
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(http::FindHeader(put.headers, "allow"), "GET, POST");
  EXPECT_TRUE(sink_.kept().empty());
}

TEST_F(WebhookHandlerTest, TheProviderSaysWhichBodiesItSends) {
  EXPECT_EQ(Post(Target(), "id=c1", "s3cret", "Text/X-Fake; charset=utf-8").status, 204);
}

TEST_F(WebhookHandlerTest, AProviderThatAnswersChallengesGetsOne) {
  accounts_.Set(std::make_shared<const accounts::AccountSnapshot>(
      std::vector<providers::Account>{{.id = kAccount,
                                       .business_id = kBusiness,
                                       .provider = "fake",
                                       .settings = {{"challenge", "Basic realm=\"x\""}},
                                       .credentials = {{"token", "s3cret"}}}}));
  const http::Response response = Post(Target(), "id=c1", "wrong");
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(http::FindHeader(response.headers, "www-authenticate"), "Basic realm=\"x\"");
  EXPECT_EQ(refused_.size(), 1u);
  EXPECT_EQ(Post(Target(), "id=c1").status, 204);
}

TEST_F(WebhookHandlerTest, AnAccountThatMayBeNewIsAskedForLater) {
  constexpr const char* kUnknown = "/telephony/webhook/fake/status?account=0190b2c3-0000-7000-8000-0000000000ff";
  EXPECT_EQ(Post(kUnknown, "id=c1").status, 403);
  accounts_.Outdate();
  const http::Response response = Post(kUnknown, "id=c1");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(http::FindHeader(response.headers, "retry-after"), "1");
  // Who is known is judged all the same.
  EXPECT_EQ(Post(Target(), "id=c1").status, 204);
  EXPECT_EQ(Post(Target(), "id=c1", "wrong").status, 403);
}

TEST_F(WebhookHandlerTest, WhatIsNotKeptIsNotAcknowledged) {
  sink_.Answer(absl::UnavailableError("no Kafka, no disk"));
  const http::Response response = Post(Target(), "id=c1");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(http::FindHeader(response.headers, "retry-after"), "1");
}

TEST_F(WebhookHandlerTest, WithoutAccountsNothingIsDecided) {
  accounts_.Set(nullptr);
  EXPECT_EQ(Post(Target(), "id=c1").status, 503);
  EXPECT_TRUE(refused_.empty());
}

TEST_F(WebhookHandlerTest, AVoiceWebhookIsAnsweredWithThePlan) {
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_say()->set_text("hello");
  plans_.answer_ = plan;
  const http::Response response = Post(Concat("/telephony/webhook/fake/voice?account=", kAccount), "id=c1");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("hello"));
  EXPECT_EQ(plans_.asked_for_, "c1");
  EXPECT_EQ(sink_.kept().size(), 1u);
}

TEST_F(WebhookHandlerTest, WithoutAPlanTheFallbackIsPlayed) {
  const http::Response response = Post(Concat("/telephony/webhook/fake/voice?account=", kAccount), "id=c1");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("later"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("{outcome=\"fallback_plan\",provider=\"fake\"} 1"));
}

TEST_F(WebhookHandlerTest, AVoiceWebhookThatIsNotKeptGetsNoPlan) {
  sink_.Answer(absl::UnavailableError("no Kafka, no disk"));
  EXPECT_EQ(Post(Concat("/telephony/webhook/fake/voice?account=", kAccount), "id=c1").status, 503);
}

// Keeps what it is given without an answer, until it is let go.
class HoldingSink final : public WebhookSink {
 public:
  void Keep(const webhooks::v1::RawWebhook&, Kept kept) override {
    const std::lock_guard lock(mutex_);
    held_.push_back(std::move(kept));
    held_one_.notify_all();
  }
  void WaitForOne() {
    std::unique_lock lock(mutex_);
    held_one_.wait(lock, [this] { return !held_.empty(); });
  }
  void LetGo() {
    const std::lock_guard lock(mutex_);
    for (Kept& kept : held_) kept(absl::OkStatus());
    held_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable held_one_;
  std::vector<Kept> held_;
};

TEST_F(WebhookHandlerTest, TooManyUnderWayAreTurnedAwayForAMoment) {
  HoldingSink sink;
  options_.max_in_flight = 1;
  WebhookHandler handler(
      options_, public_url_, registry_, accounts_, sink, plans_, [](auto) {}, metrics_, clock_);
  const auto server = *http::Server::Start({}, [&](http::Request request, http::Responder respond) {
    handler.Handle(std::move(request), std::move(respond));
  });
  const auto post = [&] {
    return *http::Client({}).Send(
        {.method = "POST",
         .url = Concat("http://127.0.0.1:", server->port(), Target()),
         .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"X-Fake-Signature", "s3cret"}},
         .body = "id=c1"});
  };
  int first_status = 0;
  {
    const std::jthread first([&] { first_status = post().status; });
    sink.WaitForOne();
    const http::Response second = post();
    EXPECT_EQ(second.status, 429);
    EXPECT_EQ(http::FindHeader(second.headers, "retry-after"), "1");
    sink.LetGo();
  }
  EXPECT_EQ(first_status, 204);
}

TEST_F(WebhookHandlerTest, AHandlerOutlivesTheWebhooksUnderWay) {
  // As when the process ends before Kafka has acknowledged everything.
  HoldingSink sink;
  auto handler = std::make_unique<WebhookHandler>(
      options_, public_url_, registry_, accounts_, sink, plans_, [](const audit::v1::RefusedWebhook&) {}, metrics_,
      clock_);
  server_ = *http::Server::Start({}, [&](http::Request request, http::Responder respond) {
    handler->Handle(std::move(request), std::move(respond));
  });
  auto answer = std::async(std::launch::async, [&] { return Post(Target(), "id=c1&event=RINGING"); });
  sink.WaitForOne();
  auto gone = std::async(std::launch::async, [&] { handler.reset(); });
  EXPECT_EQ(gone.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  sink.LetGo();
  gone.get();
  EXPECT_EQ(answer.get().status, 204);
}

}  // namespace
}  // namespace trunkline::webhook_ingest
