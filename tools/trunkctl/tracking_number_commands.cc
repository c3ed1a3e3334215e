// trunkctl tracking numbers.
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "tools/trunkctl/campaign_output.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/output.h"
#include "tools/trunkctl/tracking_client.h"
#include "trunkline/tracking/v1/tracking_number_service.grpc.pb.h"

namespace trunkline::trunkctl {
namespace {

using tracking::v1::NumberOrder;
using tracking::v1::TrackedNumber;
using tracking::v1::TrackingNumberService;

struct NumberOptions {
  TrackingOptions tracking;
  std::string account;
  std::string number;
  std::string request_id;
  bool all = false;
  bool force = false;
  std::string after;
  int page_size = 100;
  tracking::v1::NumberWish wish;
};

std::string StateOf(const TrackedNumber& number) {
  constexpr std::string_view kPrefix = "TRACKING_NUMBER_STATE_";
  return Lower(std::string_view(tracking::v1::TrackingNumberState_Name(number.state())).substr(kPrefix.size()));
}

void Print(const TrackedNumber& number) {
  PrintLine(Concat(number.number(), "  ", StateOf(number), number.managed() ? "" : " (not ordered here)", "  campaign ",
                   number.campaign_id(), "  publisher ", number.publisher_id(), "  account ",
                   number.provider_account_id()));
}

absl::Status Show(const NumberOrder& order, bool json) {
  if (json) {
    PrintJson(order);
    return absl::OkStatus();
  }
  constexpr std::string_view kPrefix = "NUMBER_ORDER_STATE_";
  const std::string state = tracking::v1::NumberOrderState_Name(order.state());
  PrintLine(Concat("order ", order.request_id(), "  ", Lower(std::string_view(state).substr(kPrefix.size()))));
  if (order.has_number()) Print(order.number());
  for (const std::string& warning : order.warnings()) PrintLine(Concat("  ", warning));
  if (!order.error().empty()) PrintLine(Concat("  ", order.error()));
  for (const std::string& candidate : order.candidates()) PrintLine(Concat("  may be ", candidate));
  return absl::OkStatus();
}

absl::Status List(const NumberOptions& options, bool json) {
  tracking::v1::ListTrackingNumbersRequest request;
  request.set_provider_account_id(options.account);
  request.set_with_released(options.all);
  request.set_page_size(options.page_size);
  request.set_page_token(options.after);
  TL_ASSIGN_OR_RETURN(const auto list, options.tracking.Ask<TrackingNumberService>(
                                           &TrackingNumberService::Stub::ListTrackingNumbers, request));
  if (json) {
    PrintJson(list);
    return absl::OkStatus();
  }
  for (const TrackedNumber& number : list.numbers()) Print(number);
  if (!list.next_page_token().empty()) PrintLine(Concat("more: --after=", list.next_page_token()));
  return absl::OkStatus();
}

absl::Status Order(const NumberOptions& options, bool json) {
  tracking::v1::OrderTrackingNumberRequest request;
  request.set_request_id(options.request_id.empty() ? NewUuid(absl::Now()) : options.request_id);
  request.set_provider_account_id(options.account);
  *request.mutable_wish() = options.wish;
  TL_ASSIGN_OR_RETURN(const auto response, options.tracking.Ask<TrackingNumberService>(
                                               &TrackingNumberService::Stub::OrderTrackingNumber, request));
  return Show(response.order(), json);
}

absl::Status GetOrder(const NumberOptions& options, bool json) {
  tracking::v1::GetNumberOrderRequest request;
  request.set_request_id(options.request_id);
  TL_ASSIGN_OR_RETURN(const auto response, options.tracking.Ask<TrackingNumberService>(
                                               &TrackingNumberService::Stub::GetNumberOrder, request));
  return Show(response.order(), json);
}

absl::Status Settle(const NumberOptions& options, bool json) {
  tracking::v1::SettleNumberOrderRequest request;
  request.set_request_id(options.request_id);
  request.set_number(options.number);
  TL_ASSIGN_OR_RETURN(const auto response, options.tracking.Ask<TrackingNumberService>(
                                               &TrackingNumberService::Stub::SettleNumberOrder, request));
  return Show(response.order(), json);
}

absl::Status Release(const NumberOptions& options, bool json) {
  tracking::v1::ReleaseTrackingNumberRequest request;
  request.set_provider_account_id(options.account);
  request.set_number(options.number);
  request.set_force(options.force);
  TL_ASSIGN_OR_RETURN(const auto response, options.tracking.Ask<TrackingNumberService>(
                                               &TrackingNumberService::Stub::ReleaseTrackingNumber, request));
  json ? PrintJson(response) : Print(response.number());
  return absl::OkStatus();
}

absl::Status Reconcile(const NumberOptions& options, bool) {
  tracking::v1::ReconcileTrackingNumbersRequest request;
  request.set_provider_account_id(options.account);
  TL_RETURN_IF_ERROR(
      options.tracking.Ask<TrackingNumberService>(&TrackingNumberService::Stub::ReconcileTrackingNumbers, request)
          .status());
  PrintLine("the platform's list will be read in a moment");
  return absl::OkStatus();
}

void AddWish(CLI::App* command, const std::shared_ptr<NumberOptions>& options) {
  const auto text = [&](const char* name, const char* help,
                        void (*set)(tracking::v1::NumberWish*, const std::string&)) {
    return command->add_option_function<std::string>(
        name, [options, set](const std::string& value) { set(&options->wish, value); }, help);
  };
  text("--campaign", "the platform's campaign or offer", [](auto* wish, const auto& value) {
    wish->set_campaign_id(value);
  })->required();
  text("--publisher", "the platform's publisher", [](auto* wish, const auto& value) { wish->set_publisher_id(value); });
  text("--country", "two letters; US", [](auto* wish, const auto& value) { wish->set_country(value); });
  text("--area-code", "area code", [](auto* wish, const auto& value) { wish->set_area_code(value); });
  command->add_flag_callback(
      "--any-area", [options] { options->wish.set_any_area(true); }, "another area will do");
  command->add_flag_callback(
      "--toll-free", [options] { options->wish.set_toll_free(true); }, "a toll-free number");
  command->add_option("--request-id", options->request_id, "the same for every try of the same order");
}

}  // namespace

void AddTrackingNumberCommands(CLI::App& tracking, Context& context) {
  CLI::App* numbers = tracking.add_subcommand("numbers", "tracking numbers")->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, const char* example,
                       absl::Status (*command)(const NumberOptions&, bool)) {
    const auto options = std::make_shared<NumberOptions>();
    CLI::App* added = numbers->add_subcommand(name, help);
    added->footer(std::string("Example:\n  trunkctl tracking numbers ") + example);
    options->tracking.AddTo(*added);
    added->callback([&context, options, command] {
      context.run = [&context, options, command] { return command(*options, context.json); };
    });
    return std::pair(added, options);
  };
  const auto [list, list_options] = add("list", "the numbers", "list --all", List);
  list->add_option("--account", list_options->account, "only of this account");
  list->add_flag("--all", list_options->all, "released ones too");
  list->add_option("--after", list_options->after, "go on after this: the token of the page before");
  list->add_option("--page-size", list_options->page_size, "how many")->capture_default_str();
  const auto [order, order_options] =
      add("order", "buys a number, once", "order ACCOUNT --campaign=CA1 --publisher=PB1 --area-code=312", Order);
  order->add_option("account", order_options->account, "the provider account")->required();
  AddWish(order, order_options);
  const auto [get, get_options] = add("get-order", "how far an order is", "get-order REQUEST_ID", GetOrder);
  get->add_option("request-id", get_options->request_id, "the order")->required();
  const auto [settle, settle_options] =
      add("settle", "tells which number an order gave", "settle REQUEST_ID +18885550164", Settle);
  settle->add_option("request-id", settle_options->request_id, "the order")->required();
  settle->add_option("number", settle_options->number, "one of its candidates; none when not given");
  const auto [release, release_options] =
      add("release", "gives a number back", "release ACCOUNT +18885550164", Release);
  release->add_option("account", release_options->account, "the provider account")->required();
  release->add_option("number", release_options->number, "E.164")->required();
  release->add_flag("--force", release_options->force, "even if a call came in on it lately");
  const auto [reconcile, reconcile_options] =
      add("reconcile", "reads the platform's list now", "reconcile ACCOUNT", Reconcile);
  reconcile->add_option("account", reconcile_options->account, "the provider account")->required();
}

}  // namespace trunkline::trunkctl
