// TrackDrive's wire: an envelope, pages by a cursor, HTTP Basic.
#include <algorithm>

#include "libs/base/text.h"
#include "libs/tracking/wire_values.h"
#include "tests/tracking-conformance/scripted_platform.h"

namespace trunkline::tracking_conformance {
namespace {

using nlohmann::json;

constexpr char kPublic[] = "tdpub_planted";
constexpr char kPrivate[] = "tdprv_planted";

std::string Written(absl::Time time) {
  absl::TimeZone zone = absl::FixedTimeZone(-5 * 3600);
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3S%Ez", time, zone);
}

class TrackDrive final : public ScriptedPlatform {
 public:
  TrackDrive() { Serve(); }
  ~TrackDrive() override { Stop(); }

  void Fill(tracking::Account* account) const override {
    account->settings.insert({{"api_url", Url()}});
    account->credentials.insert({{"public_key", kPublic}, {"private_key", kPrivate}});
  }
  void Spoil(tracking::Account* account) const override { account->credentials["private_key"] = "wrong-planted-key"; }
  std::string MakeId(int number) const override { return Concat("c3b20b12-3b3b-4322-b15d-", 100'000'000'000 + number); }
  std::string CampaignId() const override { return "10001234"; }

 private:
  static json Envelope(std::string_view root, json value, json metadata = json::object()) {
    return {{"status", 200}, {"errors", json::object()}, {std::string(root), std::move(value)}, {"metadata", metadata}};
  }

  static json CallJson(const TrueCall& call) {
    return {{"id", 420'622'705},
            {"uuid", call.id},
            {"caller_number", call.caller},
            {"number_called", call.number},
            {"connected_to", call.destination},
            {"status", "finished"},
            {"created_at", Written(call.started_at)},
            {"ended_at", Written(call.EndedAt())},
            {"updated_at", Written(call.changed_at)},
            {"total_duration", call.wait_seconds + call.talk_seconds},
            {"answered_duration", call.talk_seconds},
            {"revenue", Decimal(call.revenue)},
            {"payout", Decimal(call.payout)},
            {"trackdrive_cost", "0.30"},
            {"provider_cost", "0.04"},
            {"buyer_converted", call.converted ? json("Converted") : json()},
            {"token_values", call.tags},
            {"recording_url", Concat("https://recordings.example.com/", call.id, "?token=planted-recording-token")}};
  }

  http::Response Handle(const http::Request& request, std::string_view path, const Form& query) override {
    if (request.Header("authorization") != Concat("Basic ", Base64Encode(Concat(kPublic, ":", kPrivate)))) {
      return Json({{"status", 401}, {"errors", {{"authorization", "Invalid access token"}}}}, 401);
    }
    if (path == "/calls") return Calls(query);
    if (path == "/calls/stats") return Statistics(query);
    if (path.starts_with("/calls/")) return OneCall(request, path.substr(7));
    if (path.starts_with("/subscriptions")) return Subscriptions(request, path);
    if (path.starts_with("/phone_numbers")) return Numbers(request, path, query);
    const json offer = {{"id", 10'001'234}, {"name", "Auto insurance"}, {"paused", false}};
    if (path == "/offers") return Json(Envelope("offers", json::array({offer}), {{"total_pages", 1}}));
    if (path == "/offers/10001234") return Json(Envelope("offer", offer));
    return Json({{"status", 404}, {"errors", {{"base", "not found"}}}}, 404);
  }

  std::vector<TrueCall> InRange(const Form& query) const {
    return Between(tracking::ParseTime(Query(query, "created_at_from")).time.value_or(absl::InfinitePast()),
                   tracking::ParseTime(Query(query, "created_at_to")).time.value_or(absl::InfiniteFuture()));
  }

  http::Response Calls(const Form& query) const {
    const std::vector<TrueCall> all = InRange(query);
    const size_t size = static_cast<size_t>(ParseInt(Query(query, "per_page")).value_or(25));
    const int64_t cursor = ParseInt(Query(query, "cursor")).value_or(-1);
    // Cursors of the real size, whose digits are easily lost.
    constexpr int64_t kBase = 177'246'010'001'500;
    const size_t begin = cursor < 0 ? 0 : static_cast<size_t>(cursor - kBase);
    json calls = json::array();
    for (size_t i = begin; i < std::min(all.size(), begin + size); ++i) calls.push_back(CallJson(all[i]));
    const int64_t next = begin + size < all.size() ? kBase + static_cast<int64_t>(begin + size) : 0;
    return Json(Envelope("calls", calls, {{"total_count", all.size()}, {"next_cursor", next}}));
  }

  http::Response OneCall(const http::Request& request, std::string_view rest) {
    const auto call = calls_.find(std::string(rest.substr(0, rest.find('/'))));
    if (call == calls_.end()) return Json({{"status", 404}, {"errors", {{"base", "not found"}}}}, 404);
    if (rest.ends_with("/events")) return Events(call->second);
    if (request.method == "PUT") {
      const json body = json::parse(request.body);
      TrueCall& changed = call->second;
      if (body.contains("revenue")) changed.revenue = *AmountIn(body["revenue"]);
      if (body.contains("payout")) changed.payout = *AmountIn(body["payout"]);
      if (body.contains("buyer_converted")) changed.converted = body["buyer_converted"].get<bool>();
      if (body.contains("post_call_tokens")) {
        for (const auto& [name, value] : body["post_call_tokens"].items())
          changed.tags[name] = value.get<std::string>();
      }
      changed.changed_at += absl::Seconds(1);
    }
    return Json(Envelope("call", CallJson(call->second)));
  }

  static std::optional<int64_t> AmountIn(const json& text);

  static http::Response Events(const TrueCall& call) {
    const std::string url =
        "https://hooks.example.com/webhooks/trackdrive/0190b2c3-0000-7000-8000-00000000000a/call_ended/"
        "planted-webhook-token";
    return Json({{"events", json::array({{{"type", "Leg"}},
                                         {{"type", "WebhookLog"},
                                          {"request_url", url},
                                          {"code", 200},
                                          {"finished_at", Written(call.EndedAt())}}})}});
  }

  http::Response Subscriptions(const http::Request& request, std::string_view path) {
    if (request.method == "POST") {
      json made = json::parse(request.body);
      made["id"] = ++next_id_;
      webhooks_.push_back(made);
      return Json(Envelope("subscription", made));
    }
    if (request.method == "DELETE") {
      const int64_t id = ParseInt(path.substr(15)).value_or(0);
      const auto found =
          std::find_if(webhooks_.begin(), webhooks_.end(), [&](const json& hook) { return hook["id"] == id; });
      if (found == webhooks_.end()) return Json({{"status", 404}, {"errors", {{"base", "not found"}}}}, 404);
      webhooks_.erase(found);
      return Json({{"status", 200}});
    }
    return Json(Envelope("subscriptions", webhooks_, {{"total_pages", 1}}));
  }

  http::Response Numbers(const http::Request& request, std::string_view path, const Form& query) {
    const auto to_json = [](const Number& number) {
      return json{{"id", *ParseInt(number.id)}, {"number", number.number}, {"country", "US"}};
    };
    if (request.method == "POST") {
      const std::string id = Concat(++next_id_);
      numbers_[id] = {id, Concat("+1202555", next_id_)};
      return Json(Envelope("number", to_json(numbers_[id])));
    }
    if (request.method == "DELETE") {
      numbers_.erase(std::string(path.substr(15)));
      return Json({{"status", 200}});
    }
    json all = json::array();
    const std::string wanted = Query(query, "number");
    for (const auto& [id, number] : numbers_) {
      if (wanted.empty() || wanted == number.number) all.push_back(to_json(number));
    }
    return Json(Envelope("numbers", all, {{"total_pages", 1}}));
  }

  http::Response Statistics(const Form& query) const {
    int64_t sum = 0;
    const std::string statistic = Query(query, "stat");
    for (const TrueCall& call : InRange(query)) {
      if (Query(query, "group_by") == "buyer_converted" && !call.converted) continue;
      sum += statistic == "count" ? 10'000 : statistic == "revenue" ? call.revenue : 3'400;
    }
    const char* group = Query(query, "group_by") == "buyer_converted" ? "Converted" : "2026-03-02";
    return Json(Envelope("stats", {{group, Decimal(sum)}}));
  }
};

std::optional<int64_t> TrackDrive::AmountIn(const json& text) {
  const std::string digits = text.get<std::string>();
  std::string whole = digits;
  whole.erase(std::remove(whole.begin(), whole.end(), '.'), whole.end());
  return ParseInt(whole);
}

}  // namespace

std::unique_ptr<TwinPlatform> MakeTrackDrive() { return std::make_unique<TrackDrive>(); }

}  // namespace trunkline::tracking_conformance
