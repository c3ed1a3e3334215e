// Requests and responses of a callback method on an arena of their call: a message of many parts costs a few
// allocations then, and goes at once. For methods whose messages are large, or that are called very often.
//
//   class Handler : public WithCallbackMethod_AcquireSlots<Service> {
//     Handler() { SetMessageAllocatorFor_AcquireSlots(&messages_); }
//     rpc::ArenaMessages<AcquireSlotsRequest, AcquireSlotsResponse> messages_;   // outlives the server
//   };
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/support/message_allocator.h>

#include <memory>

namespace trunkline::rpc {

template <typename Request, typename Response>
class ArenaMessages final : public grpc::MessageAllocator<Request, Response> {
 public:
  grpc::MessageHolder<Request, Response>* AllocateMessages() override { return std::make_unique<Messages>().release(); }

 private:
  class Messages final : public grpc::MessageHolder<Request, Response> {
   public:
    Messages() {
      this->set_request(google::protobuf::Arena::CreateMessage<Request>(&arena_));
      this->set_response(google::protobuf::Arena::CreateMessage<Response>(&arena_));
    }
    // gRPC hands them back so.
    void Release() override { const std::unique_ptr<Messages> ended(this); }

   private:
    static google::protobuf::ArenaOptions Options() {
      google::protobuf::ArenaOptions options;
      options.start_block_size = 1'024;
      options.max_block_size = 65'536;
      return options;
    }
    google::protobuf::Arena arena_{Options()};
  };
};

}  // namespace trunkline::rpc
