#include "services/gateway/calls/call_watch.h"

#include <memory>
#include <utility>

#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"
#include "libs/rpc/method.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

using control::v1::WatchCallsRequest;
using control::v1::WatchCallsResponse;

constexpr int kMostCalls = 1'000;
constexpr size_t kLongestCampaign = 128;

// The hub's view of a stream.
class StreamWatcher final : public CallWatcher {
 public:
  void Attach(const std::shared_ptr<CallWatch::Stream>& stream) { stream_ = stream; }
  void Offer(const Update& update) override {
    const auto stream = stream_.lock();
    if (stream != nullptr) stream->Offer(std::shared_ptr<const WatchCallsResponse>(update, &update->message()));
  }
  void End(const absl::Status& status) override {
    if (const auto stream = stream_.lock()) stream->End(status);
  }

 private:
  std::weak_ptr<CallWatch::Stream> stream_;
};

}  // namespace

absl::StatusOr<WatchFilter> FilterOf(const std::string& business_id, const WatchCallsRequest& request) {
  FieldChecks checks;
  checks.Require(request.call_ids_size() <= kMostCalls, "call_ids", Concat("must be at most ", kMostCalls));
  for (int i = 0; i < request.call_ids_size() && i < kMostCalls; ++i) {
    checks.RequireUuid(request.call_ids(i), Concat("call_ids[", i, "]"));
  }
  checks.RequireText(request.campaign_id(), kLongestCampaign, "campaign_id");
  for (int i = 0; i < request.types_size(); ++i) {
    checks.Require(events::v1::CallEventType_IsValid(request.types(i)) && request.types(i) != 0,
                   Concat("types[", i, "]"), "must be a type of event");
  }
  TL_RETURN_IF_ERROR(checks.Finish());
  return WatchFilter{.business_id = business_id,
                     .call_ids = {request.call_ids().begin(), request.call_ids().end()},
                     .campaign_id = request.campaign_id(),
                     .types = {request.types().begin(), request.types().end()}};
}

absl::Status CheckFollowed(const absl::Status& source) {
  if (source.ok()) return source;
  return WithRetryAfter(Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE,
                              "call events cannot be followed now; watch again"),
                        absl::Seconds(1));
}

absl::StatusOr<WatchFilter> CallWatch::Check(const std::string& key, const WatchCallsRequest& request) {
  TL_ASSIGN_OR_RETURN(const rpc::Caller caller, parts_.authenticator.Authenticate(key));
  TL_ASSIGN_OR_RETURN(WatchFilter filter, FilterOf(caller.business_id, request));
  TL_RETURN_IF_ERROR(CheckFollowed(parts_.source()));
  return filter;
}

CallWatch::Stream* CallWatch::Start(const std::string& key, const WatchCallsRequest& request) {
  const auto watcher = std::make_shared<StreamWatcher>();
  const auto stream = Stream::Make({.most_waiting = parts_.queue, .on_full = rpc::StreamFull::kEnd},
                                   [this, watcher](Stream*, const absl::Status& end) {
                                     if (ReasonOf(end) == Reason::REASON_WATCHER_TOO_SLOW) {
                                       parts_.metrics.CountSlowWatcher();
                                     }
                                     parts_.hub.Unregister(watcher);
                                   });
  watcher->Attach(stream);
  const bool added = parts_.work.Add([this, stream, watcher, key, request] {
    const TraceScope trace(ChildOf({}));
    absl::StatusOr<WatchFilter> filter = Check(key, request);
    if (!filter.ok()) return stream->End(rpc::ForClient("CallControlService/WatchCalls", filter.status()));
    auto started = std::make_shared<WatchCallsResponse>();
    *started->mutable_started()->mutable_started_at() = telephony::ToProto(parts_.clock.Now());
    // It is the first to wait, and nothing is written before the watcher is registered.
    stream->Offer(std::move(started));
    if (const absl::Status status = parts_.hub.Register(watcher, *filter); !status.ok()) return stream->End(status);
    stream->Open();
    // The client may have left before the watcher was registered, with nobody there to remove it again.
    if (stream->HasEnded()) parts_.hub.Unregister(watcher);
  });
  if (!added) {
    stream->End(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
                      "too many watches begin at this moment; try again"));
  }
  return stream.get();
}

}  // namespace trunkline::gateway
