#include "services/call-tracking-sync/numbers/number_requests.h"

#include <algorithm>
#include <string>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/field_checks.h"
#include "libs/base/page_token.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/phone_number.h"
#include "services/call-tracking-sync/numbers/number_rows.h"
#include "services/call-tracking-sync/work/tracking_account.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using tracking::v1::ListTrackingNumbersRequest;
using tracking::v1::ListTrackingNumbersResponse;
using tracking::v1::NumberOrder;
using tracking::v1::NumberWish;
using tracking::v1::TrackedNumber;

constexpr size_t kLongestText = 200;

void CheckWish(const NumberWish& wish, FieldChecks& checks) {
  checks.Require(wish.country().empty() || wish.country().size() == 2, "wish.country",
                 "must be two letters (ISO 3166)");
  checks.Require(
      std::all_of(wish.area_code().begin(), wish.area_code().end(), [](char c) { return c >= '0' && c <= '9'; }) &&
          wish.area_code().size() <= 6,
      "wish.area_code", "must be digits");
  checks.RequireText(wish.campaign_id(), kLongestText, "wish.campaign_id");
  checks.RequireText(wish.publisher_id(), kLongestText, "wish.publisher_id");
  checks.RequireText(wish.sub_id(), kLongestText, "wish.sub_id");
  checks.RequireText(wish.vanity_text(), kLongestText, "wish.vanity_text");
  checks.Require(!wish.campaign_id().empty(), "wish.campaign_id", "must name the campaign or offer");
}

absl::Status NoSuchNumber(std::string_view number) {
  return Error(absl::StatusCode::kNotFound, Reason::REASON_TRACKING_NUMBER_NOT_FOUND,
               Concat("the account has no such number ending in ",
                      number.substr(number.size() - std::min<size_t>(4, number.size()))));
}

absl::StatusOr<TrackedNumber> ReadNumber(Transaction& tx, std::string_view account_id, std::string_view number) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute(Concat("SELECT ", NumberColumns(),
                                        " FROM tracking_numbers WHERE provider_account_id = $1 AND ", "number = $2"),
                                 {account_id, number}));
  if (rows.empty()) return NoSuchNumber(number);
  return NumberOfRow(rows, 0);
}

absl::Status Audit(Transaction& tx, const rpc::Caller& caller, std::string_view action, std::string_view account_id) {
  return tx
      .Execute(
          "INSERT INTO audit_log (business_id, actor, action, subject, detail) VALUES ($1, $2, $3, "
          "'tracking_number', jsonb_build_object('account', $4::text))",
          {caller.business_id, caller.actor, action, account_id})
      .status();
}

}  // namespace

bool IsSettled(const NumberOrder& order) {
  switch (order.state()) {
    case tracking::v1::NUMBER_ORDER_STATE_COMPLETED:
    case tracking::v1::NUMBER_ORDER_STATE_FAILED:
    case tracking::v1::NUMBER_ORDER_STATE_NEEDS_REVIEW:
      return true;
    default:
      return false;
  }
}

absl::StatusOr<ListTrackingNumbersResponse> NumberRequests::List(std::string_view business_id,
                                                                 const ListTrackingNumbersRequest& request) {
  FieldChecks checks;
  const int page_size = PageSize(request.page_size(), checks);
  if (!request.provider_account_id().empty()) {
    checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  }
  checks.Require(request.number().empty() || telephony::IsE164(request.number()), "number", telephony::kMustBeE164);
  TL_RETURN_IF_ERROR(checks.Finish());
  const std::string list = Concat("tracking numbers ", business_id, " ", request.provider_account_id(), " ",
                                  request.number(), " ", request.with_released() ? "all" : "");
  // Number and account: the same number may have been at two accounts.
  std::string after;
  if (!request.page_token().empty()) {
    TL_ASSIGN_OR_RETURN(after, ReadTextPageToken(list, request.page_token()));
  }
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ListTrackingNumbersResponse> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(
            Concat("SELECT ", NumberColumns(),
                   " FROM tracking_numbers WHERE business_id = $1 AND ($2::text = '' OR provider_account_id::text",
                   " = $2) AND ($3::text = '' OR number = $3) AND (state <> 4 OR $4) AND number || ' ' || ",
                   "provider_account_id > $5 ORDER BY number || ' ' || provider_account_id LIMIT ", page_size + 1),
            {business_id, request.provider_account_id(), request.number(), request.with_released(), after}));
    ListTrackingNumbersResponse response;
    for (int i = 0; i < rows.size() && i < page_size; ++i) *response.add_numbers() = NumberOfRow(rows, i);
    if (rows.size() > page_size) {
      const TrackedNumber& last = response.numbers(page_size - 1);
      response.set_next_page_token(MakeTextPageToken(list, Concat(last.number(), " ", last.provider_account_id())));
    }
    return response;
  });
}

absl::StatusOr<tracking::v1::GetTrackingNumberResponse> NumberRequests::Get(std::string_view business_id,
                                                                            std::string_view number) {
  FieldChecks checks;
  checks.Require(telephony::IsE164(number), "number", telephony::kMustBeE164);
  TL_RETURN_IF_ERROR(checks.Finish());
  const std::string key = Concat(business_id, " ", number);
  if (const auto known = memory_.Find(key); known.has_value()) return *known;
  const ReadTicket ticket = memory_.BeginRead();
  TL_ASSIGN_OR_RETURN(const Result rows,
                      pool_.ExecuteInBusiness(business_id,
                                              Concat("SELECT ", NumberColumns(),
                                                     " FROM tracking_numbers WHERE business_id = $1 AND number = $2 ",
                                                     "ORDER BY state, provider_account_id"),
                                              {business_id, number}));
  if (rows.empty()) return NoSuchNumber(number);
  tracking::v1::GetTrackingNumberResponse response;
  for (int i = 0; i < rows.size(); ++i) *response.add_numbers() = NumberOfRow(rows, i);
  memory_.Put(ticket, key, response);
  return response;
}

absl::StatusOr<NumberOrder> NumberRequests::Order(const rpc::Caller& caller,
                                                  const tracking::v1::OrderTrackingNumberRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.request_id(), "request_id");
  checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  CheckWish(request.wish(), checks);
  TL_RETURN_IF_ERROR(checks.Finish());
  const absl::Time now = InMicros(clock_.Now());
  const std::string wish = request.wish().SerializeAsString();
  const std::string digest = Sha256(Concat(request.provider_account_id(), " ", wish));
  return pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<NumberOrder> {
    TL_RETURN_IF_ERROR(PlatformOfAccount(tx, platforms_, request.provider_account_id()).status());
    // Orders of an account are taken one after the other, so that the day's limit holds.
    TL_RETURN_IF_ERROR(
        tx.Execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 17))", {request.provider_account_id()}).status());
    TL_ASSIGN_OR_RETURN(const Result known, tx.Execute("SELECT request_sha256 FROM tracking_number_orders WHERE "
                                                       "business_id = $1 AND request_id = $2",
                                                       {caller.business_id, request.request_id()}));
    if (!known.empty()) {
      if (known.Bytes(0, 0) != digest) {
        return Error(absl::StatusCode::kAlreadyExists, Reason::REASON_REQUEST_ID_REUSED,
                     "the request_id was used before for another order");
      }
      return ReadOrder(tx, caller.business_id, request.request_id());
    }
    TL_ASSIGN_OR_RETURN(const Result today,
                        tx.Execute("SELECT count(*) FROM tracking_number_orders WHERE provider_account_id = $1 AND "
                                   "created_at > $2::timestamptz AND state <> 5",
                                   {request.provider_account_id(), now - absl::Hours(24)}));
    if (today.Integer(0, 0) >= options_.most_orders_a_day) {
      return Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
                   Concat("the account ordered ", today.Integer(0, 0), " numbers within a day, which is the limit"),
                   {{"limit", Concat(options_.most_orders_a_day)}});
    }
    TL_RETURN_IF_ERROR(
        tx.Execute("INSERT INTO tracking_number_orders (business_id, request_id, provider_account_id, request_sha256, "
                   "wish, due_at, actor, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $6)",
                   {caller.business_id, request.request_id(), request.provider_account_id(), Parameter::Bytes(digest),
                    Parameter::Bytes(wish), now, caller.actor})
            .status());
    return ReadOrder(tx, caller.business_id, request.request_id());
  });
}

absl::StatusOr<NumberOrder> NumberRequests::GetOrder(std::string_view business_id, std::string_view request_id) {
  FieldChecks checks;
  checks.RequireUuid(request_id, "request_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  return pool_.InBusiness(business_id, [&](Transaction& tx) { return ReadOrder(tx, business_id, request_id); });
}

absl::StatusOr<NumberOrder> NumberRequests::SettleOrder(const rpc::Caller& caller,
                                                        const tracking::v1::SettleNumberOrderRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.request_id(), "request_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  const absl::Time now = InMicros(clock_.Now());
  return pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<NumberOrder> {
    TL_RETURN_IF_ERROR(
        tx.Execute("SELECT FROM tracking_number_orders WHERE business_id = $1 AND request_id = $2 FOR UPDATE",
                   {caller.business_id, request.request_id()})
            .status());
    TL_ASSIGN_OR_RETURN(const NumberOrder order, ReadOrder(tx, caller.business_id, request.request_id()));
    if (order.state() != tracking::v1::NUMBER_ORDER_STATE_NEEDS_REVIEW) {
      return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_ILLEGAL_TRANSITION,
                   "only an order that needs a review can be settled by a person");
    }
    const bool is_candidate =
        std::find(order.candidates().begin(), order.candidates().end(), request.number()) != order.candidates().end();
    checks.Require(request.number().empty() || is_candidate, "number",
                   "must be one of the order's candidates, or empty");
    TL_RETURN_IF_ERROR(checks.Finish());
    TL_RETURN_IF_ERROR(
        tx.Execute("UPDATE tracking_number_orders SET state = CASE WHEN $3::text = '' THEN 5 ELSE 4 END, number = $3, "
                   "settled_at = $4::timestamptz, error = CASE WHEN $3::text = '' THEN error ELSE '' END WHERE "
                   "business_id = $1 AND request_id = $2",
                   {caller.business_id, request.request_id(), request.number(), now})
            .status());
    if (!request.number().empty()) {
      TL_RETURN_IF_ERROR(tx.Execute("UPDATE tracking_numbers SET is_managed = true WHERE provider_account_id = $1 AND "
                                    "number = $2",
                                    {order.provider_account_id(), request.number()})
                             .status());
    }
    TL_RETURN_IF_ERROR(Audit(tx, caller, "tracking_number.settle", order.provider_account_id()));
    return ReadOrder(tx, caller.business_id, request.request_id());
  });
}

absl::StatusOr<TrackedNumber> NumberRequests::Release(const rpc::Caller& caller,
                                                      const tracking::v1::ReleaseTrackingNumberRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  checks.Require(telephony::IsE164(request.number()), "number", telephony::kMustBeE164);
  TL_RETURN_IF_ERROR(checks.Finish());
  const absl::Time now = InMicros(clock_.Now());
  return pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<TrackedNumber> {
    TL_RETURN_IF_ERROR(PlatformOfAccount(tx, platforms_, request.provider_account_id()).status());
    TL_ASSIGN_OR_RETURN(TrackedNumber number, ReadNumber(tx, request.provider_account_id(), request.number()));
    const bool is_going = number.state() == tracking::v1::TRACKING_NUMBER_STATE_RELEASED ||
                          number.state() == tracking::v1::TRACKING_NUMBER_STATE_RELEASING;
    if (is_going) return number;
    if (!request.force()) {
      const auto calls_in = [&](std::string_view table) {
        return Concat("SELECT started_at FROM ", table, " WHERE business_id = $1 AND started_at > $2::timestamptz AND ",
                      "provider_account_id = $3 AND to_number = $4");
      };
      TL_ASSIGN_OR_RETURN(const Result calls, tx.Execute(Concat(calls_in("call_queue"), " UNION ALL ",
                                                                calls_in("call_history"), " LIMIT 1"),
                                                         {caller.business_id, now - options_.idle_before_release,
                                                          request.provider_account_id(), request.number()}));
      if (!calls.empty()) {
        return Error(
            absl::StatusCode::kFailedPrecondition, Reason::REASON_NUMBER_IN_USE,
            Concat("a call came in on the number within the last ", absl::ToInt64Hours(options_.idle_before_release),
                   " hours; set force to release it anyway"));
      }
    }
    TL_RETURN_IF_ERROR(
        tx.Execute("UPDATE tracking_numbers SET state = 3, release_actor = $3 WHERE provider_account_id = "
                   "$1 AND number = $2",
                   {request.provider_account_id(), request.number(), caller.actor})
            .status());
    TL_RETURN_IF_ERROR(Audit(tx, caller, "tracking_number.release", request.provider_account_id()));
    return ReadNumber(tx, request.provider_account_id(), request.number());
  });
}

absl::Status NumberRequests::Reconcile(std::string_view business_id,
                                       const tracking::v1::ReconcileTrackingNumbersRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  const absl::Time now = InMicros(clock_.Now());
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(PlatformOfAccount(tx, platforms_, request.provider_account_id()).status());
    return tx
        .Execute(
            "INSERT INTO tracking_number_lists (provider_account_id, business_id, due_at) VALUES ($1, $2, $3) ON "
            "CONFLICT (provider_account_id) DO UPDATE SET due_at = excluded.due_at",
            {request.provider_account_id(), business_id, now})
        .status();
  });
}

}  // namespace trunkline::tracking_sync
