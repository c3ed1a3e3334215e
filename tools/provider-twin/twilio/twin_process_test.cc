// The twin as a whole, over real sockets, with a customer that checks signatures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/http/client.h"
#include "libs/http/server.h"
#include "tools/provider-twin/timer_queue.h"
#include "tools/provider-twin/twilio/signature.h"
#include "tools/provider-twin/twilio/twilio_twin.h"
#include "tools/provider-twin/twin.h"

namespace trunkline::twin::twilio {
namespace {

constexpr std::string_view kProcessAccount = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr std::string_view kProcessToken = "token";

class TwinProcessTest : public testing::Test {
 protected:
  TwinProcessTest() : world_(timers_), transport_(MakeHttpTransport(4)) {
    world_.settings.time_scale = 0.001;
    auto twilio = std::make_unique<TwilioTwin>(world_, *transport_);
    EXPECT_TRUE(twilio->AddAccount(Concat(kProcessAccount, ":", kProcessToken)).ok());
    std::vector<std::unique_ptr<Provider>> providers;
    providers.push_back(std::move(twilio));
    twin_ = std::make_unique<Twin>(world_, std::move(providers));
    server_ = http::Server::Start({}, [this](http::Request request, http::Responder respond) {
                twin_->Handle(std::move(request), std::move(respond));
              }).value();
    customer_ = http::Server::Start({}, [this](const http::Request& request, http::Responder respond) {
                  respond.Send(Receive(request));
                }).value();
  }

  ~TwinProcessTest() override {
    timers_.Stop();
    transport_.reset();
    server_.reset();
    customer_.reset();
  }

  http::Response Receive(const http::Request& request) {
    const Form form = ParseForm(request.body);
    const std::string url = Concat("http://127.0.0.1:", customer_->port(), request.target);
    EXPECT_EQ(request.Header("x-twilio-signature"), Sign(kProcessToken, url, form));
    EXPECT_EQ(request.Header("user-agent"), "TwilioProxy/1.1");
    if (request.Path() == "/voice") return {.status = 200, .body = "<Response><Say>Hello</Say></Response>"};
    const std::lock_guard lock(mutex_);
    statuses_.emplace_back(FindInForm(form, "CallStatus").value_or(""));
    changed_.notify_all();
    return {.status = 204};
  }

  absl::StatusOr<http::Response> Ask(std::string method, std::string_view path, std::string body = "") {
    http::ClientRequest request;
    request.method = std::move(method);
    request.url = Concat("http://127.0.0.1:", server_->port(), path);
    request.body = std::move(body);
    request.username = kProcessAccount;
    request.password = kProcessToken;
    return client_.Send(request);
  }

  absl::StatusOr<http::Response> Place(std::string_view to) {
    const std::string hooks = Concat("http://127.0.0.1:", customer_->port());
    return Ask("POST", Concat("/2010-04-01/Accounts/", kProcessAccount, "/Calls.json"),
               EncodeForm({{"To", std::string(to)},
                           {"From", "+15550109999"},
                           {"Url", hooks + "/voice#rc=2"},
                           {"StatusCallback", hooks + "/status?account=1#rc=3&rp=all"}}));
  }

  void WaitForStatuses(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(20), [&] { return statuses_.size() >= count; }));
  }

  TimerQueue timers_;
  World world_;
  std::unique_ptr<WebhookTransport> transport_;
  std::unique_ptr<Twin> twin_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<http::Server> customer_;
  http::Client client_{{}};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> statuses_;
};

TEST_F(TwinProcessTest, CallIsPlacedAndItsEndIsTold) {
  const auto response = Place("+15550100001");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 201);
  WaitForStatuses(1);
  EXPECT_THAT(statuses_, testing::ElementsAre("completed"));
}

TEST_F(TwinProcessTest, LostReplyIsABrokenConnectionAndTheCallGoesOn) {
  EXPECT_EQ(Place("+15550100058").status().code(), absl::StatusCode::kUnknown);
  WaitForStatuses(1);
  EXPECT_THAT(statuses_, testing::ElementsAre("completed"));
}

TEST_F(TwinProcessTest, SettingsChangeWhileItRuns) {
  EXPECT_EQ(Ask("PUT", "/twin/config", R"({"webhook_duplication": 1})")->status, 200);
  EXPECT_EQ(ParseJson(Ask("GET", "/twin/config")->body)["webhook_duplication"], 1);
  EXPECT_EQ(Ask("PUT", "/twin/config", R"({"x": 1})")->status, 400);
  ASSERT_TRUE(Place("+15550100050").ok());
  WaitForStatuses(2);
  EXPECT_THAT(statuses_, testing::ElementsAre("busy", "busy"));
}

TEST_F(TwinProcessTest, ResetForgetsCallsButNotAccounts) {
  ASSERT_TRUE(Place("+15550100050").ok());
  WaitForStatuses(1);
  EXPECT_EQ(Ask("POST", "/twin/reset")->status, 204);
  EXPECT_EQ(ParseJson(Ask("GET", "/twin/twilio/calls")->body)["calls"].size(), 0);
  EXPECT_EQ(Place("+15550100050")->status, 201);
}

TEST_F(TwinProcessTest, HealthAndUnknownPaths) {
  EXPECT_EQ(Ask("GET", "/healthz")->status, 200);
  EXPECT_EQ(Ask("GET", "/nothing")->status, 404);
  EXPECT_EQ(Ask("GET", "/twin/nothing")->status, 404);
}

}  // namespace
}  // namespace trunkline::twin::twilio
