#include "libs/http/connection.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <exception>
#include <utility>

#include "libs/base/log.h"
#include "libs/http/event_loop.h"
#include "libs/http/mailbox.h"
#include "libs/http/request_parser.h"
#include "libs/http/response_head.h"
#include "libs/http/server.h"
#include "libs/http/web_socket_session.h"

namespace trunkline::http {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

constexpr size_t kFirstBuffer = 4 * 1024;
constexpr size_t kLargestBuffer = 64 * 1024;
// Bodies up to here are copied behind the head, so that one buffer is written.
constexpr size_t kSmallBody = 16 * 1024;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string AddressOf(const asio::ip::tcp::socket& socket) {
  ErrorCode error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return {};
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

Response InternalError() { return ErrorResponse(500, "INTERNAL", "the request could not be handled"); }

}  // namespace

// The one answer that a request gets: whoever comes first.
class Responder::Exchange {
 public:
  Exchange(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<Connection> connection)
      : mailbox_(std::move(mailbox)), connection_(std::move(connection)) {}

  void Give(Answer answer) {
    if (!answered_.exchange(true)) mailbox_->Deliver(connection_, std::move(answer));
  }
  std::unique_ptr<BodyStream> Stream(Response head, std::optional<uint64_t> bytes) {
    const auto pipe = std::make_shared<BodyPipe>(mailbox_, connection_, bytes);
    if (answered_.exchange(true)) {
      pipe->Abandon();
    } else {
      mailbox_->Deliver(connection_, {.response = std::move(head), .body = pipe});
    }
    return std::make_unique<BodyStream>(pipe);
  }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  std::weak_ptr<Connection> connection_;
  std::atomic<bool> answered_ = false;
};

Responder::Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    if (exchange_ != nullptr) exchange_->Give({.response = InternalError()});
    exchange_ = std::move(other.exchange_);
  }
  return *this;
}

Responder::~Responder() {
  if (exchange_ != nullptr) exchange_->Give({.response = InternalError()});
}

void Responder::Send(Response response) {
  if (exchange_ == nullptr) return;
  exchange_->Give({.response = std::move(response)});
  exchange_.reset();
}

std::unique_ptr<BodyStream> Responder::Stream(Response head, std::optional<uint64_t> bytes) {
  const auto exchange = std::move(exchange_);
  return exchange->Stream(std::move(head), bytes);
}

void Responder::Abort() {
  if (exchange_ == nullptr) return;
  exchange_->Give({});
  exchange_.reset();
}

void Responder::Upgrade(std::shared_ptr<WebSocket> socket, std::string_view subprotocol) {
  if (exchange_ == nullptr) return;
  exchange_->Give({.web_socket = std::move(socket), .subprotocol = std::string(subprotocol)});
  exchange_.reset();
}

Connection::Connection(asio::ip::tcp::socket socket, EventLoop& loop)
    : socket_(std::move(socket)), loop_(loop), peer_address_(AddressOf(socket_)) {
  ErrorCode ignored;
  static_cast<void>(socket_.set_option(asio::ip::tcp::no_delay(true), ignored));
  static_cast<void>(socket_.non_blocking(true, ignored));
}

Connection::~Connection() = default;

void Connection::Start() {
  buffer_.resize(kFirstBuffer);
  StartRequest();
  Read();
}

void Connection::Refuse() {
  buffer_.resize(kFirstBuffer);
  request_start_ = std::chrono::steady_clock::now();
  RefuseRequest(ErrorResponse(503, "TOO_MANY_CONNECTIONS", "too many connections; try again later"));
  if (Write()) FinishExchange();
}

// Parses and answers what is in the buffer, until something must be waited for. A loop, not a recursion: the client
// decides how many requests it pipelines.
void Connection::Advance() {
  while (true) {
    switch (Parse()) {
      case Parsed::kNeedsMore:
        Read();
        return;
      case Parsed::kComplete:
        Dispatch();
        if (!answered_) return;  // OnAnswer goes on
        if (web_socket_ != nullptr && BecomeWebSocket()) return;
        if (body_ != nullptr) return StartStream();
        break;
      case Parsed::kRefused:
        break;
    }
    if (!Write()) return;  // its completion goes on
    if (!FinishExchange()) return;
  }
}

Connection::Parsed Connection::Parse() {
  if (!parser_->got_some()) {
    // RFC 9112, 2.2: empty lines before a request are passed over.
    while (begin_ != end_ && (buffer_[begin_] == '\r' || buffer_[begin_] == '\n')) ++begin_;
  }
  if (begin_ == end_) {
    begin_ = end_ = 0;
    return Parsed::kNeedsMore;
  }
  if (state_ == State::kIdle) {
    state_ = State::kReading;
    request_start_ = std::chrono::steady_clock::now();
    deadline_ = request_start_ + absl::ToChronoNanoseconds(loop_.options().read_timeout);
  }
  ErrorCode error;
  while (begin_ != end_ && !parser_->is_done()) {
    const size_t used = parser_->put(asio::buffer(buffer_.data() + begin_, end_ - begin_), error);
    begin_ += used;
    if (error) break;
    if (used == 0) break;
  }
  if (begin_ == end_) begin_ = end_ = 0;
  if (error && error != boost::beast::http::error::need_more) {
    if (error == boost::beast::http::error::header_limit) {
      return RefuseRequest(ErrorResponse(431, "HEADER_TOO_LARGE", "the request's header is too large"));
    }
    if (error == boost::beast::http::error::body_limit) {
      return RefuseRequest(ErrorResponse(413, "BODY_TOO_LARGE", "the request's body is too large"));
    }
    return RefuseRequest(ErrorResponse(400, "BAD_REQUEST", "this is not a well-formed HTTP/1.1 request"));
  }
  if (parser_->HeaderTooLarge(end_ - begin_)) {
    return RefuseRequest(ErrorResponse(431, "HEADER_TOO_LARGE", "the request's header is too large"));
  }
  if (parser_->is_done()) return Parsed::kComplete;
  if (parser_->is_header_done() && parser_->ExpectsContinue() && !continue_sent_ && !parser_->HasBodyBytes() &&
      begin_ == end_) {
    continue_sent_ = true;
    // The socket has nothing else to send, so that these few bytes fit; if not, the client goes on after a while.
    ErrorCode ignored;
    socket_.write_some(asio::buffer(kContinue), ignored);
  }
  return Parsed::kNeedsMore;
}

Connection::Parsed Connection::RefuseRequest(Response response) {
  refused_ = true;
  answer_ = std::move(response);
  return Parsed::kRefused;
}

void Connection::Dispatch() {
  state_ = State::kHandling;
  deadline_.reset();
  answered_ = false;
  keep_alive_ = parser_->keep_alive();
  Request request = parser_->TakeRequest();
  request.peer_address = peer_address_;
  head_request_ = request.method == "HEAD";
  old_client_ = parser_->minor_version() == 0;
  if (parser_->minor_version() > 0 && AsksForWebSocket(request) && !HandshakeFault(request).has_value()) {
    web_socket_key_ = request.Header("sec-websocket-key");
  }
  const auto exchange = std::make_shared<Responder::Exchange>(loop_.mailbox(), weak_from_this());
  in_handler_ = true;
  try {
    loop_.handler()(std::move(request), Responder(exchange));
  } catch (const std::exception& exception) {
    LogError("http handler threw", {{"error", exception.what()}});
    exchange->Give({.response = InternalError()});
  } catch (...) {
    LogError("http handler threw", {{"error", "not a std::exception"}});
    exchange->Give({.response = InternalError()});
  }
  in_handler_ = false;
}

void Connection::OnAnswer(Answer answer) {
  if (answer.is_more_of_body) {
    if (state_ == State::kStreaming && !stream_write_pending_) WriteStream();
    return;
  }
  if (state_ != State::kHandling) {
    if (answer.web_socket != nullptr) answer.web_socket->NoteClosed(kConnectionLost);
    if (answer.body != nullptr) answer.body->Abandon();
    return;
  }
  if (answer.web_socket != nullptr) {
    web_socket_ = std::move(answer.web_socket);
    subprotocol_ = std::move(answer.subprotocol);
  } else if (answer.response.has_value()) {
    answer_ = *std::move(answer.response);
    body_ = std::move(answer.body);
  } else {
    Close();
    return;
  }
  answered_ = true;
  if (in_handler_) return;  // Advance() is on the stack and sees it
  if (web_socket_ != nullptr && BecomeWebSocket()) return;
  if (body_ != nullptr) return StartStream();
  if (Write() && FinishExchange()) Advance();
}

void Connection::StartStream() {
  stream_end_ = StreamEnd::kLength;
  if (!body_->bytes().has_value()) stream_end_ = old_client_ ? StreamEnd::kClose : StreamEnd::kChunks;
  if (loop_.draining() || AsksToClose(answer_) || stream_end_ == StreamEnd::kClose) keep_alive_ = false;
  head_.clear();
  AppendStreamHead(answer_, stream_end_, body_->bytes().value_or(0), keep_alive_, loop_.HttpDate(), head_);
  stream_is_last_ = false;
  state_ = State::kStreaming;
  if (head_request_ || !StatusHasBody(answer_.status)) {
    body_->Abandon();
    body_.reset();
  }
  WriteStream();
}

// Writes the head and what has come of the body. One write at a time: what comes meanwhile is the next.
void Connection::WriteStream() {
  if (body_ == nullptr) {
    stream_is_last_ = true;
  } else {
    const BodyPipe::Taken taken = body_->Take();
    if (taken.is_broken) return Close();
    stream_is_last_ = taken.is_last;
    const bool in_chunks = stream_end_ == StreamEnd::kChunks;
    if (in_chunks && !taken.bytes.empty()) {
      std::array<char, 16> digits;
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), taken.bytes.size(), 16).ptr;
      head_.append(digits.data(), end).append(kLineEnd);
    }
    head_.append(taken.bytes);
    if (in_chunks && !taken.bytes.empty()) head_.append(kLineEnd);
    if (in_chunks && stream_is_last_) head_.append("0\r\n\r\n");
  }
  if (head_.empty() && !stream_is_last_) {
    deadline_.reset();  // it is the source that is waited for
    return;
  }
  stream_write_pending_ = true;
  deadline_ = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(loop_.options().write_timeout);
  asio::async_write(socket_, asio::buffer(head_), [self = shared_from_this()](ErrorCode error, size_t) {
    self->stream_write_pending_ = false;
    if (self->state_ != State::kStreaming) return;
    if (error) return self->Close();
    self->head_.clear();
    if (!self->stream_is_last_) return self->WriteStream();
    self->body_.reset();
    if (self->FinishExchange()) self->Advance();
  });
}

// False when an error is to be answered instead.
bool Connection::BecomeWebSocket() {
  const auto socket = std::move(web_socket_);
  if (web_socket_key_.empty() || begin_ != end_) {
    // A client that waits for no answer speaks something else.
    RefuseRequest(ErrorResponse(400, "BAD_HANDSHAKE", "this is no well-formed request for a WebSocket"));
  } else if (loop_.draining()) {
    RefuseRequest(ErrorResponse(503, "SHUTTING_DOWN", "the server stops; connect again"));
  } else if (!loop_.TakeWebSocketPlace()) {
    RefuseRequest(ErrorResponse(503, "TOO_MANY_WEB_SOCKETS", "too many WebSockets; try again later"));
  } else {
    if (const auto& on_answered = loop_.options().on_answered) {
      on_answered(101, absl::FromChrono(std::chrono::steady_clock::now() - request_start_));
    }
    state_ = State::kClosed;
    loop_.Replace(shared_from_this(), std::make_shared<WebSocketSession>(std::move(socket_), loop_, socket),
                  web_socket_key_, subprotocol_);
    return true;
  }
  socket->NoteClosed(kConnectionLost);
  return false;
}

// True when the whole answer is out; false when it is waited for, or the connection is gone.
bool Connection::Write() {
  if (refused_ || loop_.draining() || AsksToClose(answer_)) keep_alive_ = false;
  head_.clear();
  AppendResponseHead(answer_, keep_alive_, loop_.HttpDate(), head_);
  if (head_request_ || !StatusHasBody(answer_.status)) answer_.body.clear();
  if (answer_.body.size() <= kSmallBody) {
    head_.append(answer_.body);
    answer_.body.clear();
  }
  state_ = State::kWriting;
  ErrorCode error;
  size_t written = 0;
  if (answer_.body.empty()) {
    written = socket_.write_some(asio::buffer(head_), error);
  } else {
    written = socket_.write_some(
        std::array{asio::const_buffer(asio::buffer(head_)), asio::const_buffer(asio::buffer(answer_.body))}, error);
  }
  if (error && error != asio::error::would_block && error != asio::error::try_again) {
    Close();
    return false;
  }
  if (written == head_.size() + answer_.body.size()) return true;
  WriteRest(written);
  return false;
}

void Connection::WriteRest(size_t written) {
  deadline_ = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(loop_.options().write_timeout);
  const size_t of_head = std::min(written, head_.size());
  const std::array<asio::const_buffer, 2> rest = {asio::buffer(head_) + of_head,
                                                  asio::buffer(answer_.body) + (written - of_head)};
  asio::async_write(socket_, rest, [self = shared_from_this()](ErrorCode error, size_t) {
    if (self->state_ != State::kWriting) return;
    if (error) {
      self->Close();
      return;
    }
    if (self->FinishExchange()) self->Advance();
  });
}

// True when the connection goes on to its next request.
bool Connection::FinishExchange() {
  if (const auto& on_answered = loop_.options().on_answered) {
    on_answered(answer_.status, absl::FromChrono(std::chrono::steady_clock::now() - request_start_));
  }
  if (!keep_alive_) {
    ShutDown();
    return false;
  }
  StartRequest();
  return true;
}

void Connection::StartRequest() {
  parser_ = std::make_unique<RequestParser>(loop_.options().max_header_bytes, loop_.options().max_body_bytes);
  continue_sent_ = false;
  head_request_ = false;
  web_socket_key_.clear();
  keep_alive_ = true;
  answer_.body.clear();
  state_ = State::kIdle;
  deadline_ = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(loop_.options().idle_timeout);
}

void Connection::Read() {
  if (state_ == State::kIdle && loop_.draining()) {
    Close();
    return;
  }
  if (read_pending_) return;
  if (!MakeRoom()) {
    // The parser cannot get on with a full buffer: a line of a chunked body without end.
    RefuseRequest(ErrorResponse(400, "BAD_REQUEST", "this is not a well-formed HTTP/1.1 request"));
    if (Write()) FinishExchange();
    return;
  }
  read_pending_ = true;
  socket_.async_read_some(asio::buffer(buffer_.data() + end_, buffer_.size() - end_),
                          [self = shared_from_this()](ErrorCode error, size_t bytes) {
                            self->read_pending_ = false;
                            if (self->state_ == State::kClosed) return;
                            // An error while an answer is being written is left to the writing.
                            if (error && self->state_ != State::kWriting) {
                              self->Close();
                              return;
                            }
                            if (!error) self->OnRead(bytes);
                          });
}

void Connection::OnRead(size_t bytes) {
  switch (state_) {
    case State::kIdle:
    case State::kReading:
      end_ += bytes;
      Advance();
      return;
    case State::kLingering:
      Read();
      return;
    default:
      return;  // the request was given up meanwhile
  }
}

bool Connection::MakeRoom() {
  if (state_ == State::kLingering) begin_ = end_ = 0;
  if (end_ < buffer_.size()) return true;
  if (begin_ > 0) {
    std::copy(buffer_.begin() + static_cast<ptrdiff_t>(begin_), buffer_.begin() + static_cast<ptrdiff_t>(end_),
              buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
    return true;
  }
  const size_t limit = BufferLimit();
  if (buffer_.size() >= limit) return false;
  buffer_.resize(std::min(buffer_.size() * 2, limit));
  return true;
}

size_t Connection::BufferLimit() const {
  return std::max(kLargestBuffer, loop_.options().max_header_bytes + kFirstBuffer);
}

void Connection::CheckDeadline(TimePoint now) {
  if (!deadline_ || now < *deadline_) return;
  if (state_ != State::kReading) {
    Close();
    return;
  }
  RefuseRequest(ErrorResponse(408, "REQUEST_TIMEOUT", "the request did not come in time"));
  if (Write()) FinishExchange();
}

void Connection::CloseIfIdle() {
  if (state_ == State::kIdle || state_ == State::kLingering) Close();
}

// Ends the connection after its last answer.
void Connection::ShutDown() {
  if (!refused_ && begin_ == end_) {
    Close();
    return;
  }
  state_ = State::kLingering;
  deadline_ = std::chrono::steady_clock::now() + kLingerTime;
  ErrorCode ignored;
  static_cast<void>(socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored));
  Read();
}

void Connection::Close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  if (body_ != nullptr) body_->Abandon();
  body_.reset();
  ErrorCode ignored;
  static_cast<void>(socket_.close(ignored));
  loop_.Forget(shared_from_this());
}

}  // namespace trunkline::http
