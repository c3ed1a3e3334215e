#include "tools/provider-twin/webhook_transport.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace trunkline::twin {
namespace {

class HttpTransport final : public WebhookTransport {
 public:
  explicit HttpTransport(int workers) {
    for (int i = 0; i < std::max(workers, 1); ++i) workers_.emplace_back([this] { Work(); });
  }

  ~HttpTransport() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      jobs_.clear();
      changed_.notify_all();
    }
    for (std::thread& worker : workers_) worker.join();
  }

  void Send(http::ClientRequest request, absl::Duration connect_timeout, Done done) override {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({std::move(request), connect_timeout, std::move(done)});
    changed_.notify_one();
  }

 private:
  struct Job {
    http::ClientRequest request;
    absl::Duration connect_timeout;
    Done done;
  };

  void Work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (stopping_) return;
      const Job job = std::move(jobs_.front());
      jobs_.pop_front();
      http::Client& client = ClientFor(job.connect_timeout);
      lock.unlock();
      job.done(client.Send(job.request));
      lock.lock();
    }
  }

  // The time to connect belongs to the client, so that each such time has one. There are few.
  http::Client& ClientFor(absl::Duration connect_timeout) {
    std::unique_ptr<http::Client>& client = clients_[connect_timeout];
    if (client == nullptr) {
      http::ClientOptions options;
      options.connect_timeout = connect_timeout;
      options.max_body_bytes = 256 * 1024;
      options.user_agent = "ProviderTwin/1";
      client = std::make_unique<http::Client>(options);
    }
    return *client;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  std::map<absl::Duration, std::unique_ptr<http::Client>> clients_;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace

std::unique_ptr<WebhookTransport> MakeHttpTransport(int workers) { return std::make_unique<HttpTransport>(workers); }

}  // namespace trunkline::twin
