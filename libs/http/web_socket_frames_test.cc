#include "libs/http/web_socket_frames.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "libs/base/text.h"
#include "libs/http/web_socket.h"

namespace trunkline::http {
namespace {

using Kind = ClientFrame::Kind;
using namespace std::string_literals;  // NOLINT(google-build-using-namespace): what it is for

constexpr std::string_view kMask("\x9a\x01\x00\xff", 4);

std::string Masked(uint8_t first, std::string_view payload) {
  std::string bytes(1, static_cast<char>(first));
  if (payload.size() < 126) {
    bytes.push_back(static_cast<char>(0x80 | payload.size()));
  } else {
    bytes.push_back(static_cast<char>(0x80 | 126));
    bytes.push_back(static_cast<char>(payload.size() >> 8));
    bytes.push_back(static_cast<char>(payload.size()));
  }
  bytes.append(kMask.data(), 4);
  for (size_t i = 0; i < payload.size(); ++i) bytes.push_back(static_cast<char>(payload[i] ^ kMask[i % 4]));
  return bytes;
}

// All that is found in the bytes, when they come so many at a time.
std::vector<ClientFrame> ReadAll(std::string_view bytes, size_t at_a_time, size_t max_message_bytes = 1000) {
  FrameReader reader(max_message_bytes);
  std::vector<ClientFrame> found;
  for (size_t i = 0; i < bytes.size(); i += at_a_time) {
    reader.Add(bytes.substr(i, at_a_time));
    for (ClientFrame frame = reader.Next(); frame.kind != Kind::kNone; frame = reader.Next()) found.push_back(frame);
  }
  return found;
}

TEST(WebSocketFramesTest, MessagesAreTheSameHoweverTheirBytesArrive) {
  const std::string bytes =
      Concat(Masked(0x81, "one"), Masked(0x01, "t"), Masked(0x89, "ping"), Masked(0x00, "w"), Masked(0x80, "o"),
             Masked(0x81, std::string(300, 'x')), Masked(0x8a, ""), Masked(0x88, "\x03\xe8"s + "bye"));
  for (size_t at_a_time = 1; at_a_time <= bytes.size(); ++at_a_time) {
    const std::vector<ClientFrame> found = ReadAll(bytes, at_a_time);
    ASSERT_EQ(found.size(), 6u) << at_a_time;
    EXPECT_EQ(found[0].payload, "one");
    EXPECT_EQ(found[1].kind, Kind::kPing);
    EXPECT_EQ(found[1].payload, "ping");
    EXPECT_EQ(found[2].payload, "two");
    EXPECT_EQ(found[3].payload, std::string(300, 'x'));
    EXPECT_EQ(found[4].kind, Kind::kPong);
    EXPECT_EQ(found[5].kind, Kind::kClose);
    EXPECT_EQ(found[5].code, 1000);
  }
}

TEST(WebSocketFramesTest, ACloseCarriesACodeThatMayBeSentOrNone) {
  EXPECT_EQ(ReadAll(Masked(0x88, ""), 100).at(0).code, 1005);
  for (const int code : {1000, 1001, 1011, 1014, 3000, 4999}) {
    const ClientFrame frame =
        ReadAll(Masked(0x88, Concat(static_cast<char>(code >> 8), static_cast<char>(code & 0xff))), 100).at(0);
    EXPECT_EQ(frame.kind, Kind::kClose) << code;
    EXPECT_EQ(frame.code, code);
  }
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000}) {
    const ClientFrame frame =
        ReadAll(Masked(0x88, Concat(static_cast<char>(code >> 8), static_cast<char>(code & 0xff))), 100).at(0);
    EXPECT_EQ(frame.kind, Kind::kFault) << code;
    EXPECT_EQ(frame.code, kProtocolError);
  }
  EXPECT_EQ(ReadAll(Masked(0x88, "x"), 100).at(0).code, kProtocolError);
  EXPECT_EQ(ReadAll(Masked(0x88, "\x03\xe8\xff"), 100).at(0).code, kInvalidText);
}

TEST(WebSocketFramesTest, AFaultIsSeenBeforeThePayloadAndNothingIsReadAfterIt) {
  // Eight bytes of length, as large as can be, and not one of the payload.
  const std::string huge = "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04"s;
  const std::vector<ClientFrame> found = ReadAll(Concat(huge, Masked(0x81, "later")), 5);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, kMessageTooBig);
  EXPECT_EQ(ReadAll("\x81\x01"s, 5).at(0).code, kProtocolError) << "not masked";
}

TEST(WebSocketFramesTest, APieceMayNotEndInTheMiddleOfNothing) {
  EXPECT_EQ(ReadAll(Masked(0x80, "x"), 100).at(0).code, kProtocolError) << "nothing to continue";
  EXPECT_EQ(ReadAll(Concat(Masked(0x01, "x"), Masked(0x81, "y")), 100).at(0).code, kProtocolError) << "not continued";
}

TEST(WebSocketFramesTest, AMessageIsBoundedAsAWhole) {
  EXPECT_EQ(ReadAll(Concat(Masked(0x01, "12345"), Masked(0x80, "67890")), 100, 10).at(0).payload, "1234567890");
  EXPECT_EQ(ReadAll(Concat(Masked(0x01, "12345"), Masked(0x80, "678901")), 100, 10).at(0).code, kMessageTooBig);
}

TEST(WebSocketFramesTest, ACharacterMayLieInTwoPieces) {
  EXPECT_EQ(ReadAll(Concat(Masked(0x01, "\xc3"), Masked(0x80, "\xa9")), 3).at(0).payload, "\xc3\xa9");
  EXPECT_EQ(ReadAll(Masked(0x81, "a\0b"s), 100).at(0).payload, "a\0b"s);
  EXPECT_EQ(ReadAll(Masked(0x81, "\xc3\0\xa9"s), 100).at(0).code, kInvalidText);
}

TEST(WebSocketFramesTest, LengthsAreWrittenAsShortAsTheyCanBe) {
  EXPECT_EQ(TextHead(125), "\x81\x7d");
  EXPECT_EQ(TextHead(126), "\x81\x7e\x00\x7e"s);
  EXPECT_EQ(TextHead(65'536), "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s);
  EXPECT_EQ(CloseFrame(1001, "x"), "\x88\x03\x03\xe9x"s);
  EXPECT_EQ(PongFrame("x"), "\x8a\x01x"s);
  EXPECT_EQ(PingFrame(), "\x89\x00"s);
}

}  // namespace
}  // namespace trunkline::http
