#include "libs/http/body_pipe.h"

#include <utility>

#include "libs/http/body_stream.h"
#include "libs/http/mailbox.h"

namespace trunkline::http {
namespace {

// A piece is taken as a whole, so that somewhat more may wait.
constexpr size_t kMostWaiting = 128 * 1024;

}  // namespace

BodyPipe::BodyPipe(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<Connection> connection,
                   std::optional<uint64_t> bytes)
    : mailbox_(std::move(mailbox)), connection_(std::move(connection)), bytes_(bytes) {}

bool BodyPipe::Write(std::string_view piece) {
  if (piece.empty()) return true;
  bool is_awaited = false;
  bool fits = false;
  {
    std::unique_lock lock(mutex_);
    taken_.wait(lock, [this] { return waiting_.size() < kMostWaiting || abandoned_; });
    if (abandoned_ || finished_ || broken_) return false;
    written_ += piece.size();
    // More than was promised would be read as the next answer.
    fits = !bytes_.has_value() || written_ <= *bytes_;
    broken_ = !fits;
    is_awaited = waiting_.empty() || broken_;
    if (fits) waiting_.append(piece);
  }
  if (is_awaited) Wake();
  return fits;
}

void BodyPipe::Finish() {
  {
    const std::lock_guard lock(mutex_);
    if (finished_ || broken_) return;
    finished_ = true;
    broken_ = bytes_.has_value() && written_ != *bytes_;
  }
  Wake();
}

void BodyPipe::Break() {
  {
    const std::lock_guard lock(mutex_);
    if (finished_ || broken_) return;
    broken_ = true;
  }
  Wake();
}

BodyPipe::Taken BodyPipe::Take() {
  Taken taken;
  {
    const std::lock_guard lock(mutex_);
    taken.bytes.swap(waiting_);
    taken.is_last = finished_;
    taken.is_broken = broken_;
  }
  taken_.notify_all();
  return taken;
}

void BodyPipe::Abandon() {
  {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    waiting_.clear();
  }
  taken_.notify_all();
}

void BodyPipe::Wake() { mailbox_->Deliver(connection_, {.is_more_of_body = true}); }

BodyStream::BodyStream(std::shared_ptr<BodyPipe> pipe) : pipe_(std::move(pipe)) {}
BodyStream::~BodyStream() { pipe_->Break(); }
bool BodyStream::Write(std::string_view piece) { return pipe_->Write(piece); }
void BodyStream::Finish() { pipe_->Finish(); }

}  // namespace trunkline::http
