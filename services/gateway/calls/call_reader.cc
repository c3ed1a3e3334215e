#include "services/gateway/calls/call_reader.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "libs/base/field_checks.h"
#include "libs/base/ids.h"
#include "libs/base/page_token.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/gateway/calls/call_list_query.h"
#include "services/gateway/calls/call_view.h"
#include "services/gateway/calls/dial_rows.h"

namespace trunkline::gateway {
namespace {

using control::v1::Call;
using control::v1::ListCallsRequest;
using control::v1::ListCallsResponse;
using postgres::Result;
using postgres::Transaction;

// Of the columns of CallColumns(), and the call's id.
absl::StatusOr<Call> CallOfRow(Transaction& tx, const Result& rows, int row, std::string_view call_id) {
  std::optional<calls::v1::CallState> normalized;
  if (!rows.IsNull(row, 0) && !normalized.emplace().ParseFromString(rows.Bytes(row, 0))) {
    return absl::DataLossError("a call's state cannot be read");
  }
  std::optional<DialView> dial;
  if (!rows.IsNull(row, 1)) {
    TL_ASSIGN_OR_RETURN(dial, DialOfRow(rows, row, 1));
    TL_RETURN_IF_ERROR(AddEarlierAttempts(tx, call_id, &*dial));
  }
  return ShowCall(normalized, dial);
}

// The list that a page token belongs to: the business and the filters.
std::string ListName(std::string_view business_id, ListCallsRequest filters) {
  filters.clear_page_size();
  filters.clear_page_token();
  return Concat("calls ", business_id, " ", filters.SerializeAsString());
}

}  // namespace

absl::StatusOr<Call> CallReader::Get(std::string_view business_id, std::string_view call_id) {
  const auto none = [&] {
    return Error(absl::StatusCode::kNotFound, Reason::REASON_CALL_NOT_FOUND,
                 Concat("the business has no call ", call_id), {{"call_id", std::string(call_id)}});
  };
  if (!IsUuid(call_id)) {
    return InvalidFields({{.field = "call_id", .description = "must be a UUID in lower case"}});
  }
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<Call> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(Concat("SELECT ", CallColumns(), " FROM (SELECT state FROM call_queue WHERE call_id = $1 ",
                          "UNION ALL SELECT state FROM call_history WHERE call_id = $1) c ",
                          "FULL JOIN (SELECT * FROM dial_intents WHERE call_id = $1) d ON true LIMIT 1"),
                   {call_id}));
    if (rows.empty()) return none();
    return CallOfRow(tx, rows, 0, call_id);
  });
}

absl::StatusOr<ListCallsResponse> CallReader::List(std::string_view business_id, const ListCallsRequest& request) {
  FieldChecks checks;
  const int page_size = PageSize(request.page_size(), checks);
  CheckCallFilters(request, checks);
  TL_RETURN_IF_ERROR(checks.Finish());
  const std::string list = ListName(business_id, request);
  std::optional<PagePosition> after;
  if (!request.page_token().empty()) {
    TL_ASSIGN_OR_RETURN(after, ReadPageToken(list, request.page_token()));
  }
  // One more than the page shows whether there is another.
  const CallListQuery query = MakeCallListQuery(request, after, page_size + 1, clock_.Now());
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ListCallsResponse> {
    TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(query.sql, query.parameters));
    ListCallsResponse response;
    for (int i = 0; i < rows.size() && i < page_size; ++i) {
      TL_ASSIGN_OR_RETURN(*response.add_calls(), CallOfRow(tx, rows, i, rows.Text(i, kCallColumns)));
    }
    if (rows.size() > page_size) {
      const int last = page_size - 1;
      response.set_next_page_token(
          MakePageToken(list, {.time = *rows.Time(last, kCallColumns + 1), .id = rows.String(last, kCallColumns)}));
    }
    return response;
  });
}

}  // namespace trunkline::gateway
