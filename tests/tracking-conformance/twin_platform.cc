#include "tests/tracking-conformance/twin_platform.h"

#include <cstdlib>
#include <stdexcept>
#include <utility>
#include <vector>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/fake_transport.h"
#include "tools/provider-twin/tracking/tracking_twin.h"

namespace trunkline::tracking_conformance {
namespace {

using nlohmann::json;

constexpr int64_t kPerUnit = 10'000;

std::string TimeText(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone()); }

absl::Time TimeIn(const json& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text.get<std::string>(), &time, &error)) throw std::runtime_error(error);
  return time;
}

// "32.5000"
std::string AmountText(int64_t amount) {
  return Concat(amount / kPerUnit, ".", Concat(kPerUnit + amount % kPerUnit).substr(1));
}

int64_t AmountIn(const json& text) {
  std::string digits = text.get<std::string>();
  std::erase(digits, '.');
  return *ParseInt(digits);
}

}  // namespace

TwinPlatform::TwinPlatform(const TwinSetup& setup)
    : setup_(setup), transport_(std::make_unique<twin::FakeTransport>()) {
  std::vector<std::unique_ptr<twin::Provider>> providers;
  providers.push_back(std::make_unique<twin::tracking::TrackingTwin>(world_, *transport_, setup_.make(world_)));
  if (const absl::Status added = providers.back()->AddAccount(setup_.description); !added.ok()) {
    throw std::runtime_error(added.ToString());
  }
  twin_ = std::make_unique<twin::Twin>(world_, std::move(providers));
  auto server = http::Server::Start({}, [this](http::Request request, http::Responder respond) {
    twin_->Handle(std::move(request), std::move(respond));
  });
  if (!server.ok()) throw std::runtime_error("the twin could not start");
  server_ = *std::move(server);
  timers_.Soon([this, url = Concat("http://127.0.0.1:", server_->port())] { world_.public_url = url; });
  // Secrets are planted, and nobody is slowed down unless a test is about limits.
  Control("POST", "/accounts", {{"description", setup_.description}, {"recording_key", "planted-recording-token"}});
  Control("PUT", "/limits", {{"limits", json::array()}});
}

TwinPlatform::~TwinPlatform() {
  timers_.Stop();
  server_.reset();
}

std::string TwinPlatform::Url() const { return Concat("http://127.0.0.1:", server_->port(), setup_.base_path); }

json TwinPlatform::Control(std::string_view method, std::string_view path, const json& body) const {
  http::ClientRequest request;
  request.method = std::string(method);
  request.url = Concat("http://127.0.0.1:", server_->port(), "/twin/", setup_.platform, path);
  if (!body.is_null()) request.body = WriteJson(body);
  const auto response = client_.Send(request);
  if (!response.ok() || response->status >= 300) {
    throw std::runtime_error(Concat(method, " ", path, " failed: ", response.ok() ? response->body : "no answer"));
  }
  return response->body.empty() ? json() : ParseJson(response->body);
}

void TwinPlatform::Put(const TrueCall& call, bool tells) {
  json one = {{"id", call.id},
              {"caller", call.caller},
              {"number", call.number},
              {"destination", call.destination},
              {"started_at", TimeText(call.started_at)},
              {"wait_seconds", call.wait_seconds},
              {"talk_seconds", call.talk_seconds},
              {"revenue", AmountText(call.revenue)},
              {"payout", AmountText(call.payout)},
              {"cost", "0.34"},
              {"converted", call.converted},
              {"tags", call.tags},
              {"changed_at", TimeText(call.changed_at)}};
  Control("PUT", "/calls", {{"calls", json::array({std::move(one)})}, {"webhooks", tells ? "all" : "none"}});
}

TrueCall TwinPlatform::Get(const std::string& id) const {
  const json truth = Control("GET", Concat("/truth?id=", id)).at("calls").at(0);
  TrueCall call;
  call.id = truth.at("external_id");
  call.started_at = TimeIn(truth.at("started_at"));
  call.changed_at = TimeIn(truth.at("last_change_at"));
  call.revenue = AmountIn(truth.at("revenue"));
  call.payout = AmountIn(truth.at("payout"));
  call.converted = truth.at("converted");
  for (const auto& [name, value] : truth.at("tags").items()) {
    const bool has_prefix = name.starts_with(setup_.tag_prefix);
    call.tags[has_prefix ? name.substr(setup_.tag_prefix.size()) : name] = value;
  }
  return call;
}

json TwinPlatform::Truth() const { return Control("GET", "/truth").at("calls"); }

void TwinPlatform::AnswerNext(const http::Response& response) {
  json headers = json::object();
  for (const auto& [name, value] : response.headers) headers[name] = value;
  Control("POST", "/answers", {{"status", response.status}, {"headers", headers}, {"body", response.body}});
}

int TwinPlatform::Requests() const { return Control("GET", "/stats").at("rest_requests"); }

void TwinPlatform::Enter(const std::string& event, const std::string& url) {
  Control("POST", "/hooks", {{"event", event}, {"url", url}});
}

}  // namespace trunkline::tracking_conformance
