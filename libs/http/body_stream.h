// The body of an answer that comes piece by piece, from a thread that may block: what the client has not taken yet is
// bounded, however large the body is.
//
//   std::unique_ptr<BodyStream> body = respond.Stream({.status = 200, .headers = {...}}, bytes);
//   while (more) {
//     if (!body->Write(piece)) return;   // the client has gone
//   }
//   body->Finish();
#pragma once

#include <memory>
#include <string_view>

namespace trunkline::http {

class BodyPipe;

class BodyStream {
 public:
  explicit BodyStream(std::shared_ptr<BodyPipe> pipe);
  // Without Finish() before it, or with fewer bytes than were promised, the connection is broken off, so that the
  // client sees that something is missing.
  ~BodyStream();
  BodyStream(const BodyStream&) = delete;
  BodyStream& operator=(const BodyStream&) = delete;

  // Waits until there is room. False when the client has gone, takes nothing for too long or wants no body, when the
  // server stops, or when it is more than was promised: then nothing more is needed. One thread at a time.
  bool Write(std::string_view piece);
  // The body is whole.
  void Finish();

 private:
  const std::shared_ptr<BodyPipe> pipe_;
};

}  // namespace trunkline::http
