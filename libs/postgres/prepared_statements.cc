#include "libs/postgres/prepared_statements.h"

#include "libs/base/text.h"

namespace trunkline::postgres {
namespace {

// A plan takes some ten kilobytes of the server's memory, in each connection.
constexpr size_t kMostPrepared = 100;
// Texts that are made up anew each time must not gather here.
constexpr size_t kMostKnown = 1'000;

}  // namespace

PreparedStatements::Use PreparedStatements::Take(std::string_view sql) {
  const auto known = names_.find(std::string(sql));
  if (known == names_.end()) {
    if (names_.size() < kMostKnown) names_.emplace(sql, "");
    return {};
  }
  if (!known->second.empty()) return {.name = known->second};
  if (prepared_ >= kMostPrepared) return {};
  known->second = Concat("s", ++prepared_);
  return {.name = known->second, .is_missing = true};
}

void PreparedStatements::Forget(std::string_view sql) { names_.erase(std::string(sql)); }

}  // namespace trunkline::postgres
