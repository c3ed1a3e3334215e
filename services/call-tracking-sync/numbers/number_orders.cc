#include "services/call-tracking-sync/numbers/number_orders.h"

#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/tracking_error.h"
#include "services/call-tracking-sync/numbers/number_rows.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using tracking::Answer;
using tracking::ProvisionedNumber;
using tracking::TrackingNumber;

constexpr char kNotSettled[] = "timeout: the platform did not answer; its list of numbers will tell";

tracking::NumberOrder AsPlatformsTakeIt(const tracking::v1::NumberWish& wish) {
  return {.toll_free = wish.toll_free(),
          .country = wish.country().empty() ? "US" : wish.country(),
          .area_code = wish.area_code(),
          .any_area = wish.any_area(),
          .campaign_id = wish.campaign_id(),
          .publisher_id = wish.publisher_id(),
          .sub_id = wish.sub_id(),
          .vanity_text = wish.vanity_text(),
          .keep_on_partial_failure = wish.keep_on_partial_failure()};
}

}  // namespace

struct NumberOrders::Order {
  std::string request_id;
  OrderInDoubt in_doubt = {};
};

absl::StatusOr<bool> NumberOrders::TakeUpWhatWasLeft(const AccountAtWork& work) {
  const absl::Time now = InMicros(clock_.Now());
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<bool> {
    TL_RETURN_IF_ERROR(work.fence(tx));
    TL_ASSIGN_OR_RETURN(const Result left,
                        tx.Execute("UPDATE tracking_number_orders SET state = 3, due_at = $2::timestamptz, error = $3 "
                                   "WHERE provider_account_id = $1 AND state = 2",
                                   {work.account.id, now + options_.settle_after, kNotSettled}));
    return left.affected() > 0;
  });
}

absl::StatusOr<bool> NumberOrders::OrderNext(const AccountAtWork& work) {
  TL_ASSIGN_OR_RETURN(const std::optional<Order> order, Begin(work));
  if (!order.has_value()) return false;
  const auto answer = work.platform.Client().ProvisionNumber(work.account, AsPlatformsTakeIt(order->in_doubt.wish));
  TL_RETURN_IF_ERROR(Conclude(work, *order, answer));
  return true;
}

absl::StatusOr<std::optional<NumberOrders::Order>> NumberOrders::Begin(const AccountAtWork& work) {
  const absl::Time now = InMicros(clock_.Now());
  const auto next = [&](Transaction& tx, std::string_view columns) {
    return tx.Execute(
        Concat("SELECT ", columns, " FROM tracking_number_orders o WHERE provider_account_id = $1 AND state = 1 AND ",
               "due_at <= $2::timestamptz AND NOT EXISTS (SELECT FROM tracking_number_orders WHERE ",
               "provider_account_id = $1 AND state IN (2, 3)) ORDER BY created_at, request_id LIMIT 1"),
        {work.account.id, now});
  };
  // What was there before an order must be known, else nothing could tell its number from the others.
  TL_ASSIGN_OR_RETURN(const bool must_list, pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<bool> {
    TL_ASSIGN_OR_RETURN(const Result rows,
                        next(tx,
                             "(SELECT count(*) FROM tracking_number_lists l WHERE l.provider_account_id = "
                             "o.provider_account_id AND listed_at IS NOT NULL)"));
    return !rows.empty() && rows.Integer(0, 0) == 0;
  }));
  if (must_list) {
    TL_ASSIGN_OR_RETURN(const bool listed, lister_.ReadAndPutList(work, now));
    if (!listed) return std::nullopt;
  }
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<std::optional<Order>> {
    TL_RETURN_IF_ERROR(work.fence(tx));
    TL_ASSIGN_OR_RETURN(const Result rows, next(tx, Concat("request_id, wish, attempts, ", Micros("sent_at"))));
    if (rows.empty()) return std::nullopt;
    Order order = {.request_id = rows.String(0, 0)};
    order.in_doubt.wish.ParseFromString(rows.Bytes(0, 1));
    order.in_doubt.attempts = static_cast<int>(rows.Integer(0, 2)) + 1;
    order.in_doubt.sent_at = rows.Time(0, 3).value_or(now);
    TL_RETURN_IF_ERROR(tx.Execute("UPDATE tracking_number_orders SET state = 2, attempts = attempts + 1, sent_at = "
                                  "$3::timestamptz WHERE business_id = $1 AND request_id = $2",
                                  {work.account.business_id, order.request_id, order.in_doubt.sent_at})
                           .status());
    return order;
  });
}

absl::Status NumberOrders::Conclude(const AccountAtWork& work, const Order& order,
                                    const absl::StatusOr<Answer<ProvisionedNumber>>& answer) {
  const absl::Time now = InMicros(clock_.Now());
  const auto set = [&](Transaction& tx, std::string_view assignments, absl::Time due_at) {
    return tx
        .Execute(Concat("UPDATE tracking_number_orders SET error = $3, due_at = $4::timestamptz, ", assignments,
                        " WHERE business_id = $1 AND request_id = $2"),
                 {work.account.business_id, order.request_id, tracking::DescribeError(answer.status()), due_at})
        .status();
  };
  // The first attempt's time stays that of the first that may have been sent.
  constexpr std::string_view kNotAnAttempt =
      "state = 1, attempts = attempts - 1, sent_at = CASE WHEN attempts > 1 THEN sent_at END";
  return pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(work.fence(tx));
    switch (AnswerOf(answer.status())) {
      case OrderAnswer::kBought:
        return Adopt(tx, work, order, answer->value.number, answer->value.warnings);
      case OrderAnswer::kNotSent:
        return set(tx, kNotAnAttempt, now + RetryAfterOf(answer.status()).value_or(options_.try_again_after));
      case OrderAnswer::kTryLater: {
        const tracking::v1::TrackingError error = *tracking::TrackingErrorOf(answer.status());
        const absl::Duration wait =
            error.has_retry_after() ? telephony::FromProto(error.retry_after()) : options_.try_again_after;
        return set(tx, kNotAnAttempt, now + wait);
      }
      case OrderAnswer::kUnknown:
        return set(tx, "state = 3", now + options_.settle_after);
      case OrderAnswer::kNotBought:
        break;
    }
    return set(tx, "state = 5, settled_at = due_at", now);
  });
}

absl::Status NumberOrders::Adopt(Transaction& tx, const AccountAtWork& work, const Order& order,
                                 const TrackingNumber& number, const std::vector<std::string>& warnings) {
  const absl::Time now = InMicros(clock_.Now());
  TL_RETURN_IF_ERROR(PutNumber(tx, work.account, number, /*is_managed=*/true, now));
  TL_RETURN_IF_ERROR(
      tx.Execute("UPDATE tracking_number_orders SET state = 4, number = $3, warnings = $4::text[], error "
                 "= '', settled_at = $5::timestamptz WHERE business_id = $1 AND request_id = $2",
                 {work.account.business_id, order.request_id, number.number, Parameter::Array(warnings), now})
          .status());
  return tx
      .Execute(
          "INSERT INTO audit_log (business_id, actor, action, subject, detail) SELECT business_id, actor, "
          "'tracking_number.order', 'tracking_number', jsonb_build_object('request_id', request_id, 'account', "
          "provider_account_id) FROM tracking_number_orders WHERE business_id = $1 AND request_id = $2",
          {work.account.business_id, order.request_id})
      .status();
}

absl::StatusOr<bool> NumberOrders::SettleNext(const AccountAtWork& work) {
  const absl::Time now = InMicros(clock_.Now());
  TL_ASSIGN_OR_RETURN(
      const std::optional<Order> order,
      pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<std::optional<Order>> {
        TL_ASSIGN_OR_RETURN(
            const Result rows,
            tx.Execute(
                Concat("SELECT request_id, wish, attempts, ", Micros("sent_at"),
                       " FROM tracking_number_orders WHERE provider_account_id = $1 AND state = 3 AND due_at <= ",
                       "$2::timestamptz"),
                {work.account.id, now}));
        if (rows.empty()) return std::nullopt;
        Order due = {.request_id = rows.String(0, 0)};
        due.in_doubt.wish.ParseFromString(rows.Bytes(0, 1));
        due.in_doubt.attempts = static_cast<int>(rows.Integer(0, 2));
        due.in_doubt.sent_at = *rows.Time(0, 3);
        return due;
      }));
  if (!order.has_value()) return false;
  TL_ASSIGN_OR_RETURN(const bool listed, lister_.ReadAndPutList(work, now));
  if (listed) {
    TL_RETURN_IF_ERROR(SettleBy(work, *order, now));
    return true;
  }
  // Without the list nothing is settled.
  absl::Status committed = pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(work.fence(tx));
    return tx
        .Execute(
            "UPDATE tracking_number_orders SET due_at = $3::timestamptz WHERE business_id = $1 AND request_id = $2",
            {work.account.business_id, order->request_id, now + options_.try_again_after})
        .status();
  });
  if (!committed.ok()) return committed;
  return true;
}

absl::Status NumberOrders::SettleBy(const AccountAtWork& work, const Order& order, absl::Time listed_at) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(work.fence(tx));
    TL_ASSIGN_OR_RETURN(const std::vector<ListedNumber> listed, ReadList(tx, work.account.id, listed_at));
    const Settlement settlement = Settle(order.in_doubt, listed);
    const auto set = [&](std::string_view assignments, std::string_view error,
                         const std::vector<std::string>& candidates = {}) {
      return tx
          .Execute(Concat("UPDATE tracking_number_orders SET error = $3, candidates = $4::text[], due_at = ",
                          "$5::timestamptz, ", assignments, " WHERE business_id = $1 AND request_id = $2"),
                   {work.account.business_id, order.request_id, error, Parameter::Array(candidates), listed_at})
          .status();
    };
    LogInfo(
        "order of a number settled",
        {{"request_id", order.request_id}, {"account", work.account.id}, {"step", static_cast<int>(settlement.step)}});
    switch (settlement.step) {
      case Settlement::Step::kAdopt:
        return Adopt(tx, work, order, settlement.number, settlement.warnings);
      case Settlement::Step::kRepeat:
        return set("state = 1", "");
      case Settlement::Step::kGiveUp:
        return set("state = 5, settled_at = due_at", "timeout: the platform did not answer twice, and gave no number");
      case Settlement::Step::kRelease:
        TL_RETURN_IF_ERROR(
            tx.Execute("UPDATE tracking_numbers SET state = 3, release_actor = 'call-tracking-sync' WHERE "
                       "provider_account_id = $1 AND number = $2",
                       {work.account.id, settlement.number.number})
                .status());
        return set("state = 5, settled_at = due_at",
                   "timeout: a number was given but not tied to its campaign; it is given back");
      case Settlement::Step::kReview:
        break;
    }
    return set("state = 6", "timeout: several new numbers could be the one that was given", settlement.candidates);
  });
}

}  // namespace trunkline::tracking_sync
