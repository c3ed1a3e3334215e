// Asks the governor, and finds the replica that decides.
//
//   GovernorClient governor({.addresses = {"governor-0:7080", "governor-1:7080"}, .service_token = token});
//   absl::StatusOr<AcquireSlotsResponse> slots = governor.AcquireSlots(request);
//
// Every method of the governor may be repeated, so the client asks again by itself: at the leader when another replica
// names it, and at the next address when one is away, until `patience` is over. Errors are the service's own, with
// their details (see governor_service.proto). Thread-safe; all but AcquireSlotsLater() block.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "trunkline/governor/v1/governor_service.grpc.pb.h"

namespace trunkline::governor {

// The leader's address, of an error NOT_LEADER; empty when it names none.
std::string LeaderOf(const absl::Status& status);

class GovernorClient {
 public:
  struct Options {
    std::vector<std::string> addresses;  // of replicas; not empty
    std::string service_token;
    absl::Duration try_limit = absl::Seconds(2);  // for one answer, beyond the time that a slot may be waited for
    absl::Duration patience = absl::Seconds(10);  // for finding a leader
  };

  explicit GovernorClient(Options options);
  // Cancels the questions whose answers come later, and waits for them.
  ~GovernorClient();

  absl::StatusOr<v1::AcquireSlotsResponse> AcquireSlots(const v1::AcquireSlotsRequest& request);
  // The same without a thread that waits. It is asked again at once where another replica names the leader; whatever
  // else fails for now is told, and the next question goes to another replica. `done` is called once, on a thread of
  // gRPC's, where it must not block.
  using Acquired = std::function<void(absl::StatusOr<v1::AcquireSlotsResponse>)>;
  void AcquireSlotsLater(v1::AcquireSlotsRequest request, Acquired done);
  absl::StatusOr<v1::BindSlotResponse> BindSlot(const v1::BindSlotRequest& request);
  absl::StatusOr<v1::RenewSlotsResponse> RenewSlots(const v1::RenewSlotsRequest& request);
  absl::StatusOr<v1::ReleaseSlotResponse> ReleaseSlot(const v1::ReleaseSlotRequest& request);
  absl::StatusOr<v1::ReleaseSlotsResponse> ReleaseSlots(const v1::ReleaseSlotsRequest& request);
  absl::StatusOr<v1::GetUsageResponse> GetUsage(const v1::GetUsageRequest& request);
  absl::StatusOr<v1::SetLimitsResponse> SetLimits(const v1::SetLimitsRequest& request);
  absl::StatusOr<v1::GetLimitsResponse> GetLimits(const v1::GetLimitsRequest& request);
  absl::StatusOr<v1::ExplainResponse> Explain(const v1::ExplainRequest& request);
  absl::StatusOr<v1::NoteRefusalResponse> NoteRefusal(const v1::NoteRefusalRequest& request);
  // Tells `told` what is in use, at once and after changes, until it returns false; goes on at the next leader when one
  // is gone. An error when no leader was found for `patience`.
  absl::Status WatchUsage(const v1::WatchUsageRequest& request,
                          const std::function<bool(const v1::WatchUsageResponse& response)>& told);

 private:
  using Stub = v1::GovernorService::Stub;
  template <typename Request, typename Response>
  using Method = grpc::Status (Stub::*)(grpc::ClientContext*, const Request&, Response*);

  // `wait` is what the service may take on purpose.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(Method<Request, Response> method, const Request& request,
                               absl::Duration wait = absl::ZeroDuration());
  struct LateQuestion;
  void AskLate(const std::shared_ptr<LateQuestion>& question);
  void EndLate(const std::shared_ptr<LateQuestion>& question);
  Stub& StubOf(const std::string& address);
  std::string Leader();
  // What an error tells of where to ask next; `asked` is who gave it.
  void Follow(const absl::Status& status, const std::string& asked);

  const Options options_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Stub>> stubs_;
  std::string leader_;
  size_t next_ = 0;
  bool ending_ = false;
  std::set<std::shared_ptr<LateQuestion>> late_;
  std::condition_variable late_ended_;
};

}  // namespace trunkline::governor
