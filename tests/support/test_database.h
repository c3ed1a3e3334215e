// A PostgreSQL database of a test's own, with all migrations applied, dropped at its end.
#pragma once

#include <string>

namespace trunkline::testing_support {

class TestDatabase {
 public:
  // `migrated` false gives an empty database.
  explicit TestDatabase(bool migrated = true);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  // As the owner of everything.
  const std::string& url() const { return url_; }
  // As one of the services' roles, "trunkline_gateway" ...
  std::string UrlOf(const std::string& role) const;

 private:
  std::string name_;
  std::string url_;
};

}  // namespace trunkline::testing_support
