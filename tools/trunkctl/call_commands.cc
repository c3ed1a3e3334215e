#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/rpc/grpc_status.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/gateway_client.h"
#include "tools/trunkctl/output.h"
#include "trunkline/control/v1/call_control_service.grpc.pb.h"

namespace trunkline::trunkctl {
namespace {

using control::v1::CallControlService;

constexpr absl::Duration kTimeout = absl::Seconds(30);

struct CallOptions {
  GatewayOptions gateway;
  std::string call_id;
  std::string to;
  std::string from;
  std::string say = "Hello from Trunkline. This call works.";
  std::string request_id;
  bool wait = false;
  int limit_seconds = 60;
  int page_size = 20;
  bool attended = false;
  std::string digits;
};

void Print(const control::v1::Call& call, bool json) { json ? PrintJson(call) : PrintLine(Summary(call)); }

// The events of the calls that the watch is for, until `wanted` returns false.
absl::Status FollowEvents(grpc::ClientReader<control::v1::WatchCallsResponse>& reader,
                          const std::function<bool(const control::v1::WatchCallsResponse&)>& wanted) {
  control::v1::WatchCallsResponse update;
  while (reader.Read(&update)) {
    if (!wanted(update)) return absl::OkStatus();
  }
  return rpc::FromGrpc(reader.Finish());
}

absl::StatusOr<control::v1::Call> Get(CallControlService::Stub& stub, const CallOptions& options,
                                      const std::string& call_id) {
  control::v1::GetCallRequest request;
  request.set_call_id(call_id);
  control::v1::GetCallResponse response;
  grpc::ClientContext context;
  options.gateway.Prepare(&context, kTimeout);
  TL_RETURN_IF_ERROR(rpc::FromGrpc(stub.GetCall(&context, request, &response)));
  return response.call();
}

// Watches before it places the call, so that no event of it is missed.
absl::Status PlaceCall(const CallOptions& options, bool json) {
  const auto stub = CallControlService::NewStub(options.gateway.Connect());
  grpc::ClientContext watch_context;
  options.gateway.Prepare(&watch_context, absl::Seconds(options.limit_seconds));
  watch_context.set_wait_for_ready(true);
  std::unique_ptr<grpc::ClientReader<control::v1::WatchCallsResponse>> watch;
  if (options.wait) {
    watch = stub->WatchCalls(&watch_context, {});
    TL_RETURN_IF_ERROR(FollowEvents(*watch, [](const auto& update) { return !update.has_started(); }));
  }

  control::v1::InitiateCallRequest request;
  request.set_request_id(options.request_id.empty() ? NewUuid(absl::Now()) : options.request_id);
  request.set_to(options.to);
  request.set_from(options.from);
  request.mutable_plan()->add_verbs()->mutable_say()->set_text(options.say);
  request.mutable_plan()->add_verbs()->mutable_hangup();
  control::v1::InitiateCallResponse response;
  grpc::ClientContext context;
  options.gateway.Prepare(&context, kTimeout);
  context.set_wait_for_ready(true);
  TL_RETURN_IF_ERROR(rpc::FromGrpc(stub->InitiateCall(&context, request, &response)));
  const std::string call_id = response.call().record().call_id();
  if (!options.wait || telephony::IsEnded(response.call().record().status())) {
    Print(response.call(), json);
    return absl::OkStatus();
  }

  const absl::Status followed = FollowEvents(*watch, [&](const control::v1::WatchCallsResponse& update) {
    const events::v1::CallEvent& event = update.event();
    if (event.call_id() != call_id) return true;
    if (!json) PrintLine(Concat(call_id, "  ", telephony::NameOf(event.type())));
    return !telephony::IsEnded(event.status());
  });
  watch_context.TryCancel();
  TL_RETURN_IF_ERROR(Annotate(followed, "waiting for the end of the call"));
  TL_ASSIGN_OR_RETURN(const control::v1::Call call, Get(*stub, options, call_id));
  Print(call, json);
  return absl::OkStatus();
}

absl::Status GetCall(const CallOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const control::v1::Call call,
                      Get(*CallControlService::NewStub(options.gateway.Connect()), options, options.call_id));
  Print(call, json);
  return absl::OkStatus();
}

absl::Status ListCalls(const CallOptions& options, bool json) {
  const auto stub = CallControlService::NewStub(options.gateway.Connect());
  control::v1::ListCallsRequest request;
  request.set_page_size(options.page_size);
  control::v1::ListCallsResponse response;
  grpc::ClientContext context;
  options.gateway.Prepare(&context, kTimeout);
  TL_RETURN_IF_ERROR(rpc::FromGrpc(stub->ListCalls(&context, request, &response)));
  if (json) {
    PrintJson(response);
  } else {
    for (const control::v1::Call& call : response.calls()) PrintLine(Summary(call));
  }
  return absl::OkStatus();
}

// A request about one call, whose answer is the call. `fill` sets what the request has beside the call's id.
template <typename Request, typename Response>
absl::Status Control(
    const CallOptions& options, bool json,
    grpc::Status (CallControlService::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
    const std::function<void(Request&)>& fill = [](Request&) {}) {
  const auto stub = CallControlService::NewStub(options.gateway.Connect());
  Request request;
  request.set_call_id(options.call_id);
  fill(request);
  Response response;
  grpc::ClientContext context;
  options.gateway.Prepare(&context, kTimeout);
  TL_RETURN_IF_ERROR(rpc::FromGrpc((stub.get()->*method)(&context, request, &response)));
  Print(response.call(), json);
  return absl::OkStatus();
}

absl::Status EndCall(const CallOptions& options, bool json) {
  return Control(options, json, &CallControlService::Stub::EndCall);
}

absl::Status SyncCall(const CallOptions& options, bool json) {
  return Control(options, json, &CallControlService::Stub::SyncCall);
}

absl::Status HoldCall(const CallOptions& options, bool json) {
  return Control(options, json, &CallControlService::Stub::HoldCall);
}

absl::Status ResumeCall(const CallOptions& options, bool json) {
  return Control(options, json, &CallControlService::Stub::ResumeCall);
}

absl::Status TransferCall(const CallOptions& options, bool json) {
  return Control<control::v1::TransferCallRequest, control::v1::TransferCallResponse>(
      options, json, &CallControlService::Stub::TransferCall, [&](control::v1::TransferCallRequest& request) {
        request.set_target(options.to);
        request.set_attended(options.attended);
      });
}

absl::Status SendDigits(const CallOptions& options, bool json) {
  return Control<control::v1::SendDigitsRequest, control::v1::SendDigitsResponse>(
      options, json, &CallControlService::Stub::SendDigits,
      [&](control::v1::SendDigitsRequest& request) { request.set_digits(options.digits); });
}

absl::Status ShowTimeline(const CallOptions& options, bool json) {
  const auto stub = CallControlService::NewStub(options.gateway.Connect());
  control::v1::GetCallTimelineRequest request;
  request.set_call_id(options.call_id);
  control::v1::GetCallTimelineResponse response;
  grpc::ClientContext context;
  options.gateway.Prepare(&context, kTimeout);
  TL_RETURN_IF_ERROR(rpc::FromGrpc(stub->GetCallTimeline(&context, request, &response)));
  if (json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  for (const control::v1::TimelineEntry& entry : response.entries()) {
    const absl::Time at = telephony::FromProto(entry.at());
    PrintLine(Concat(absl::FormatTime("%Y-%m-%d %H:%M:%E3S", at, absl::UTCTimeZone()), "  ", entry.summary()));
    const std::map<std::string, std::string> details(entry.details().begin(), entry.details().end());
    for (const auto& [name, value] : details) PrintLine(Concat("                           ", name, ": ", value));
  }
  return absl::OkStatus();
}

absl::Status WatchCalls(const CallOptions& options, bool json) {
  const auto stub = CallControlService::NewStub(options.gateway.Connect());
  control::v1::WatchCallsRequest request;
  if (!options.call_id.empty()) request.add_call_ids(options.call_id);
  grpc::ClientContext context;
  options.gateway.Prepare(&context, absl::InfiniteDuration());
  const auto reader = stub->WatchCalls(&context, request);
  return FollowEvents(*reader, [json](const control::v1::WatchCallsResponse& update) {
    if (json) {
      PrintJson(update);
    } else if (update.has_event()) {
      control::v1::Call call;
      *call.mutable_record() = update.event().call();
      PrintLine(Concat(telephony::NameOf(update.event().type()), "  ", Summary(call)));
    }
    return true;
  });
}

}  // namespace

void AddCallCommands(CLI::App& app, Context& context) {
  CLI::App* call = app.add_subcommand("call", "calls")->require_subcommand(1);
  // CallOptions of its own for each command: CLI11 also reads the environment for those that were not chosen.
  const auto add = [&](const char* name, const char* help, const char* example,
                       absl::Status (*command)(const CallOptions&, bool),
                       const std::function<void(CLI::App&, CallOptions&)>& add_more) {
    const auto options = std::make_shared<CallOptions>();
    CLI::App* added = call->add_subcommand(name, help);
    added->footer(std::string("Example:\n  ") + example);
    options->gateway.AddTo(*added);
    add_more(*added, *options);
    added->callback([&context, options, command] {
      context.run = [&context, options, command] { return command(*options, context.json); };
    });
  };
  add("place", "place a call", "trunkctl call place --to=+15550100002 --wait", PlaceCall,
      [](CLI::App& place, CallOptions& options) {
        place.add_option("--to", options.to, "called number, E.164")->required();
        place.add_option("--from", options.from, "number to show; the account's default when not given");
        place.add_option("--say", options.say, "what is said when the call is answered")->capture_default_str();
        place.add_option("--request-id", options.request_id, "UUID; the same one places no second call");
        place.add_flag("--wait", options.wait, "follow the call to its end");
        place.add_option("--limit", options.limit_seconds, "longest wait, in seconds")->capture_default_str();
      });
  add("get", "show a call", "trunkctl call get 0190b2c3-0000-7000-8000-000000000001 --json", GetCall,
      [](CLI::App& get, CallOptions& options) { get.add_option("call_id", options.call_id, "the call")->required(); });
  add("list", "list calls, newest first", "trunkctl call list --page-size=50", ListCalls,
      [](CLI::App& list, CallOptions& options) {
        list.add_option("--page-size", options.page_size, "how many")->capture_default_str();
      });
  add("watch", "follow calls live", "trunkctl call watch", WatchCalls,
      [](CLI::App& watch, CallOptions& options) { watch.add_option("call_id", options.call_id, "only this call"); });
  const auto only_the_call = [](CLI::App& command, CallOptions& options) {
    command.add_option("call_id", options.call_id, "the call")->required();
  };
  add("timeline", "show everything that is known of a call, in order",
      "trunkctl call timeline 0190b2c3-0000-7000-8000-000000000001", ShowTimeline, only_the_call);
  add("sync", "ask the provider for the call's state", "trunkctl call sync 0190b2c3-0000-7000-8000-000000000001",
      SyncCall, only_the_call);
  add("hold", "put a call on hold", "trunkctl call hold 0190b2c3-0000-7000-8000-000000000001", HoldCall, only_the_call);
  add("resume", "take a call back from hold", "trunkctl call resume 0190b2c3-0000-7000-8000-000000000001", ResumeCall,
      only_the_call);
  add("transfer", "connect a call to somebody else",
      "trunkctl call transfer 0190b2c3-0000-7000-8000-000000000001 --to=+15550100003", TransferCall,
      [&](CLI::App& transfer, CallOptions& options) {
        only_the_call(transfer, options);
        transfer.add_option("--to", options.to, "number, sip: address or extension")->required();
        transfer.add_flag("--attended", options.attended, "talk to them first");
      });
  add("digits", "send keys", "trunkctl call digits 0190b2c3-0000-7000-8000-000000000001 12w34#", SendDigits,
      [&](CLI::App& digits, CallOptions& options) {
        only_the_call(digits, options);
        digits.add_option("digits", options.digits, "0-9 * # A-D, w for half a second")->required();
      });
  add("end", "end a call", "trunkctl call end 0190b2c3-0000-7000-8000-000000000001", EndCall, only_the_call);
}

}  // namespace trunkline::trunkctl
