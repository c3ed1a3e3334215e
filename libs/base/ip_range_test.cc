#include "libs/base/ip_range.h"

#include <gtest/gtest.h>

#include <string>

namespace trunkline {
namespace {

bool Contains(std::string_view range, std::string_view address) {
  const std::optional<IpRange> parsed_range = IpRange::Parse(range);
  const std::optional<IpAddress> parsed_address = IpAddress::Parse(address);
  EXPECT_TRUE(parsed_range.has_value()) << range;
  EXPECT_TRUE(parsed_address.has_value()) << address;
  return parsed_range.has_value() && parsed_address.has_value() && parsed_range->Contains(*parsed_address);
}

TEST(IpRangeTest, ARangeHoldsTheAddressesOfItsPrefix) {
  EXPECT_TRUE(Contains("203.0.113.0/24", "203.0.113.0"));
  EXPECT_TRUE(Contains("203.0.113.0/24", "203.0.113.255"));
  EXPECT_FALSE(Contains("203.0.113.0/24", "203.0.114.0"));
  EXPECT_TRUE(Contains("54.172.60.0/30", "54.172.60.3"));
  EXPECT_FALSE(Contains("54.172.60.0/30", "54.172.60.4"));
  EXPECT_TRUE(Contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(Contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(Contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_TRUE(Contains("::/0", "2001:db8::1"));
}

TEST(IpRangeTest, ASingleAddressIsARangeOfOne) {
  EXPECT_TRUE(Contains("198.51.100.7", "198.51.100.7"));
  EXPECT_FALSE(Contains("198.51.100.7", "198.51.100.8"));
  EXPECT_TRUE(Contains("2001:db8::1", "2001:0db8:0:0::1"));
  EXPECT_FALSE(Contains("2001:db8::1", "2001:db8::2"));
}

TEST(IpRangeTest, AMappedAddressIsTheIpv4Address) {
  EXPECT_TRUE(Contains("198.51.100.0/24", "::ffff:198.51.100.7"));
  EXPECT_FALSE(Contains("0.0.0.0/0", "2001:db8::1"));
}

TEST(IpRangeTest, WhatIsNoRangeIsNotTaken) {
  for (const char* text : {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8",
                           "10.0.0.1/8", "10.0.0", "10.0.0.256", " 10.0.0.1", "10.0.0.1:80", "example.com", "::1%lo",
                           "2001:db8::/129", "2001:db8::1/64", "10.0.0.0/99999999999999999999"}) {
    EXPECT_FALSE(IpRange::Parse(text).has_value()) << text;
  }
  EXPECT_FALSE(IpAddress::Parse(std::string_view("10.0.0.1\0", 9)).has_value());
}

TEST(IsPublicAddress, WhatIsNotOfTheInternetAtLargeIsNotPublic) {
  for (const std::string_view text :
       {"127.0.0.1", "10.1.2.3", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2002:a00:1::", "::10.0.0.1"}) {
    EXPECT_FALSE(IsPublicAddress(*IpAddress::Parse(text))) << text;
  }
}

TEST(IsPublicAddress, AllOthersAre) {
  for (const std::string_view text :
       {"8.8.8.8", "172.32.0.1", "172.15.255.255", "100.128.0.1", "192.169.0.1", "2606:4700::1111", "::ffff:8.8.8.8"}) {
    EXPECT_TRUE(IsPublicAddress(*IpAddress::Parse(text))) << text;
  }
}

}  // namespace
}  // namespace trunkline
