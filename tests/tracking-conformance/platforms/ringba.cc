// Ringba's wire: reports by POST, pages by an offset, a token in a header.
#include <algorithm>
#include <cmath>

#include "libs/base/text.h"
#include "libs/tracking/wire_values.h"
#include "tests/tracking-conformance/scripted_platform.h"

namespace trunkline::tracking_conformance {
namespace {

using nlohmann::json;

constexpr char kToken[] = "planted-ringba-token";
constexpr double kPerUnit = 10'000;

class Ringba final : public ScriptedPlatform {
 public:
  Ringba() { Serve(); }
  ~Ringba() override { Stop(); }

  void Fill(tracking::Account* account) const override {
    account->settings.insert({{"api_url", Url()}, {"account_id", "RA0123456789abcdef"}});
    account->credentials.insert({{"api_token", kToken}});
  }
  void Spoil(tracking::Account* account) const override { account->credentials["api_token"] = "wrong-planted-token"; }
  std::string MakeId(int number) const override { return Concat("v2a1B2c3D4e5F6g7H8i9J0_-", number); }
  std::string CampaignId() const override { return "CA11111111111111111111111111111111"; }

 private:
  static json RecordJson(const TrueCall& call, bool detail) {
    json record = {{"inboundCallId", call.id},
                   {"inboundPhoneNumber", call.caller},
                   {"number", call.number},
                   {"targetNumber", call.destination},
                   {"targetId", "TA44444444444444444444444444444444"},
                   {"callDt", absl::ToUnixMillis(call.started_at)},
                   {"callCompletedDt", absl::ToUnixMillis(call.EndedAt())},
                   {"callLengthInSeconds", call.wait_seconds + call.talk_seconds},
                   {"connectedCallLengthInSeconds", call.talk_seconds},
                   {"hasConnected", call.talk_seconds > 0},
                   {"hasConverted", call.converted},
                   {"isLive", false},
                   {"conversionAmount", static_cast<double>(call.revenue) / kPerUnit},
                   {"payoutAmount", static_cast<double>(call.payout) / kPerUnit},
                   {"totalCost", 0.34},
                   {"recordingUrl", "https://media.ringba.com/recording-public?v=v1&k=planted-recording-token"}};
    if (call.talk_seconds > 0) {
      record["callConnectionDt"] = absl::ToUnixMillis(call.started_at + absl::Seconds(call.wait_seconds));
    }
    if (detail) {
      record["message-tags"] = json::array();
      for (const auto& [name, value] : call.tags) {
        record["message-tags"].push_back({{"type", "Annotations"}, {"name", name}, {"value", value}});
      }
    }
    return record;
  }

  http::Response Handle(const http::Request& request, std::string_view path, const Form&) override {
    if (request.Header("authorization") != Concat("Token ", kToken)) {
      return Json({{"message", Concat("refused: ", request.Header("authorization"))}}, 401);
    }
    if (path == "/ringbaaccounts") {
      return Json({{"account", json::array({{{"accountId", "RA0123456789abcdef"}, {"enabled", true}}})}});
    }
    constexpr std::string_view kAccount = "/RA0123456789abcdef";
    if (!path.starts_with(kAccount)) return NotFound();
    path.remove_prefix(kAccount.size());
    const json body = request.body.empty() ? json() : json::parse(request.body);
    if (path == "/calllogs") return Calls(body);
    if (path == "/calllogs/detail") return Details(body);
    if (path == "/calls/annotate") return Annotate(body);
    if (path == "/calls/payments/override") return Override(body);
    if (path == "/insights") return Insights(body);
    if (path.starts_with("/numbers")) return Numbers(request, path);
    if (path.starts_with("/campaigns")) return Campaigns(request, path);
    return NotFound();
  }

  static http::Response NotFound() { return Json({{"message", "x is not found"}, {"messageCode", 101}}, 404); }

  std::vector<TrueCall> InRange(const json& body) const {
    return Between(*tracking::ParseTime(body["reportStart"].get<std::string>()).time,
                   *tracking::ParseTime(body["reportEnd"].get<std::string>()).time);
  }

  http::Response Calls(const json& body) const {
    const std::vector<TrueCall> all = InRange(body);
    const size_t begin = body["offset"].get<size_t>();
    const size_t size = body["size"].get<size_t>();
    json records = json::array();
    for (size_t i = begin; i < std::min(all.size(), begin + size); ++i) records.push_back(RecordJson(all[i], false));
    return Json({{"isSuccessful", true},
                 {"report", {{"partialResult", false}, {"records", records}, {"totalCount", all.size()}}}});
  }

  http::Response Details(const json& body) const {
    json records = json::array();
    for (const json& id : body["InboundCallIds"]) {
      const auto call = calls_.find(id.get<std::string>());
      if (call != calls_.end()) records.push_back(RecordJson(call->second, true));
    }
    return Json({{"isSuccessful", true}, {"report", {{"records", records}}}});
  }

  http::Response Annotate(const json& body) {
    const auto call = calls_.find(body["inboundCallId"].get<std::string>());
    if (call == calls_.end()) return NotFound();
    for (const json& tag : body["tags"]) {
      call->second.tags[tag["tagName"].get<std::string>()] = tag["tagValue"].get<std::string>();
    }
    return Json({{"isSuccessful", true}});
  }

  http::Response Override(const json& body) {
    const auto call = calls_.find(body["inboundCallId"].get<std::string>());
    if (call == calls_.end()) return NotFound();
    if (body["adjustConversion"].get<bool>()) {
      call->second.revenue = std::llround(body["newConversionAmount"].get<double>() * kPerUnit);
    }
    if (body["adjustPayout"].get<bool>())
      call->second.payout = std::llround(body["newPayoutAmount"].get<double>() * kPerUnit);
    return Json({{"result", json::object()}});
  }

  http::Response Insights(const json& body) const {
    json row = json::object();
    int64_t revenue = 0;
    int64_t payout = 0;
    const std::vector<TrueCall> all = InRange(body);
    int converted = 0;
    for (const TrueCall& call : all) {
      revenue += call.revenue;
      payout += call.payout;
      converted += call.converted ? 1 : 0;
    }
    row["callCount"] = all.size();
    row["connectedCallCount"] = all.size();
    row["convertedCalls"] = converted;
    row["conversionAmount"] = static_cast<double>(revenue) / kPerUnit;
    row["payoutAmount"] = static_cast<double>(payout) / kPerUnit;
    row["totalCost"] = static_cast<double>(all.size() * 3'400) / kPerUnit;
    return Json({{"isSuccessful", true}, {"report", {{"records", json::array({row})}}}});
  }

  http::Response Numbers(const http::Request& request, std::string_view path) {
    const auto to_json = [](const Number& number) {
      return json{{"id", number.id}, {"phoneNumber", number.number}, {"isTollFree", false}, {"enabled", true}};
    };
    if (request.method == "POST") {
      const std::string id = Concat("NUM", ++next_id_);
      numbers_[id] = {id, Concat("+1202555", next_id_)};
      return Json({{"numberId", id}, {"number", to_json(numbers_[id])}});
    }
    if (request.method == "DELETE") {
      return numbers_.erase(std::string(path.substr(9))) > 0 ? Json({{"isSuccessful", true}}) : NotFound();
    }
    if (request.method == "PUT") return Json({{"isSuccessful", true}});
    json all = json::array();
    for (const auto& [id, number] : numbers_) all.push_back(to_json(number));
    return Json({{"numbers", all}});
  }

  http::Response Campaigns(const http::Request& request, std::string_view path) const {
    const json campaign = {
        {"id", CampaignId()}, {"name", "Auto insurance"}, {"userCampaignId", "AUTO"}, {"enabled", true}};
    if (path == "/campaigns") return Json({{"campaigns", json::array({campaign})}});
    if (!path.starts_with(Concat("/campaigns/", CampaignId()))) return NotFound();
    return request.method == "PATCH" ? Json({{"isSuccessful", true}}) : Json({{"campaign", campaign}});
  }
};

}  // namespace

std::unique_ptr<TwinPlatform> MakeRingba() { return std::make_unique<Ringba>(); }

}  // namespace trunkline::tracking_conformance
