// Which statements a connection has prepared: PostgreSQL parses and plans them once, which is more than half of the
// work of a short statement.
//
// A statement is prepared when it comes for the second time, so that what is asked once leaves nothing behind.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace trunkline::postgres {

class PreparedStatements {
 public:
  struct Use {
    std::string name;         // empty: to be run as it is
    bool is_missing = false;  // to be prepared under the name first
  };

  // How to run the statement now. One that could not be prepared must be forgotten.
  Use Take(std::string_view sql);
  void Forget(std::string_view sql);

  // A table is no longer what it was when a statement was prepared: nothing that was prepared can be relied on.
  void Outdate() { outdated_ = true; }
  bool is_outdated() const { return outdated_; }

 private:
  std::unordered_map<std::string, std::string> names_;  // empty for a statement that came once
  size_t prepared_ = 0;
  bool outdated_ = false;
};

}  // namespace trunkline::postgres
