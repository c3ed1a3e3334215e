#include "tests/support/test_database.h"

#include <cstdio>
#include <cstdlib>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/postgres/connection.h"
#include "libs/postgres/migrations.h"
#include "tests/support/environment.h"
#include "tests/support/source_path.h"

namespace trunkline::testing_support {
namespace {

constexpr char kRolePassword[] = "test";

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "test database: %s\n", status.ToString().c_str());
  std::abort();
}

void Administer(const std::string& sql) {
  auto connection = postgres::Connection::Open(Required("TRUNKLINE_TEST_DATABASE_URL"));
  Require(connection.status());
  Require((*connection)->transaction().ExecuteScript(sql));
}

// postgresql://user:password@host:port/database with other parts.
std::string WithDatabase(const std::string& url, const std::string& database) {
  return url.substr(0, url.rfind('/') + 1) + database;
}

void Create(const std::string& name, const std::string& copied_from) {
  Administer(Concat("CREATE DATABASE \"", name, "\" TEMPLATE \"", copied_from, "\""));
}

void Drop(const std::string& name) { Administer(Concat("DROP DATABASE \"", name, "\" WITH (FORCE)")); }

// A database with every migration, which the others are copies of: running the migrations for each test takes ten times
// as long.
class MigratedTemplate {
 public:
  MigratedTemplate() : name_("template_" + NewUuid(absl::Now())) {
    Create(name_, "template0");
    Require(
        postgres::Migrate(WithDatabase(Required("TRUNKLINE_TEST_DATABASE_URL"), name_), SourcePath("deploy/migrations"))
            .status());
    for (const char* role : {"trunkline_gateway", "trunkline_gateway_worker", "trunkline_normalizer",
                             "trunkline_governor", "trunkline_scheduler", "trunkline_scheduler_worker",
                             "trunkline_tracking", "trunkline_tracking_worker", "trunkline_reader"}) {
      Administer(Concat("ALTER ROLE ", role, " PASSWORD '", kRolePassword, "'"));
    }
  }
  ~MigratedTemplate() { Drop(name_); }
  MigratedTemplate(const MigratedTemplate&) = delete;
  MigratedTemplate& operator=(const MigratedTemplate&) = delete;

  const std::string& name() const { return name_; }

 private:
  const std::string name_;
};

// Of the whole test program, and gone with it.
const MigratedTemplate& Migrated() {
  static const MigratedTemplate migrated;
  return migrated;
}

}  // namespace

TestDatabase::TestDatabase(bool migrated) : name_("test_" + NewUuid(absl::Now())) {
  Create(name_, migrated ? Migrated().name() : "template0");
  url_ = WithDatabase(Required("TRUNKLINE_TEST_DATABASE_URL"), name_);
}

TestDatabase::~TestDatabase() { Drop(name_); }

std::string TestDatabase::UrlOf(const std::string& role) const {
  const size_t scheme = url_.find("://") + 3;
  return Concat(url_.substr(0, scheme), role, ":", kRolePassword, url_.substr(url_.find('@')));
}

}  // namespace trunkline::testing_support
