// A whole simulated Twilio on a clock that the test moves, with a customer that the test plays.
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
#include "tools/provider-twin/twilio/account.h"
#include "tools/provider-twin/twilio/call_store.h"
#include "tools/provider-twin/twilio/control.h"
#include "tools/provider-twin/twilio/exchange.h"
#include "tools/provider-twin/twilio/rest_api.h"
#include "tools/provider-twin/webhook_sender.h"

namespace trunkline::twin::twilio {

inline constexpr std::string_view kAccount = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
inline constexpr std::string_view kToken = "token";
inline constexpr std::string_view kFrom = "+15550109999";

class TwilioFixture : public testing::Test {
 protected:
  TwilioFixture() {
    world_.public_url = "http://twin";
    accounts_.Put({.sid = std::string(kAccount), .auth_token = std::string(kToken), .numbers = {}, .api_keys = {}});
    transport_.answer = [this](const http::ClientRequest& request) -> absl::StatusOr<http::Response> {
      const std::string path = request.url.substr(std::string("http://hooks").size());
      const auto page = pages_.find(path);
      if (page == pages_.end()) return http::Response{.status = 204};
      return page->second;
    };
  }

  // What the customer answers at http://hooks + path.
  void Page(const std::string& path, std::string_view twiml) {
    pages_[path] = http::Response{.status = 200, .body = Concat("<Response>", twiml, "</Response>")};
  }

  RestAnswer Ask(std::string method, std::string_view path, const Form& form = {}, std::string_view token = kToken) {
    http::Request request;
    request.method = std::move(method);
    request.target = path.starts_with("/2010") ? std::string(path) : Concat("/2010-04-01/Accounts/", kAccount, path);
    request.headers = {{"authorization", Concat("Basic ", Base64Encode(Concat(kAccount, ":", token)))}};
    request.body = EncodeForm(form);
    return rest_api_.Handle(request);
  }

  nlohmann::json AskJson(std::string method, std::string_view path, const Form& form = {}) {
    return ParseJson(Ask(std::move(method), path, form).response.body);
  }

  // Places a call with all events subscribed; gives its sid.
  std::string Place(std::string_view to, Form more = {}) {
    Form form = {{"To", std::string(to)},
                 {"From", std::string(kFrom)},
                 {"Url", "http://hooks/voice"},
                 {"StatusCallback", "http://hooks/status"}};
    for (const auto* event : {"initiated", "ringing", "answered", "completed"}) {
      form.emplace_back("StatusCallbackEvent", event);
    }
    form.insert(form.end(), more.begin(), more.end());
    return Ask("POST", "/Calls.json", form).call_sid;
  }

  nlohmann::json Call(std::string_view sid) { return AskJson("GET", Concat("/Calls/", sid, ".json")); }

  // The forms that were sent to a path, in order.
  std::vector<Form> Sent(std::string_view path) const {
    std::vector<Form> forms;
    for (const http::ClientRequest& request : transport_.requests) {
      if (request.url == Concat("http://hooks", path)) forms.push_back(ParseForm(request.body));
    }
    return forms;
  }

  // One parameter of all the forms that were sent to a path.
  std::vector<std::string> SentValues(std::string_view path, std::string_view name) const {
    std::vector<std::string> values;
    for (const Form& form : Sent(path)) values.emplace_back(FindInForm(form, name).value_or("(none)"));
    return values;
  }

  void Pass(absl::Duration time) { scheduler_.Advance(time); }

  std::map<std::string, http::Response> pages_;
  ManualScheduler scheduler_{absl::FromUnixSeconds(1'772'528'400)};
  World world_{scheduler_};
  FakeTransport transport_;
  WebhookSender sender_{world_, transport_};
  Accounts accounts_;
  CallStore store_{1000};
  Exchange exchange_{world_, sender_, accounts_, store_};
  RestApi rest_api_{world_, accounts_, store_, exchange_};
  twilio::Control control_{sender_, accounts_, store_, exchange_, rest_api_};
};

}  // namespace trunkline::twin::twilio
