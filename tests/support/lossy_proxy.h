// Stands between a client and the PostgreSQL of the tests, and loses an answer when told: the server has done what was
// asked, and the client finds its connection broken.
//
//   LossyProxy proxy(database.url());
//   Pool pool({.url = proxy.url()});
//   proxy.LoseAnswerTo("COMMIT");
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace trunkline::testing_support {

class LossyProxy {
 public:
  // `url` is that of the server: postgresql://USER:PASSWORD@127.0.0.1:PORT/DATABASE.
  explicit LossyProxy(const std::string& url);
  ~LossyProxy();
  LossyProxy(const LossyProxy&) = delete;
  LossyProxy& operator=(const LossyProxy&) = delete;

  const std::string& url() const { return url_; }
  // Of the next message in which a client says `word`.
  void LoseAnswerTo(const std::string& word);
  int lost() const { return lost_; }

 private:
  void Accept(const std::stop_token& stop);
  void Pass(const std::stop_token& stop, int client);
  bool IsToBeLost(const std::string& bytes);

  uint16_t server_port_;
  int listener_;
  std::string url_;
  std::mutex mutex_;
  std::string word_;  // empty: nothing is lost
  std::atomic<int> lost_ = 0;
  std::vector<std::jthread> connections_;
  std::jthread accepting_;
};

}  // namespace trunkline::testing_support
