// Statements that go to the server together and are answered together. One that fails keeps the later ones from
// running. For the files of this folder alone.
//
//   Pipeline pipeline(connection, statements);
//   pipeline.Begin(business_id);
//   pipeline.Add(sql, bound, /*binary=*/false);
//   pipeline.Commit();
//   TL_ASSIGN_OR_RETURN(const Result rows, pipeline.Run());
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/postgres/connection.h"
#include "libs/postgres/libpq.h"
#include "libs/postgres/prepared_statements.h"

namespace trunkline::postgres {

class Pipeline {
 public:
  // Both outlive the object. Nothing else is sent over the connection before Run().
  Pipeline(PGconn* connection, PreparedStatements& statements);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // BEGIN, and the setting for row-level security unless the business is empty.
  void Begin(const std::string& business_id);
  void Add(std::string_view sql, const BoundParameters& parameters, bool binary);
  void Commit();

  // The rows of the latest Add(). The error is that of what failed first; it is UNKNOWN when the connection was lost
  // after COMMIT was sent, unless the server has said before that something failed.
  absl::StatusOr<Result> Run();

 private:
  enum class Kind { kPrepare, kStatement, kCommit };
  struct Step {
    Kind kind;
    std::string sql;
    bool is_prepared = false;
  };

  // Notes a step that was sent; none follows one that could not be.
  bool Sent(int done, Step step);
  // In the order of the steps; fewer when the connection was lost.
  std::vector<OwnedResult> Collect();
  absl::Status StatusOfStep(size_t at, const PGresult* result);

  PGconn* connection_;
  PreparedStatements& statements_;
  bool is_sending_;
  std::vector<Step> steps_;
  size_t latest_ = 0;  // of the steps, the latest Add()
};

}  // namespace trunkline::postgres
