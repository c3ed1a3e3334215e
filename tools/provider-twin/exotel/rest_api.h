// Exotel's API: v1 calls, v2 through Campaigns.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "libs/base/encoding.h"
#include "tools/provider-twin/exotel/account.h"
#include "tools/provider-twin/exotel/campaigns.h"
#include "tools/provider-twin/exotel/exchange.h"
#include "tools/provider-twin/rest_log.h"
#include "tools/provider-twin/rest_reply.h"

namespace trunkline::twin::exotel {

// Where the applets of a flow ask.
struct Flow {
  std::string passthru_url;
};

class RestApi {
 public:
  // All outlive the object.
  RestApi(World& world, const Accounts& accounts, Exchange& exchange, Campaigns& campaigns)
      : world_(world), accounts_(accounts), exchange_(exchange), campaigns_(campaigns), log_(world.log_capacity) {}

  RestReply Handle(const http::Request& request);
  // `app_id` is the last part of a flow's URL.
  void PutFlow(const std::string& app_id, Flow flow) { flows_[app_id] = std::move(flow); }

  const RestLog& log() const { return log_; }
  void Reset();

 private:
  RestReply Route(const http::Request& request, const Form& query, const Form& form, std::string* call_sid);
  RestReply Connect(const Account& account, const Form& form, std::string* call_sid);
  http::Response List(const Account& account, const http::Request& request, const Form& query) const;
  std::string Render(const Call& call, bool with_details) const;
  // Counts the request; false beyond 200 in a minute.
  bool MayAsk(const Account& account);

  World& world_;
  const Accounts& accounts_;
  Exchange& exchange_;
  Campaigns& campaigns_;
  RestLog log_;
  std::map<std::string, Flow> flows_;
  std::map<std::string, std::deque<absl::Time>> asked_;  // by account, within the last minute
};

}  // namespace trunkline::twin::exotel
