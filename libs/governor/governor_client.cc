#include "libs/governor/governor_client.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "libs/base/backoff.h"
#include "libs/base/status.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"

namespace trunkline::governor {
namespace {

constexpr absl::string_view kErrorInfoUrl = "type.googleapis.com/google.rpc.ErrorInfo";

constexpr int kLateTries = 3;

absl::Duration WaitOf(const v1::AcquireSlotsRequest& request) {
  return absl::Seconds(request.wait().seconds()) + absl::Nanoseconds(request.wait().nanos());
}

// Another replica, or the same one later, may answer otherwise.
bool MayBeAskedAgain(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kDeadlineExceeded ||
         ReasonOf(status) == Reason::REASON_NOT_LEADER;
}

}  // namespace

std::string LeaderOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kErrorInfoUrl);
  google::rpc::ErrorInfo info;
  if (!payload.has_value() || !info.ParseFromString(std::string(*payload))) return {};
  const auto leader = info.metadata().find("leader");
  return leader == info.metadata().end() ? std::string() : leader->second;
}

GovernorClient::GovernorClient(Options options) : options_(std::move(options)) { leader_ = options_.addresses.front(); }

struct GovernorClient::LateQuestion {
  v1::AcquireSlotsRequest request;
  absl::Duration limit;
  Acquired done;
  int tries = 0;
  std::string address;
  std::unique_ptr<grpc::ClientContext> context;
  v1::AcquireSlotsResponse response;
};

GovernorClient::~GovernorClient() {
  std::unique_lock lock(mutex_);
  ending_ = true;
  for (const auto& question : late_) {
    if (question->context != nullptr) question->context->TryCancel();
  }
  late_ended_.wait(lock, [this] { return late_.empty(); });
}

void GovernorClient::AcquireSlotsLater(v1::AcquireSlotsRequest request, Acquired done) {
  auto question = std::make_shared<LateQuestion>();
  question->limit = WaitOf(request) + options_.try_limit;
  question->request = std::move(request);
  question->done = std::move(done);
  AskLate(question);
}

void GovernorClient::AskLate(const std::shared_ptr<LateQuestion>& question) {
  ++question->tries;
  question->address = Leader();
  Stub& stub = StubOf(question->address);
  {
    const std::lock_guard lock(mutex_);
    question->context = std::make_unique<grpc::ClientContext>();
    if (ending_) question->context->TryCancel();
    late_.insert(question);
  }
  rpc::Prepare(question->context.get(), question->limit, options_.service_token);
  stub.async()->AcquireSlots(question->context.get(), &question->request, &question->response,
                             [this, question](const grpc::Status& answer) {
                               const absl::Status status = rpc::FromGrpc(answer);
                               if (!status.ok() && MayBeAskedAgain(status)) {
                                 Follow(status, question->address);
                                 if (!LeaderOf(status).empty() && question->tries < kLateTries)
                                   return AskLate(question);
                               }
                               if (status.ok()) {
                                 question->done(std::move(question->response));
                               } else {
                                 question->done(status);
                               }
                               EndLate(question);
                             });
}

void GovernorClient::EndLate(const std::shared_ptr<LateQuestion>& question) {
  const std::lock_guard lock(mutex_);
  late_.erase(question);
  late_ended_.notify_all();
}

GovernorClient::Stub& GovernorClient::StubOf(const std::string& address) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Stub>& stub = stubs_[address];
  if (stub == nullptr) stub = v1::GovernorService::NewStub(rpc::MakeChannel(address));
  return *stub;
}

std::string GovernorClient::Leader() {
  const std::lock_guard lock(mutex_);
  return leader_;
}

void GovernorClient::Follow(const absl::Status& status, const std::string& asked) {
  const std::string named = LeaderOf(status);
  const std::lock_guard lock(mutex_);
  if (leader_ != asked) return;  // another thread knows better
  leader_ = named.empty() ? options_.addresses[++next_ % options_.addresses.size()] : named;
}

template <typename Request, typename Response>
absl::StatusOr<Response> GovernorClient::Ask(Method<Request, Response> method, const Request& request,
                                             absl::Duration wait) {
  Backoff backoff(absl::Milliseconds(20), absl::Milliseconds(500));
  const absl::Time give_up = absl::Now() + options_.patience;
  while (true) {
    const std::string address = Leader();
    grpc::ClientContext context;
    rpc::Prepare(&context, wait + options_.try_limit, options_.service_token);
    Response response;
    absl::Status status = rpc::FromGrpc((StubOf(address).*method)(&context, request, &response));
    if (status.ok()) return response;
    if (!MayBeAskedAgain(status) || absl::Now() >= give_up) return status;
    Follow(status, address);
    absl::SleepFor(std::min(backoff.Next(), give_up - absl::Now()));
  }
}

absl::StatusOr<v1::AcquireSlotsResponse> GovernorClient::AcquireSlots(const v1::AcquireSlotsRequest& request) {
  return Ask(&Stub::AcquireSlots, request, WaitOf(request));
}
absl::StatusOr<v1::BindSlotResponse> GovernorClient::BindSlot(const v1::BindSlotRequest& request) {
  return Ask(&Stub::BindSlot, request);
}
absl::StatusOr<v1::RenewSlotsResponse> GovernorClient::RenewSlots(const v1::RenewSlotsRequest& request) {
  return Ask(&Stub::RenewSlots, request);
}
absl::StatusOr<v1::ReleaseSlotResponse> GovernorClient::ReleaseSlot(const v1::ReleaseSlotRequest& request) {
  return Ask(&Stub::ReleaseSlot, request);
}
absl::StatusOr<v1::ReleaseSlotsResponse> GovernorClient::ReleaseSlots(const v1::ReleaseSlotsRequest& request) {
  return Ask(&Stub::ReleaseSlots, request);
}
absl::StatusOr<v1::GetUsageResponse> GovernorClient::GetUsage(const v1::GetUsageRequest& request) {
  return Ask(&Stub::GetUsage, request);
}
absl::StatusOr<v1::SetLimitsResponse> GovernorClient::SetLimits(const v1::SetLimitsRequest& request) {
  return Ask(&Stub::SetLimits, request);
}
absl::StatusOr<v1::GetLimitsResponse> GovernorClient::GetLimits(const v1::GetLimitsRequest& request) {
  return Ask(&Stub::GetLimits, request);
}
absl::StatusOr<v1::ExplainResponse> GovernorClient::Explain(const v1::ExplainRequest& request) {
  return Ask(&Stub::Explain, request);
}
absl::StatusOr<v1::NoteRefusalResponse> GovernorClient::NoteRefusal(const v1::NoteRefusalRequest& request) {
  return Ask(&Stub::NoteRefusal, request);
}

absl::Status GovernorClient::WatchUsage(const v1::WatchUsageRequest& request,
                                        const std::function<bool(const v1::WatchUsageResponse&)>& told) {
  absl::Time give_up = absl::Now() + options_.patience;
  Backoff backoff(absl::Milliseconds(20), absl::Milliseconds(500));
  while (true) {
    const std::string address = Leader();
    grpc::ClientContext context;
    rpc::Prepare(&context, absl::InfiniteDuration(), options_.service_token);
    const auto stream = StubOf(address).WatchUsage(&context, request);
    v1::WatchUsageResponse response;
    while (stream->Read(&response)) {
      give_up = absl::Now() + options_.patience;
      backoff.Reset();
      if (!told(response)) {
        context.TryCancel();
        stream->Finish();
        return absl::OkStatus();
      }
    }
    const absl::Status status = rpc::FromGrpc(stream->Finish());
    // An orderly end is a replica's that stops.
    if ((!status.ok() && !MayBeAskedAgain(status)) || absl::Now() >= give_up) return status;
    Follow(status, address);
    absl::SleepFor(std::min(backoff.Next(), give_up - absl::Now()));
  }
}

}  // namespace trunkline::governor
