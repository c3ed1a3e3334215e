// bench-slot-echo: a GovernorService that decides nothing. It answers at once, with slots of the same size, from the
// same server as the governor's and through the same kind of methods: what gRPC leaves to anybody who has work to do.
#include <iostream>

#include "libs/base/config.h"
#include "libs/base/log.h"
#include "libs/base/shutdown.h"
#include "libs/rpc/server.h"
#include "trunkline/governor/v1/governor_service.grpc.pb.h"

namespace trunkline::bench {
namespace {

using governor::v1::GovernorService;

constexpr char kSlotId[] = "0190b0a0-0000-7000-8000-00000000eeee";

class SlotEcho final
    : public GovernorService::WithCallbackMethod_AcquireSlots<GovernorService::WithCallbackMethod_ReleaseSlot<
          GovernorService::WithCallbackMethod_ReleaseSlots<GovernorService::Service>>> {
 public:
  grpc::ServerUnaryReactor* AcquireSlots(grpc::CallbackServerContext* context,
                                         const governor::v1::AcquireSlotsRequest* request,
                                         governor::v1::AcquireSlotsResponse* response) override {
    for (const governor::v1::SlotRequest& wish : request->slots()) {
      governor::v1::Slot* slot = response->add_results()->mutable_slot();
      Fill(slot);
      slot->set_request_id(wish.request_id());
      *slot->mutable_subject() = wish.subject();
    }
    return Answer(context);
  }
  grpc::ServerUnaryReactor* ReleaseSlot(grpc::CallbackServerContext* context,
                                        const governor::v1::ReleaseSlotRequest* request,
                                        governor::v1::ReleaseSlotResponse* response) override {
    Release(request->slot(), response->mutable_slot());
    return Answer(context);
  }
  grpc::ServerUnaryReactor* ReleaseSlots(grpc::CallbackServerContext* context,
                                         const governor::v1::ReleaseSlotsRequest* request,
                                         governor::v1::ReleaseSlotsResponse* response) override {
    for (const governor::v1::SlotReference& reference : request->slots()) Release(reference, response->add_slots());
    return Answer(context);
  }

 private:
  static grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  static void Fill(governor::v1::Slot* slot) {
    slot->set_slot_id(kSlotId);
    slot->set_fencing_token(int64_t{1} << 33);
    slot->set_kind(governor::v1::SLOT_KIND_ORDINARY);
    slot->mutable_granted_at()->set_seconds(1'800'000'000);
    slot->mutable_expires_at()->set_seconds(1'800'000'030);
  }
  static void Release(const governor::v1::SlotReference& reference, governor::v1::Slot* slot) {
    Fill(slot);
    slot->set_request_id(reference.slot_id());
    slot->mutable_subject()->set_business_id(reference.business_id());
    slot->mutable_released_at()->set_seconds(1'800'000'001);
    slot->set_release_reason(governor::v1::RELEASE_REASON_RETURNED);
  }
};

int Main(int argc, char** argv) {
  StopSignals signals;
  StartLog("bench-slot-echo", LogLevel::kError);
  ConfigReader reader("bench-slot-echo", "answers the governor's requests and decides nothing", argc, argv);
  const auto port = static_cast<uint16_t>(reader.Int("grpc-port", std::nullopt, 1, 65'535, "on loopback"));
  reader.Finish();
  SlotEcho echo;
  const auto server = rpc::Server::Start({.port = port}, {&echo});
  if (!server.ok()) {
    LogError("cannot start", {{"error", server.status()}});
    return 1;
  }
  (*server)->SetReady(true);
  signals.Wait();
  return 0;
}

}  // namespace
}  // namespace trunkline::bench

int main(int argc, char** argv) { return trunkline::bench::Main(argc, argv); }
