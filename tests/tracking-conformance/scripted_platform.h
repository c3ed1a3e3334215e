// A TwinPlatform in the test process: what the three have in common.
#pragma once

#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>

#include "libs/base/encoding.h"
#include "libs/http/server.h"
#include "tests/tracking-conformance/twin_platform.h"

namespace trunkline::tracking_conformance {

struct Number {
  std::string id;
  std::string number;
};

class ScriptedPlatform : public TwinPlatform {
 public:
  std::string Url() const override;
  void Put(const TrueCall& call) override;
  TrueCall Get(const std::string& id) const override;
  void AnswerNext(http::Response response) override;
  int Requests() const override;

 protected:
  // Starts to serve; at the end of the constructor.
  void Serve();
  // Ends; at the beginning of the destructor.
  void Stop() { server_.reset(); }

  // With the lock held. The path comes without query.
  virtual http::Response Handle(const http::Request& request, std::string_view path, const Form& query) = 0;
  // In the order of their beginning, those that began in the range, ends included.
  std::vector<TrueCall> Between(absl::Time from, absl::Time to) const;
  std::string Query(const Form& query, std::string_view name) const;

  // Of the handler.
  std::map<std::string, TrueCall> calls_;
  std::map<std::string, Number> numbers_;
  nlohmann::json webhooks_ = nlohmann::json::array();
  int next_id_ = 1000;

 private:
  mutable std::mutex mutex_;
  std::deque<http::Response> prepared_;
  int requests_ = 0;
  std::unique_ptr<http::Server> server_;
};

http::Response Json(const nlohmann::json& body, int status = 200);
// "32.50"
std::string Decimal(int64_t amount);

std::unique_ptr<TwinPlatform> MakeRetreaver();
std::unique_ptr<TwinPlatform> MakeRingba();
std::unique_ptr<TwinPlatform> MakeTrackDrive();

}  // namespace trunkline::tracking_conformance
