#include "libs/http/web_socket_session.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "libs/http/event_loop.h"
#include "libs/http/server.h"

namespace trunkline::http {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

// How long a client may take for its half of a close, with what it has to read before that.
constexpr std::chrono::seconds kCloseTime(5);
// What the kernel may hold for a client: without it, megabytes for one that does not read.
constexpr int kSendBuffer = 64 * 1024;

}  // namespace

WebSocketSession::WebSocketSession(asio::ip::tcp::socket connected, EventLoop& loop, std::shared_ptr<WebSocket> socket)
    : connection_(std::move(connected)),
      loop_(loop),
      socket_(std::move(socket)),
      reader_(loop.options().web_socket.max_message_bytes),
      last_heard_(std::chrono::steady_clock::now()) {
  ErrorCode ignored;
  static_cast<void>(connection_.set_option(asio::socket_base::send_buffer_size(kSendBuffer), ignored));
}

void WebSocketSession::Start(std::string_view key, std::string_view subprotocol) {
  answer_ = HandshakeAnswer(key, subprotocol);
  socket_->Attach(loop_.mailbox(), weak_from_this());
  Write();
  Read();
}

void WebSocketSession::OnWake() {
  if (socket_->closing().has_value() && !deadline_.has_value()) {
    deadline_ = std::chrono::steady_clock::now() + kCloseTime;
  }
  Write();
}

void WebSocketSession::Close(uint16_t code, std::string_view reason) {
  socket_->Close(code, reason);
  OnWake();
}

void WebSocketSession::Write() {
  if (write_pending_ || close_sent_ || ended_) return;
  head_ = NextControlFrame();
  text_.reset();
  if (head_.empty()) {
    text_ = socket_->TakeNext();
    if (text_ == nullptr) return;
    head_ = TextHead(text_->size());
  }
  write_pending_ = true;
  const std::array<asio::const_buffer, 2> frame = {asio::buffer(head_),
                                                   text_ == nullptr ? asio::const_buffer() : asio::buffer(*text_)};
  asio::async_write(connection_, frame, [self = shared_from_this()](ErrorCode error, size_t) {
    self->write_pending_ = false;
    self->text_.reset();
    if (self->ended_) return;
    if (error) return self->End();
    self->OnWritten();
  });
}

std::string WebSocketSession::NextControlFrame() {
  if (!answer_.empty()) return std::exchange(answer_, {});
  // Of several pings the last may stand for all.
  if (pong_.has_value()) return PongFrame(*std::exchange(pong_, std::nullopt));
  if (const auto closing = socket_->closing(); closing.has_value()) {
    close_sent_ = true;
    return CloseFrame(closing->code, closing->reason);
  }
  return std::exchange(ping_due_, false) ? PingFrame() : std::string();
}

void WebSocketSession::OnWritten() {
  if (close_sent_ && close_heard_) return Linger();
  Write();
}

void WebSocketSession::Read() {
  connection_.async_read_some(asio::buffer(received_), [self = shared_from_this()](ErrorCode error, size_t bytes) {
    if (self->ended_) return;
    if (error) return self->End();
    self->OnRead({self->received_.data(), bytes});
    if (!self->ended_) self->Read();
  });
}

void WebSocketSession::OnRead(std::string_view bytes) {
  last_heard_ = std::chrono::steady_clock::now();
  ping_sent_ = false;
  if (lingering_) return;
  reader_.Add(bytes);
  while (true) {
    ClientFrame frame = reader_.Next();
    if (frame.kind == ClientFrame::Kind::kNone) return;
    OnFrame(std::move(frame));
  }
}

void WebSocketSession::OnFrame(ClientFrame frame) {
  switch (frame.kind) {
    case ClientFrame::Kind::kText:
      if (!socket_->closing().has_value()) socket_->NoteText(std::move(frame.payload));
      return;
    case ClientFrame::Kind::kPing:
      pong_ = std::move(frame.payload);
      return Write();
    case ClientFrame::Kind::kClose:
    case ClientFrame::Kind::kFault: {
      // Who breaks the protocol is not waited for either.
      close_heard_ = true;
      const bool gave_no_code = frame.code == 1005;
      Close(gave_no_code ? uint16_t{kNormalClose} : frame.code, "");
      if (close_sent_ && !write_pending_) Linger();
      return;
    }
    case ClientFrame::Kind::kPong:
    case ClientFrame::Kind::kNone:
      return;
  }
}

// Both sides have said that it is over.
void WebSocketSession::Linger() {
  lingering_ = true;
  deadline_ = std::chrono::steady_clock::now() + kLingerTime;
  ErrorCode ignored;
  static_cast<void>(connection_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored));
  Tell(socket_->closing()->code);
}

void WebSocketSession::CheckDeadline(TimePoint now) {
  if (deadline_.has_value()) {
    if (now >= *deadline_) End();
    return;
  }
  const auto patience = absl::ToChronoNanoseconds(loop_.options().web_socket.idle_timeout);
  if (now - last_heard_ >= patience) return End();
  if (ping_sent_ || now - last_heard_ < patience / 2) return;
  ping_sent_ = true;
  ping_due_ = true;
  Write();
}

void WebSocketSession::Abort() { End(); }

void WebSocketSession::Tell(uint16_t code) {
  if (std::exchange(told_, true)) return;
  socket_->NoteClosed(code);
}

void WebSocketSession::End() {
  if (std::exchange(ended_, true)) return;
  ErrorCode ignored;
  static_cast<void>(connection_.close(ignored));
  const auto closing = socket_->closing();
  Tell(closing.has_value() ? closing->code : uint16_t{kConnectionLost});
  loop_.Forget(shared_from_this());
}

}  // namespace trunkline::http
