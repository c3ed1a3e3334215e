#include "libs/providers/mock/plan_source.h"

#include <google/protobuf/util/json_util.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/http/client.h"
#include "libs/providers/mock/account_settings.h"
#include "libs/providers/webhook_url.h"

namespace trunkline::providers::mock {
namespace {

std::string BodyOf(const PlanQuestion& question) {
  nlohmann::json json = {{"call", question.external_call_id},
                         {"direction", question.inbound ? "inbound" : "outbound"},
                         {"from", question.from},
                         {"to", question.to},
                         {"digits", question.digits},
                         {"speech", question.speech}};
  return WriteJson(json);
}

class WebhookPlanSource final : public PlanSource {
 public:
  explicit WebhookPlanSource(const ProviderOptions& options)
      : options_(options), client_(http::ClientOptions{}), thread_([this] { Run(); }) {}

  ~WebhookPlanSource() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      changed_.notify_one();
    }
    thread_.join();
  }

  void Ask(PlanQuestion question, Answer answer) override {
    const std::lock_guard lock(mutex_);
    waiting_.emplace_back(std::move(question), std::move(answer));
    changed_.notify_one();
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      auto [question, answer] = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      answer(Fetch(question));
      lock.lock();
    }
  }

  absl::StatusOr<plans::v1::CallPlan> Fetch(const PlanQuestion& question) {
    const WebhookUrl url{.provider = std::string(kProviderName),
                         .event = "voice",
                         .account_id = question.account_id,
                         .call_id = question.call_id,
                         .step = question.step};
    http::ClientRequest request{.method = "POST", .url = url.Render(options_.public_url), .body = BodyOf(question)};
    request.headers = {{"Content-Type", "application/json"},
                       {"X-Mock-Signature", SignatureOf(question.secret, request.url, request.body)}};
    request.timeout = options_.api_timeout;
    const absl::StatusOr<http::Response> response = client_.Send(request);
    if (!response.ok()) return response.status();
    if (response->status != 200) return absl::UnavailableError(ToAbsl(Concat("no plan: ", response->status)));
    plans::v1::CallPlan plan;
    if (!google::protobuf::util::JsonStringToMessage(response->body, &plan).ok()) {
      return absl::InvalidArgumentError("the answer is no plan");
    }
    return plan;
  }

  ProviderOptions options_;
  http::Client client_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::pair<PlanQuestion, Answer>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<PlanSource> MakeWebhookPlanSource(const ProviderOptions& options) {
  return std::make_unique<WebhookPlanSource>(options);
}

std::string SignatureOf(std::string_view secret, std::string_view url, std::string_view body) {
  return HexEncode(HmacSha256(secret, Concat(url, "\n", body)));
}

}  // namespace trunkline::providers::mock
