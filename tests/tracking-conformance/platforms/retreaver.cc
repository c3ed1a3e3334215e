// Retreaver's wire: bare arrays, pages by a Link header, the key in the URL.
#include <algorithm>

#include "libs/base/text.h"
#include "libs/tracking/content_hash.h"
#include "libs/tracking/wire_values.h"
#include "tests/tracking-conformance/scripted_platform.h"

namespace trunkline::tracking_conformance {
namespace {

using nlohmann::json;

constexpr char kKey[] = "planted-retreaver-key";

class Retreaver final : public ScriptedPlatform {
 public:
  Retreaver() { Serve(); }
  ~Retreaver() override { Stop(); }

  void Fill(tracking::Account* account) const override {
    account->settings.insert(
        {{"api_url", Url()}, {"company_id", "170001"}, {"data_writing_url", Url() + "/data_writing"}});
    account->credentials.insert({{"api_key", kKey}, {"data_writing_postback_key", "planted-postback-key"}});
  }
  void Spoil(tracking::Account* account) const override { account->credentials["api_key"] = "wrong-planted-key"; }
  std::string MakeId(int number) const override { return Concat("3b7c1d52-8f0e-4d7a-9a51-", 100'000'000'000 + number); }
  std::string CampaignId() const override { return "auto-ins-01"; }

 private:
  static json CallJson(const TrueCall& call) {
    return {{"uuid", call.id},
            {"caller", call.caller},
            {"number", call.number},
            {"dialed_number", call.destination},
            {"status", "finished"},
            {"connected", call.talk_seconds > 0},
            {"start_time", tracking::FormatMilliseconds(call.started_at)},
            {"end_time", tracking::FormatMilliseconds(call.EndedAt())},
            {"created_at", tracking::FormatMilliseconds(call.started_at)},
            {"updated_at", tracking::FormatMilliseconds(call.changed_at)},
            {"time_to_connect_in_seconds", call.wait_seconds},
            {"total_duration", call.wait_seconds + call.talk_seconds},
            {"dialed_call_duration", call.talk_seconds},
            {"revenue", Decimal(call.revenue)},
            {"payout", Decimal(call.payout)},
            {"total_cost", "0.34"},
            {"converted", call.converted},
            {"tags", call.tags},
            {"recording_url", Concat("https://recordings.example.com/", call.id, "?token=planted-recording-token")},
            {"fired_pixels",
             json::array({{{"fired_pixel",
                            {{"url", Concat("https://hooks.example.com/webhooks/retreaver/"
                                            "0190b2c3-0000-7000-8000-00000000000a/ended/planted-webhook-token")},
                             {"status", "fired"},
                             {"fired_at", tracking::FormatMilliseconds(call.EndedAt())}}}}})}};
  }

  http::Response Page(const json& all, std::string_view path, const Form& query) const {
    const size_t page = static_cast<size_t>(ParseInt(Query(query, "page")).value_or(1));
    const size_t size = static_cast<size_t>(ParseInt(Query(query, "per_page")).value_or(25));
    json items = json::array();
    for (size_t i = (page - 1) * size; i < std::min(all.size(), page * size); ++i) items.push_back(all[i]);
    http::Response response = Json(items);
    if (page * size < all.size()) {
      response.headers.emplace_back(
          "link", Concat("<https://api.retreaver.com", path, "?api_key=", kKey, "&page=", page + 1, ">; rel=\"next\""));
    }
    return response;
  }

  http::Response Handle(const http::Request& request, std::string_view path, const Form& query) override {
    if (path == "/data_writing") return WriteTags(json::parse(request.body));
    if (Query(query, "api_key") != kKey)
      return Json({{"error", Concat("Invalid API key ", Query(query, "api_key"))}}, 401);
    if (path == "/companies/170001.json") return Json({{"company", {{"id", 170001}}}});
    if (path == "/api/v2/calls.json") return Calls(path, query);
    if (path.starts_with("/api/v2/calls/")) return OneCall(path.substr(14));
    if (path.starts_with("/numbers")) return Numbers(request, path, query);
    const json campaign = {{"campaign", {{"id", 9911}, {"cid", "auto-ins-01"}, {"name", "Auto insurance"}}}};
    if (path == "/campaigns.json") return Page(json::array({campaign}), path, query);
    if (path == "/campaigns/cid/auto-ins-01.json") return Json(campaign);
    if (path == "/api/v1/reports.json") return Report(query);
    return Json({{"error", "not found"}}, 404);
  }

  http::Response WriteTags(const json& body) {
    const auto call = calls_.find(body.value("call_uuid", ""));
    if (call == calls_.end()) return Json({{"status", "call not found, tags stored"}});
    for (const auto& [name, value] : body.items()) {
      if (name != "key" && name != "call_uuid") call->second.tags[name] = value.get<std::string>();
    }
    return Json({{"status", "completed call found, tags applied"}});
  }

  http::Response Calls(std::string_view path, const Form& query) const {
    const auto from = tracking::ParseTime(Query(query, "created_at_start")).time.value_or(absl::InfinitePast());
    const auto to = tracking::ParseTime(Query(query, "created_at_end")).time.value_or(absl::InfiniteFuture());
    std::vector<TrueCall> calls = Between(from, to);
    if (Query(query, "sort_by") == "updated_at") {
      std::stable_sort(calls.begin(), calls.end(),
                       [](const auto& a, const auto& b) { return a.changed_at > b.changed_at; });
    }
    json all = json::array();
    for (const TrueCall& call : calls) all.push_back({{"call", CallJson(call)}});
    return Page(all, path, query);
  }

  http::Response OneCall(std::string_view file) const {
    const auto call = calls_.find(std::string(file.substr(0, file.find(".json"))));
    return call == calls_.end() ? Json({{"error", "not found"}}, 404) : Json({{"call", CallJson(call->second)}});
  }

  http::Response Numbers(const http::Request& request, std::string_view path, const Form& query) {
    if (request.method == "POST") {
      const std::string id = Concat(++next_id_);
      numbers_[id] = {id, Concat("+1984555", next_id_)};
      return Json({{"number", {{"id", next_id_}, {"number", numbers_[id].number}, {"toll_free", false}}}});
    }
    if (request.method == "DELETE") {
      const std::string_view file = path.substr(9);
      return Json({}, numbers_.erase(std::string(file.substr(0, file.find(".json")))) > 0 ? 200 : 404);
    }
    json all = json::array();
    for (const auto& [id, number] : numbers_) {
      all.push_back({{"number", {{"id", *ParseInt(id)}, {"number", number.number}, {"toll_free", false}}}});
    }
    return Page(all, path, query);
  }

  http::Response Report(const Form& query) const {
    const auto from = tracking::ParseTime(Query(query, "created_at_start")).time.value_or(absl::InfinitePast());
    const auto to = tracking::ParseTime(Query(query, "created_at_end")).time.value_or(absl::InfiniteFuture());
    json rows = json::array();
    for (const TrueCall& call : Between(from, to)) {
      rows.push_back({{"total_calls", 1},
                      {"converted_count", call.converted ? 1 : 0},
                      {"revenue", Decimal(call.revenue)},
                      {"payout", Decimal(call.payout)},
                      {"cost", 0.34}});
    }
    return Json({{"count", rows.size()}, {"count_total", rows.size()}, {"data", rows}});
  }
};

}  // namespace

std::unique_ptr<TwinPlatform> MakeRetreaver() { return std::make_unique<Retreaver>(); }

}  // namespace trunkline::tracking_conformance
