#include "http/request_parser.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <variant>

namespace ottla::http {
namespace {

// What a parser says of bytes that come in pieces of that size: "GET /a [body]" for each request, then the status of a
// refusal or "…" for a request that is not whole.
std::string read(std::string_view bytes, std::size_t piece, RequestLimits limits = {}) {
  RequestParser parser(limits);
  std::string said;
  for (;;) {
    RequestParser::Outcome outcome = parser.next();
    if (const auto* request = std::get_if<Request>(&outcome)) {
      said += request->method + ' ' + request->target + " [" + std::string(request->body.as_string_view()) +
              "]" + (request->keep_alive ? "" : " last") + '\n';
    } else if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
      return said + std::to_string(refusal->status);
    } else if (bytes.empty()) {
      return said + (parser.at_boundary() ? "" : "…");
    } else {
      const auto room = parser.space();
      const std::size_t count = std::min({piece, room.size(), bytes.size()});
      std::memcpy(room.data(), bytes.data(), count);
      parser.received(count);
      bytes.remove_prefix(count);
    }
  }
}

// The same however the bytes are cut.
std::string read(std::string_view bytes, RequestLimits limits = {}) {
  const std::string whole = read(bytes, bytes.size(), limits);
  EXPECT_EQ(read(bytes, 1, limits), whole) << bytes;
  EXPECT_EQ(read(bytes, 7, limits), whole) << bytes;
  return whole;
}

std::string head(std::string_view fields) {
  return "POST /a HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n";
}

TEST(RequestParser, ReadsRequestsOneAfterTheOther) {
  EXPECT_EQ(read("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n"
                 "PUT /d HTTP/1.1\r\nhost:x\r\nContent-Length: 5\r\n\r\nhello"
                 "\r\nGET / HTTP/1.1\r\nHost:\r\n\r\n"),
            "GET /a?b=c []\nPUT /d [hello]\nGET / []\n");
}

TEST(RequestParser, ReadsChunks) {
  EXPECT_EQ(read(head("Transfer-Encoding: Chunked\r\n") +
                 "5\r\nhello\r\nA;name=value\r\n, 16 bytes\r\n0\r\nDigest: x\r\n\r\n" + head("")),
            "POST /a [hello, 16 bytes]\nPOST /a []\n");
}

TEST(RequestParser, KnowsWhetherAnotherRequestComes) {
  EXPECT_EQ(read(head("Connection: keep-alive, CLOSE\r\n")), "POST /a [] last\n");
  EXPECT_EQ(read("GET / HTTP/1.0\r\n\r\n"), "GET / [] last\n");
  EXPECT_EQ(read("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), "GET / []\n");
}

TEST(RequestParser, SplitsTheTarget) {
  Request request;
  request.target = "/a/b?c=d?e";
  EXPECT_EQ(request.path(), "/a/b");
  EXPECT_EQ(request.query(), "c=d?e");
  request.target = "/a";
  EXPECT_EQ(request.path(), "/a");
  EXPECT_EQ(request.query(), "");
}

TEST(RequestParser, RefusesWhatCouldBeReadInTwoWays) {
  EXPECT_EQ(read(head("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")), "400");
  EXPECT_EQ(read(head("Content-Length: 1\r\nContent-Length: 1\r\n")), "400");
  EXPECT_EQ(read(head("Content-Length: +1\r\n")), "400");
  EXPECT_EQ(read(head("Content-Length: 1, 1\r\n")), "400");
  EXPECT_EQ(read(head("Content-Length: 0x1\r\n")), "400");
  EXPECT_EQ(read(head("Content-Length:\r\n")), "400");
  EXPECT_EQ(read(head("Content-Length : 1\r\n")), "400");
  EXPECT_EQ(read(head("A: b\r\n c\r\n")), "400");
  EXPECT_EQ(read(head("A: b\n")), "400");
  EXPECT_EQ(read(head("A: b\rc\r\n")), "400");
  EXPECT_EQ(read(head("A: b\x01\r\n")), "400");
  EXPECT_EQ(read(head("Transfer-Encoding: gzip, chunked\r\n")), "501");
  EXPECT_EQ(read(head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), "501");
  EXPECT_EQ(read("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), "400");
}

TEST(RequestParser, RefusesWhatIsNoRequest) {
  EXPECT_EQ(read("GET /\r\n"), "400");
  EXPECT_EQ(read("GET  / HTTP/1.1\r\n"), "400");
  EXPECT_EQ(read("GET / a HTTP/1.1\r\n"), "400");
  EXPECT_EQ(read("G:T / HTTP/1.1\r\n"), "400");
  EXPECT_EQ(read("GET / HTTP/2.0\r\n"), "505");
  EXPECT_EQ(read("GET / SMTP/1.1\r\n"), "400");
  EXPECT_EQ(read("\x16\x03\x01\x02\n"), "400");
  EXPECT_EQ(read(head("no colon\r\n")), "400");
  EXPECT_EQ(read("GET / HTTP/1.1\r\n\r\n"), "400");  // no host
  EXPECT_EQ(read(head("Host: y\r\n")), "400");
  EXPECT_EQ(read(head("Expect: miracles\r\n")), "417");
}

TEST(RequestParser, RefusesBrokenChunks) {
  const std::string chunked = head("Transfer-Encoding: chunked\r\n");
  EXPECT_EQ(read(chunked + "\r\n"), "400");
  EXPECT_EQ(read(chunked + "x\r\n"), "400");
  EXPECT_EQ(read(chunked + "-1\r\n"), "400");
  EXPECT_EQ(read(chunked + "10000000000000000\r\n"), "400");
  EXPECT_EQ(read(chunked + "1\r\nab\r\n"), "400");
}

TEST(RequestParser, KeepsToItsLimits) {
  const RequestLimits limits{.head = 100, .fields = 3, .body = 10};
  EXPECT_EQ(read(head("A: " + std::string(100, 'x') + "\r\n"), limits), "431");
  EXPECT_EQ(read(std::string(1000, 'x'), limits), "431");
  std::string empty_lines;
  for (int i = 0; i < 60; ++i) empty_lines += "\r\n";
  EXPECT_EQ(read(empty_lines, limits), "431");
  EXPECT_EQ(read(head("A: b\r\nC: d\r\n"), limits), "POST /a []\n");
  EXPECT_EQ(read(head("A: b\r\nC: d\r\nE: f\r\n"), limits), "431");
  EXPECT_EQ(read(head("Content-Length: 10\r\n") + "0123456789", limits), "POST /a [0123456789]\n");
  EXPECT_EQ(read(head("Content-Length: 11\r\n"), limits), "413");
  EXPECT_EQ(read(head("Content-Length: 99999999999999999999\r\n"), limits), "400");
  const std::string chunked = head("Transfer-Encoding: chunked\r\n");
  EXPECT_EQ(read(chunked + "A\r\n0123456789\r\n1\r\n", limits), "413");
  EXPECT_EQ(read(chunked + "FFFFFFFFFFFFFFFF\r\n", limits), "413");
  EXPECT_EQ(read(chunked + "0\r\nA: " + std::string(200, 'x'), limits), "431");
}

TEST(RequestParser, SaysWhenItIsCutInTwo) {
  EXPECT_EQ(read("GET / HT"), "…");
  EXPECT_EQ(read("GET / HTTP/1.1\r\n"), "…");
  EXPECT_EQ(read(head("Content-Length: 2\r\n") + "a"), "…");
  EXPECT_EQ(read(head("")), "POST /a []\n");
}

TEST(RequestParser, TellsOnceThatTheClientWaitsToGoOn) {
  RequestParser parser;
  const std::string bytes = head("Content-Length: 2\r\nExpect: 100-continue\r\n");
  std::memcpy(parser.space().data(), bytes.data(), bytes.size());
  parser.received(bytes.size());
  EXPECT_TRUE(std::get<RequestParser::NeedsMore>(parser.next()).expects_continue);
  EXPECT_FALSE(std::get<RequestParser::NeedsMore>(parser.next()).expects_continue);
}

}  // namespace
}  // namespace ottla::http
