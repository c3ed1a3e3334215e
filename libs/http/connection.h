// One connection of the server, on one event loop: reads a request, waits for its answer, writes it, reads the next
// one. Pipelined requests wait in the buffer meanwhile. Everything runs on the loop's thread.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libs/http/answer.h"
#include "libs/http/message.h"
#include "libs/http/response_head.h"

namespace trunkline::http {

class EventLoop;
class RequestParser;

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  Connection(boost::asio::ip::tcp::socket socket, EventLoop& loop);
  ~Connection();

  void Start();
  // Answers 503 before anything was asked, and closes.
  void Refuse();
  void OnAnswer(Answer answer);
  void CheckDeadline(TimePoint now);
  // Closes the connection unless a request is in flight.
  void CloseIfIdle();
  void Close();

 private:
  enum class State {
    kIdle,       // between two requests
    kReading,    // a part of a request is here
    kHandling,   // the answer is awaited
    kWriting,    // the socket takes the answer in pieces
    kStreaming,  // the answer's body comes piece by piece
    kLingering,  // answered and shut; what the client still sends is thrown away
    kClosed,
  };
  enum class Parsed { kNeedsMore, kComplete, kRefused };

  void Advance();
  Parsed Parse();
  Parsed RefuseRequest(Response response);
  void Dispatch();
  bool BecomeWebSocket();
  bool Write();
  void WriteRest(size_t written);
  void StartStream();
  void WriteStream();
  bool FinishExchange();
  void Read();
  void OnRead(size_t bytes);
  void ShutDown();
  bool MakeRoom();
  void StartRequest();
  size_t BufferLimit() const;

  boost::asio::ip::tcp::socket socket_;
  EventLoop& loop_;
  std::string peer_address_;
  State state_ = State::kIdle;
  std::optional<TimePoint> deadline_;
  TimePoint request_start_;

  std::vector<char> buffer_;  // bytes [begin_, end_) are not parsed yet
  size_t begin_ = 0;
  size_t end_ = 0;
  bool read_pending_ = false;

  std::unique_ptr<RequestParser> parser_;
  bool continue_sent_ = false;
  bool head_request_ = false;
  bool old_client_ = false;     // HTTP/1.0, which knows no chunks
  std::string web_socket_key_;  // of a request that can be upgraded
  bool keep_alive_ = true;
  bool refused_ = false;

  bool in_handler_ = false;
  bool answered_ = false;
  Response answer_;
  std::shared_ptr<BodyPipe> body_;
  StreamEnd stream_end_ = StreamEnd::kLength;
  bool stream_write_pending_ = false;
  bool stream_is_last_ = false;
  std::shared_ptr<WebSocket> web_socket_;
  std::string subprotocol_;
  std::string head_;
};

}  // namespace trunkline::http
