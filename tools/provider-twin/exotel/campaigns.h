// v2: uploaded lists of numbers, and campaigns that dial them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libs/http/message.h"
#include "tools/provider-twin/exotel/account.h"
#include "tools/provider-twin/exotel/exchange.h"

namespace trunkline::twin::exotel {

class Campaigns {
 public:
  // All outlive the object.
  Campaigns(World& world, WebhookSender& sender, Exchange& exchange)
      : world_(world), sender_(sender), exchange_(exchange) {}

  // `resource` is what follows /v2/accounts/{sid}/.
  http::Response Handle(const Account& account, const http::Request& request, std::string_view resource);
  void Reset();

 private:
  struct List {
    std::string sid;
    std::string name;
    std::vector<std::string> numbers;
  };
  struct Upload {
    std::string list_sid;
    int64_t failed = 0;
    bool asked = false;  // the first look finds it in progress
  };

  http::Response UploadCsv(const http::Request& request);
  http::Response Status(std::string_view upload_id);
  http::Response Lists(std::string_view name) const;
  http::Response Create(const Account& account, std::string_view body);

  World& world_;
  WebhookSender& sender_;
  Exchange& exchange_;
  std::map<std::string, List, std::less<>> lists_;  // by sid
  std::map<std::string, Upload, std::less<>> uploads_;
};

}  // namespace trunkline::twin::exotel
