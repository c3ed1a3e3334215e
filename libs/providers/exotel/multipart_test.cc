#include "libs/providers/exotel/multipart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/text.h"

namespace trunkline::providers::exotel {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr char kType[] = "multipart/form-data; boundary=b";

TEST(MultipartTest, PartsAreReadInOrder) {
  const auto form = ParseMultipart(
      "Multipart/Form-Data; charset=utf-8; boundary=\"b\"",
      "preamble\r\n--b\r\nContent-Disposition: form-data; name=\"CallSid\"\r\n\r\nabc\r\n"
      "--b  \r\ncontent-disposition: FORM-DATA; filename=x; name=Legs[0][Status]\r\nX: y\r\n\r\na\r\nb\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"a\\\"b\"\r\n\r\n\r\n--b--\r\nepilogue");
  ASSERT_TRUE(form.has_value());
  EXPECT_THAT(*form, ElementsAre(Pair("CallSid", "abc"), Pair("Legs[0][Status]", "a\r\nb"), Pair("a\"b", "")));
}

TEST(MultipartTest, WhatIsNoFormIsRefused) {
  for (const char* body :
       {"", "--b", "--b\r\n", "--b\r\n\r\n", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx",
        "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--b--",
        "--bx\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b--"}) {
    EXPECT_FALSE(ParseMultipart(kType, body).has_value()) << body;
  }
  EXPECT_FALSE(ParseMultipart("multipart/form-data", "--b--").has_value());
  EXPECT_FALSE(ParseMultipart(Concat("multipart/form-data; boundary=", std::string(71, 'b')), "").has_value());
}

TEST(MultipartTest, PartsAreCounted) {
  std::string body;
  for (int i = 0; i < 200; ++i) body += "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n";
  EXPECT_EQ(ParseMultipart(kType, body + "--b--")->size(), 200u);
  body += "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n";
  EXPECT_FALSE(ParseMultipart(kType, body + "--b--").has_value());
}

}  // namespace
}  // namespace trunkline::providers::exotel
