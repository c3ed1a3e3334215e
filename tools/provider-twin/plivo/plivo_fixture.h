// A whole simulated Plivo on a clock that the test moves, with a customer that the test plays.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/fake_transport.h"
#include "tools/provider-twin/manual_scheduler.h"
#include "tools/provider-twin/plivo/account.h"
#include "tools/provider-twin/plivo/call_store.h"
#include "tools/provider-twin/plivo/control.h"
#include "tools/provider-twin/plivo/exchange.h"
#include "tools/provider-twin/plivo/rest_api.h"
#include "tools/provider-twin/plivo/rooms.h"
#include "tools/provider-twin/webhook_sender.h"

namespace trunkline::twin::plivo {

inline constexpr std::string_view kAccount = "MAEXAMPLE00000000001";
inline constexpr std::string_view kToken = "token";

class PlivoFixture : public testing::Test {
 protected:
  PlivoFixture() {
    world_.public_url = "http://twin";
    transport_.answer = [this](const http::ClientRequest& request) -> absl::StatusOr<http::Response> {
      const auto page = pages_.find(request.url.substr(std::string("http://hooks").size()));
      return page == pages_.end() ? http::Response{.status = 204} : page->second;
    };
  }

  // What the customer answers at http://hooks + path.
  void Page(const std::string& path, std::string_view xml) {
    pages_[path] = http::Response{.status = 200, .body = Concat("<Response>", xml, "</Response>")};
  }

  // Only for answers that are not late.
  http::Response Ask(std::string method, std::string_view path, const nlohmann::json& body = nlohmann::json::object(),
                     std::string_view token = kToken) {
    http::Request request;
    request.method = std::move(method);
    request.target = Concat("/v1/Account/", kAccount, path);
    request.headers = {{"authorization", Concat("Basic ", Base64Encode(Concat(kAccount, ":", token)))}};
    if (request.method == "POST") request.body = WriteJson(body);
    return api_.Handle(request).response;
  }
  nlohmann::json AskJson(std::string method, std::string_view path,
                         const nlohmann::json& body = nlohmann::json::object()) {
    return ParseJson(Ask(std::move(method), path, body).body);
  }

  // Places a call with all callbacks; gives its id.
  std::string Place(std::string_view to, const nlohmann::json& more = nlohmann::json::object()) {
    nlohmann::json body = {{"from", "15550109999"},
                           {"to", std::string(to)},
                           {"answer_url", "http://hooks/answer"},
                           {"ring_url", "http://hooks/ring"},
                           {"hangup_url", "http://hooks/hangup"}};
    body.update(more);
    const nlohmann::json answer = AskJson("POST", "/Call/", body);
    return answer.value("request_uuid", nlohmann::json("")).is_string() ? answer.value("request_uuid", "") : "";
  }
  std::string Receive(const nlohmann::json& more = nlohmann::json::object()) {
    nlohmann::json body = {{"from", "+15550100001"},
                           {"to", "+15550109999"},
                           {"voice_url", "http://hooks/answer"},
                           {"status_callback", "http://hooks/hangup"}};
    body.update(more);
    http::Request request{.method = "POST", .target = "/twin/plivo/inbound", .headers = {}, .body = WriteJson(body)};
    return ParseJson(control_.Handle("/inbound", request).body).value("call_sid", "");
  }

  // One parameter of all the forms that were sent to a path.
  std::vector<std::string> Sent(std::string_view path, std::string_view name) const {
    std::vector<std::string> values;
    for (const http::ClientRequest& request : transport_.requests) {
      if (request.url != Concat("http://hooks", path)) continue;
      values.emplace_back(FindInForm(ParseForm(request.body), name).value_or("(none)"));
    }
    return values;
  }

  void Pass(absl::Duration time) { scheduler_.Advance(time); }

  std::map<std::string, http::Response> pages_;
  ManualScheduler scheduler_{absl::FromUnixSeconds(1'772'528'400)};
  World world_{scheduler_};
  FakeTransport transport_;
  WebhookSender sender_{world_, transport_};
  Accounts accounts_{OneAccount()};
  CallStore store_{1000};
  Rooms rooms_;
  Exchange exchange_{world_, sender_, accounts_, store_, rooms_};
  RestApi api_{world_, accounts_, store_, rooms_, exchange_};
  plivo::Control control_{sender_, accounts_, store_, exchange_, api_};

 private:
  static Accounts OneAccount() {
    Accounts accounts;
    accounts.Put(*ParseAccount(Concat(kAccount, ":", kToken)));
    return accounts;
  }
};

}  // namespace trunkline::twin::plivo
