#include "runtime/address.h"

#include <gtest/gtest.h>

#include <string>

namespace ottla {
namespace {

std::string round_trip(std::string_view text) {
  const auto address = Address::parse(text);
  return address.ok() ? address->to_string() : "refused";
}

TEST(Address, ReadsAndWritesEveryFamily) {
  for (const char* text :
       {"127.0.0.1:9092", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:9092", "[::]:1",
        "[2001:db8::8:800:200c:417a]:9092", "[fe80::1%2]:9092", "[1:0:0:2::3]:5", "unix:/run/ottla.sock"}) {
    EXPECT_EQ(round_trip(text), text);
  }
}

TEST(Address, WritesIpv6InItsShortestForm) {
  EXPECT_EQ(round_trip("[0:0:0:0:0:0:0:1]:1"), "[::1]:1");
  EXPECT_EQ(round_trip("[2001:DB8:0:0:1:0:0:1]:1"), "[2001:db8::1:0:0:1]:1");
  EXPECT_EQ(round_trip("[2001:db8:0:1:1:1:1:1]:1"), "[2001:db8:0:1:1:1:1:1]:1");
  EXPECT_EQ(round_trip("[::ffff:10.0.0.1]:1"), "[::ffff:a00:1]:1");
}

TEST(Address, RefusesWhatIsNone) {
  for (const char* text : {"",
                           "9092",
                           "host:9092",
                           "1.2.3:1",
                           "1.2.3.4.5:1",
                           "1.2.3.256:1",
                           "1.2.3.4:",
                           "1.2.3.4:65536",
                           "1.2.3.4:-1",
                           "1.2.3.4:+1",
                           "1..3.4:1",
                           "127.0.0.010:1",
                           "[::127.0.0.01]:1",
                           "[1.2.3.4::]:1",
                           "[1::1.2.3.4:5]:1",
                           "::1:9092",
                           "[::1]",
                           "[::1:9092",
                           "[1:2:3]:4",
                           "[1::2::3]:4",
                           "[12345::]:1",
                           "[:::]:1",
                           "[1:2:3:4:5:6:7:8:9]:1",
                           "[1:2:3:4:5:6:7::8]:1x",
                           "[::1.2.3]:4",
                           "[1:]:1",
                           "unix:"}) {
    EXPECT_EQ(round_trip(text), "refused") << text;
  }
}

TEST(Address, APathEndsNowhereInItself) {
  EXPECT_EQ(round_trip({"unix:/run/a\0b", 13}), "refused");
  EXPECT_EQ(round_trip("unix:" + std::string(108, 'p')), "refused");
}

TEST(Address, OrdersAndCompares) {
  EXPECT_EQ(Address::loopback(9092), Address::parse("127.0.0.1:9092").value());
  EXPECT_NE(Address::loopback(9092), Address::loopback(9093));
  EXPECT_EQ(Address::loopback(1).with_port(2), Address::loopback(2));
}

}  // namespace
}  // namespace ottla
