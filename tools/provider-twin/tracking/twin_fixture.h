// A simulated call-tracking platform on a clock that the test moves, with a customer that the test plays.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/fake_transport.h"
#include "tools/provider-twin/manual_scheduler.h"
#include "tools/provider-twin/tracking/tracking_twin.h"

namespace trunkline::twin::tracking {

class TwinFixture : public testing::Test {
 protected:
  using Json = nlohmann::json;
  using PlatformMaker = std::unique_ptr<Platform> (*)(const World&);

  // The headers stand in every request.
  TwinFixture(PlatformMaker make, std::string_view account, http::Headers headers = {})
      : headers_(std::move(headers)), twin_(world_, transport_, make(world_)) {
    world_.public_url = "http://twin";
    EXPECT_TRUE(twin_.AddAccount(account).ok());
    // Tests ask as they like, unless they are about limits.
    Tell("PUT", "/limits", R"({"limits":[]})");
  }

  // Of the API; `target` with the base path.
  RestReply Ask(std::string method, std::string target, std::string body = "") {
    http::Request request{.method = std::move(method), .target = std::move(target), .headers = headers_};
    request.body = std::move(body);
    return twin_.Answer(request);
  }
  Json Read(const RestReply& reply) const { return ParseJson(reply.response.body); }
  // Of the control API.
  http::Response Tell(std::string method, std::string_view path, std::string body = "") {
    http::Request request{.method = std::move(method), .target = Concat("/twin/", twin_.name(), path)};
    request.body = std::move(body);
    return twin_.Control(path.substr(0, path.find('?')), request);
  }
  Json Told(std::string method, std::string_view path, std::string body = "") {
    return ParseJson(Tell(std::move(method), path, std::move(body)).body);
  }
  Json Truth(std::string_view query = "") { return Told("GET", Concat("/truth?", query))["calls"]; }
  // Calls of the last day, all of them settled.
  void AddCalls(int count, std::string_view more = "") {
    const std::string wish =
        Concat(R"({"count":)", count, R"(,"from":"2026-03-01T00:00:00Z","to":"2026-03-02T00:00:00Z")",
               more.empty() ? "" : ",", more, "}");
    EXPECT_EQ(Tell("POST", "/calls", wish).status, 201);
  }

  // 2026-03-02T15:00:00Z
  ManualScheduler scheduler_{absl::FromUnixSeconds(1'772'463'600)};
  World world_{scheduler_};
  FakeTransport transport_;
  http::Headers headers_;
  TrackingTwin twin_;
};

}  // namespace trunkline::twin::tracking
