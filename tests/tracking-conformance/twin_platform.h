// A call-tracking platform for the suite: the calls that it holds are the truth that adapters are judged by. In the
// test process it is scripted (platforms/); a program that speaks the same wire can stand in with its base URL.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/http/message.h"
#include "libs/tracking/account_settings.h"

namespace trunkline::tracking_conformance {

// A call as everybody but the wire sees it.
struct TrueCall {
  std::string id;
  std::string caller = "+12025550143";
  std::string number = "+18885550164";
  std::string destination = "+13125550199";
  absl::Time started_at;
  int64_t wait_seconds = 20;
  int64_t talk_seconds = 100;
  int64_t revenue = 0;  // 1/10,000
  int64_t payout = 0;
  bool converted = false;
  std::map<std::string, std::string> tags = {};
  absl::Time changed_at;

  absl::Time EndedAt() const { return started_at + absl::Seconds(wait_seconds + talk_seconds); }
};

class TwinPlatform {
 public:
  virtual ~TwinPlatform() = default;

  // Base of the API, as an account's api_url.
  virtual std::string Url() const = 0;
  // Settings and credentials that it takes.
  virtual void Fill(tracking::Account* account) const = 0;
  virtual void Spoil(tracking::Account* account) const = 0;

  virtual void Put(const TrueCall& call) = 0;
  virtual TrueCall Get(const std::string& id) const = 0;
  // The next request is answered so.
  virtual void AnswerNext(http::Response response) = 0;
  virtual int Requests() const = 0;
  // An id of the platform's form.
  virtual std::string MakeId(int number) const = 0;
  virtual std::string CampaignId() const = 0;
};

}  // namespace trunkline::tracking_conformance
