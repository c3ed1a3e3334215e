#include "tests/bench/load/grpc_slots.h"

#include <grpcpp/grpcpp.h>

#include <deque>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "trunkline/governor/v1/governor_service.grpc.pb.h"

namespace trunkline::bench {
namespace {

using governor::v1::GovernorService;
using std::chrono::duration_cast;
using std::chrono::microseconds;

using SlotIds = std::vector<std::string>;

constexpr absl::Duration kPatience = absl::Seconds(20);

// Acquires and releases in turns.
class Client {
 public:
  Client(const SlotLoadSettings& settings, int number, GovernorService::Stub& stub, SlotTally& tally,
         std::latch& finished)
      : settings_(settings),
        stub_(stub),
        tally_(tally),
        finished_(finished),
        business_(BusinessOf(settings, number)),
        run_(NewUuid(absl::Now())) {}

  void Acquire() {
    if (tally_.IsOver()) return kept_.empty() ? finished_.count_down() : GiveBack(std::exchange(kept_, {}));
    wishes_.Clear();
    for (int i = 0; i < settings_.batch; ++i) {
      governor::v1::SlotRequest* slot = wishes_.add_slots();
      slot->set_request_id(Concat(run_, "/", ++requests_));
      slot->mutable_subject()->set_business_id(business_);
    }
    Prepare();
    began_ = SteadyClock::now();
    stub_.async()->AcquireSlots(&*context_, &wishes_, &granted_,
                                [this](const grpc::Status& status) { OnAcquired(status); });
  }

 private:
  void Prepare() {
    context_.emplace();
    context_->AddMetadata("authorization", Concat("Bearer ", settings_.service_token));
    context_->set_deadline(absl::ToChronoTime(absl::Now() + kPatience));
  }

  void OnAcquired(const grpc::Status& status) {
    const auto took = duration_cast<microseconds>(SteadyClock::now() - began_);
    SlotIds granted;
    if (status.ok()) {
      for (const governor::v1::SlotResult& result : granted_.results()) {
        if (result.has_slot()) granted.push_back(result.slot().slot_id());
      }
    } else if (status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) {
      tally_.NoteError(status.error_message());
      return finished_.count_down();
    }
    const auto slots = static_cast<int64_t>(granted.size());
    tally_.NoteAcquired(slots, settings_.batch - slots, took);
    if (settings_.keep) std::swap(granted, kept_);
    GiveBack(granted);
  }

  void GiveBack(const SlotIds& slot_ids) {
    if (slot_ids.empty()) return Acquire();
    given_back_.Clear();
    for (const std::string& slot_id : slot_ids) {
      governor::v1::SlotReference* reference = given_back_.add_slots();
      reference->set_business_id(business_);
      reference->set_slot_id(slot_id);
    }
    const int slots = given_back_.slots_size();
    tally_.NoteReleasing(slots);
    Prepare();
    const auto released = [this, slots](const grpc::Status& done) { OnReleased(done, slots); };
    if (settings_.batch > 1) return stub_.async()->ReleaseSlots(&*context_, &given_back_, &all_released_, released);
    *one_given_back_.mutable_slot() = given_back_.slots(0);
    stub_.async()->ReleaseSlot(&*context_, &one_given_back_, &one_released_, released);
  }

  void OnReleased(const grpc::Status& status, int slots) {
    if (!status.ok()) {
      tally_.NoteError(status.error_message());
      return finished_.count_down();
    }
    tally_.NoteReleased(slots);
    Acquire();
  }

  const SlotLoadSettings& settings_;
  GovernorService::Stub& stub_;
  SlotTally& tally_;
  std::latch& finished_;
  const std::string business_;
  const std::string run_;
  int64_t requests_ = 0;
  SlotIds kept_;
  std::optional<grpc::ClientContext> context_;
  SteadyClock::time_point began_;
  governor::v1::AcquireSlotsRequest wishes_;
  governor::v1::AcquireSlotsResponse granted_;
  governor::v1::ReleaseSlotsRequest given_back_;
  governor::v1::ReleaseSlotsResponse all_released_;
  governor::v1::ReleaseSlotRequest one_given_back_;
  governor::v1::ReleaseSlotResponse one_released_;
};

}  // namespace

void AskOverGrpc(const SlotLoadSettings& settings, SlotTally& tally) {
  std::vector<std::unique_ptr<GovernorService::Stub>> stubs;
  for (int i = 0; i < settings.connections; ++i) {
    grpc::ChannelArguments arguments;
    // Else channels to the same address would share one connection.
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stubs.push_back(GovernorService::NewStub(
        grpc::CreateCustomChannel(settings.address, grpc::InsecureChannelCredentials(), arguments)));
  }
  std::latch finished(settings.clients);
  std::deque<Client> clients;
  for (int i = 0; i < settings.clients; ++i) {
    clients.emplace_back(settings, i, *stubs[static_cast<size_t>(i) % stubs.size()], tally, finished);
  }
  for (Client& client : clients) client.Acquire();
  finished.wait();
}

}  // namespace trunkline::bench
