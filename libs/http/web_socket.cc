#include "libs/http/web_socket.h"

#include <exception>
#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/log.h"
#include "libs/base/text.h"
#include "libs/http/mailbox.h"

namespace trunkline::http {
namespace {

constexpr size_t kLongestReason = 123;
constexpr size_t kKeyBytes = 16;
constexpr std::string_view kVersion = "13";

std::vector<std::string_view> ValuesOf(const Request& request, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& [header, value] : request.headers) {
    if (header == name) values.push_back(value);
  }
  return values;
}

// Of a header that lists tokens, in one line or in several.
std::vector<std::string> TokensOf(const Request& request, std::string_view name) {
  std::vector<std::string> tokens;
  for (const std::string_view value : ValuesOf(request, name)) {
    for (const std::string_view token : Split(value, ',')) {
      if (!Trim(token).empty()) tokens.emplace_back(Trim(token));
    }
  }
  return tokens;
}

bool HasToken(const Request& request, std::string_view name, std::string_view token) {
  for (const std::string& known : TokensOf(request, name)) {
    if (EqualsIgnoreCase(known, token)) return true;
  }
  return false;
}

Response BadHandshake(std::string_view message) { return ErrorResponse(400, "BAD_HANDSHAKE", message); }

}  // namespace

WebSocket::WebSocket(WebSocketOptions options, WebSocketEvents events)
    : options_(std::move(options)), events_(std::move(events)) {}

void WebSocket::Send(std::shared_ptr<const std::string> text) {
  {
    const std::lock_guard lock(mutex_);
    if (closing_.has_value()) return;
    if (waiting_.size() < options_.most_waiting) {
      waiting_.push_back(std::move(text));
      // The session takes everything that has come once it looks.
      if (waiting_.size() > 1) return;
    } else {
      waiting_.clear();
      closing_ = Closing{.code = kTryAgainLater, .reason = options_.too_slow.substr(0, kLongestReason)};
    }
  }
  Wake();
}

void WebSocket::Close(uint16_t code, std::string_view reason) {
  {
    const std::lock_guard lock(mutex_);
    if (closing_.has_value()) return;
    waiting_.clear();
    closing_ = Closing{.code = code, .reason = std::string(reason.substr(0, kLongestReason))};
  }
  Wake();
}

void WebSocket::Wake() {
  std::shared_ptr<Mailbox> mailbox;
  std::weak_ptr<WebSocketSession> session;
  {
    const std::lock_guard lock(mutex_);
    mailbox = mailbox_;
    session = session_;
  }
  if (mailbox != nullptr) mailbox->Wake(session);
}

void WebSocket::Attach(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<WebSocketSession> session) {
  const std::lock_guard lock(mutex_);
  mailbox_ = std::move(mailbox);
  session_ = std::move(session);
}

std::shared_ptr<const std::string> WebSocket::TakeNext() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return nullptr;
  std::shared_ptr<const std::string> next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

std::optional<WebSocket::Closing> WebSocket::closing() const {
  const std::lock_guard lock(mutex_);
  return closing_;
}

void WebSocket::NoteText(std::string text) {
  if (!events_.on_text) return;
  try {
    events_.on_text(std::move(text));
  } catch (const std::exception& exception) {
    LogError("web socket handler threw", {{"error", exception.what()}});
    Close(kServerFault, "INTERNAL");
  }
}

void WebSocket::NoteClosed(uint16_t code) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    if (!closing_.has_value()) closing_ = Closing{.code = code, .reason = {}};
    mailbox_.reset();
  }
  // What the events hold is let go of, whoever still has the socket.
  WebSocketEvents events;
  std::swap(events, events_);
  if (events.on_closed) events.on_closed(code);
}

bool AsksForWebSocket(const Request& request) { return HasToken(request, "upgrade", "websocket"); }

std::optional<Response> HandshakeFault(const Request& request) {
  if (!AsksForWebSocket(request) || !HasToken(request, "connection", "upgrade")) {
    Response response = ErrorResponse(426, "UPGRADE_REQUIRED", "this path speaks WebSocket only");
    response.headers.emplace_back("Upgrade", "websocket");
    return response;
  }
  if (request.method != "GET") return BadHandshake("a WebSocket begins with GET");
  const std::vector<std::string_view> versions = ValuesOf(request, "sec-websocket-version");
  if (versions.size() != 1 || versions.front() != kVersion) {
    Response response = ErrorResponse(426, "UPGRADE_REQUIRED", "Sec-WebSocket-Version must be 13");
    response.headers.emplace_back("Sec-WebSocket-Version", std::string(kVersion));
    return response;
  }
  const std::vector<std::string_view> keys = ValuesOf(request, "sec-websocket-key");
  const std::optional<std::string> key = keys.size() == 1 ? Base64Decode(keys.front()) : std::nullopt;
  if (!key.has_value() || key->size() != kKeyBytes) {
    return BadHandshake("Sec-WebSocket-Key must be 16 bytes in base64, once");
  }
  if (request.Header("host").empty()) return BadHandshake("Host is missing");
  if (!request.body.empty()) return BadHandshake("a request for a WebSocket has no body");
  return std::nullopt;
}

std::vector<std::string> OfferedSubprotocols(const Request& request) {
  return TokensOf(request, "sec-websocket-protocol");
}

}  // namespace trunkline::http
