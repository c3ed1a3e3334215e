#include "libs/http/admin_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/text.h"
#include "libs/http/client.h"

namespace trunkline::http {
namespace {

using ::testing::HasSubstr;

class AdminServerTest : public testing::Test {
 protected:
  Response Ask(const AdminOptions& options, std::string_view path, std::string method = "GET") {
    const auto server = StartAdminServer(options).value();
    Client client({});
    return client.Send({.method = std::move(method), .url = Concat("http://127.0.0.1:", server->port(), path)}).value();
  }
};

TEST_F(AdminServerTest, MetricsAreServedAsPrometheusText) {
  const Response response = Ask({.metrics = [] { return std::string("up 1\n"); }}, "/metrics?x=y");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "up 1\n");
  EXPECT_THAT(FindHeader(response.headers, "content-type"), HasSubstr("text/plain; version=0.0.4"));
}

TEST_F(AdminServerTest, HealthAsksNoDependency) {
  const AdminOptions options{.metrics = nullptr,
                             .readiness = [] { return absl::UnavailableError("database is away"); }};
  EXPECT_EQ(Ask(options, "/healthz").status, 200);
}

TEST_F(AdminServerTest, ReadinessTellsTheReasons) {
  const AdminOptions away{.readiness = [] { return absl::UnavailableError("database is away"); }};
  const Response response = Ask(away, "/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("database is away"));
  EXPECT_EQ(Ask({.readiness = [] { return absl::OkStatus(); }}, "/readyz").status, 200);
}

TEST_F(AdminServerTest, NothingElseIsThere) {
  EXPECT_EQ(Ask({}, "/").status, 404);
  EXPECT_EQ(Ask({}, "/metrics", "POST").status, 405);
  EXPECT_EQ(Ask({}, "/metrics", "HEAD").status, 200);
}

}  // namespace
}  // namespace trunkline::http
