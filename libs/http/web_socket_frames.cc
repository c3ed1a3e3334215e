#include "libs/http/web_socket_frames.h"

#include <algorithm>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "libs/http/web_socket.h"

namespace trunkline::http {
namespace {

constexpr int kContinuation = 0x0;
constexpr int kText = 0x1;
constexpr int kBinary = 0x2;
constexpr int kCloseKind = 0x8;
constexpr int kPingKind = 0x9;
constexpr int kPongKind = 0xa;
constexpr size_t kLongestControl = 125;
constexpr size_t kMaskBytes = 4;
constexpr uint16_t kNoCode = 1005;
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

uint8_t Byte(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

// UTF-8 may hold NUL, which the check of text for the database refuses.
bool IsUtf8(std::string text) {
  std::replace(text.begin(), text.end(), '\0', ' ');
  return IsStorableText(text);
}

// RFC 6455, 7.4: which codes a close may carry.
bool MayBeSent(uint16_t code) {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code != 1004 && code != kNoCode && code != kConnectionLost;
}

std::string Head(int kind, size_t bytes) {
  std::string head(1, static_cast<char>(0x80 | kind));
  if (bytes <= kLongestControl) {
    head.push_back(static_cast<char>(bytes));
    return head;
  }
  const int digits = bytes <= 0xffff ? 2 : 8;
  head.push_back(static_cast<char>(digits == 2 ? 126 : 127));
  for (int i = digits - 1; i >= 0; --i) head.push_back(static_cast<char>(static_cast<uint64_t>(bytes) >> (8 * i)));
  return head;
}

}  // namespace

struct FrameReader::Head {
  bool is_last = false;
  int kind = 0;
  bool is_masked = false;
  bool has_reserved_bits = false;
  uint64_t payload_bytes = 0;
  size_t bytes = 0;  // of the head itself, with the mask; 0 when it is not whole

  static Head Of(std::string_view unread) {
    Head head;
    if (unread.size() < 2) return head;
    head.is_last = (Byte(unread, 0) & 0x80) != 0;
    head.has_reserved_bits = (Byte(unread, 0) & 0x70) != 0;
    head.kind = Byte(unread, 0) & 0x0f;
    head.is_masked = (Byte(unread, 1) & 0x80) != 0;
    head.payload_bytes = Byte(unread, 1) & 0x7f;
    size_t digits = 0;
    if (head.payload_bytes == 126) digits = 2;
    if (head.payload_bytes == 127) digits = 8;
    const size_t whole = 2 + digits + (head.is_masked ? kMaskBytes : 0);
    if (unread.size() < whole) return head;
    if (digits > 0) head.payload_bytes = 0;
    for (size_t i = 0; i < digits; ++i) head.payload_bytes = head.payload_bytes << 8 | Byte(unread, 2 + i);
    head.bytes = whole;
    return head;
  }
};

void FrameReader::Add(std::string_view bytes) {
  if (!ended_) unread_.append(bytes);
}

ClientFrame FrameReader::Fault(uint16_t code) {
  ended_ = true;
  unread_.clear();
  message_.clear();
  return {.kind = ClientFrame::Kind::kFault, .code = code};
}

ClientFrame FrameReader::Next() {
  while (!ended_) {
    const Head head = Head::Of(unread_);
    if (head.bytes == 0) return {};
    // What is wrong with a frame is seen before its payload is waited for.
    if (head.has_reserved_bits || !head.is_masked) return Fault(kProtocolError);
    const bool is_control = head.kind >= kCloseKind;
    if (is_control && (!head.is_last || head.payload_bytes > kLongestControl || head.kind > kPongKind)) {
      return Fault(kProtocolError);
    }
    if (head.kind == kBinary) return Fault(kUnsupportedData);
    if (!is_control) {
      if (head.kind > kBinary || (head.kind == kContinuation) != in_message_) return Fault(kProtocolError);
      if (head.payload_bytes > max_message_bytes_ - message_.size()) return Fault(kMessageTooBig);
    }
    const size_t size = static_cast<size_t>(head.payload_bytes);
    if (unread_.size() - head.bytes < size) return {};
    std::string payload = unread_.substr(head.bytes, size);
    for (size_t i = 0; i < size; ++i) {
      payload[i] = static_cast<char>(payload[i] ^ unread_[head.bytes - kMaskBytes + i % kMaskBytes]);
    }
    unread_.erase(0, head.bytes + size);
    if (is_control) return ReadControl(head.kind, std::move(payload));
    in_message_ = !head.is_last;
    message_.append(payload);
    if (!head.is_last) continue;
    if (!IsUtf8(message_)) return Fault(kInvalidText);
    return {.kind = ClientFrame::Kind::kText, .payload = std::exchange(message_, {})};
  }
  return {};
}

ClientFrame FrameReader::ReadControl(int kind, std::string payload) {
  if (kind == kCloseKind) return ReadClose(payload);
  return {.kind = kind == kPingKind ? ClientFrame::Kind::kPing : ClientFrame::Kind::kPong,
          .payload = std::move(payload)};
}

ClientFrame FrameReader::ReadClose(std::string_view payload) {
  uint16_t code = kNoCode;
  if (!payload.empty()) {
    if (payload.size() < 2) return Fault(kProtocolError);
    code = static_cast<uint16_t>(Byte(payload, 0) << 8 | Byte(payload, 1));
    if (!MayBeSent(code)) return Fault(kProtocolError);
    if (!IsUtf8(std::string(payload.substr(2)))) return Fault(kInvalidText);
  }
  ended_ = true;
  unread_.clear();
  return {.kind = ClientFrame::Kind::kClose, .code = code};
}

std::string TextHead(size_t bytes) { return Head(kText, bytes); }
std::string PingFrame() { return Head(kPingKind, 0); }
std::string PongFrame(std::string_view payload) { return Concat(Head(kPongKind, payload.size()), payload); }

std::string CloseFrame(uint16_t code, std::string_view reason) {
  return Concat(Head(kCloseKind, 2 + reason.size()), static_cast<char>(code >> 8), static_cast<char>(code & 0xff),
                reason);
}

std::string HandshakeAnswer(std::string_view key, std::string_view subprotocol) {
  std::string answer =
      Concat("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ",
             Base64Encode(Sha1(Concat(key, kGuid))), "\r\n");
  if (!subprotocol.empty()) answer.append(Concat("Sec-WebSocket-Protocol: ", subprotocol, "\r\n"));
  return answer.append("\r\n");
}

}  // namespace trunkline::http
