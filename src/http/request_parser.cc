#include "http/request_parser.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/slice.h"
#include "http/grammar.h"

namespace ottla::http {
namespace {

constexpr std::size_t kLeastSpace = 2048;

}  // namespace

std::span<std::byte> RequestParser::space() {
  if (read_ == held_) {
    read_ = held_ = searched_ = 0;
  } else if (read_ > kLeastSpace) {
    bytes_.erase(0, read_);
    held_ -= read_;
    searched_ -= std::min(searched_, read_);
    read_ = 0;
  }
  if (bytes_.size() < held_ + kLeastSpace) bytes_.resize(held_ + kLeastSpace);
  return std::as_writable_bytes(std::span(bytes_).subspan(held_));
}

RequestParser::Outcome RequestParser::next() {
  for (;;) {
    switch (step()) {
      case Step::go_on:
        break;
      case Step::more:
        if (at_boundary()) bytes_ = std::string();
        return NeedsMore{.expects_continue = std::exchange(must_say_continue_, false)};
      case Step::refused:
        return refusal_;
      case Step::done:
        return take_request();
    }
  }
}

RequestParser::Step RequestParser::refuse(int status, std::string_view reason) {
  refusal_ = {status, reason};
  return Step::refused;
}

RequestParser::Step RequestParser::step() {
  if (refusal_.status != 0) return Step::refused;
  switch (stage_) {
    case Stage::head:
      return read_head();
    case Stage::fixed_body: {
      const Step step = read_into_body(wanted_);
      return step == Step::go_on ? Step::done : step;
    }
    case Stage::chunk_size:
      return read_chunk_size();
    case Stage::chunk: {
      const Step step = read_into_body(wanted_);
      if (step == Step::go_on) stage_ = Stage::chunk_end;
      return step;
    }
    case Stage::chunk_end: {
      const Step step = read_line();
      if (step != Step::go_on) return step;
      if (!line_.empty()) return refuse(400, "a chunk is longer than it says");
      stage_ = Stage::chunk_size;
      return Step::go_on;
    }
    case Stage::trailer:
      return read_trailer();
  }
  return Step::refused;
}

RequestParser::Step RequestParser::read_line() {
  const std::string_view rest = unread();
  const std::size_t from = searched_ > read_ ? searched_ - read_ : 0;
  const std::size_t feed = rest.find('\n', from);
  if (std::min(feed, rest.size()) + head_size_ > limits_.head) {
    return refuse(431, "the head is larger than this server takes");
  }
  if (feed == std::string_view::npos) {
    searched_ = held_;
    return Step::more;
  }
  if (feed == 0 || rest[feed - 1] != '\r') return refuse(400, "a line ends without a carriage return");
  line_ = rest.substr(0, feed - 1);
  if (line_.find('\r') != std::string_view::npos) return refuse(400, "a carriage return within a line");
  read_ += feed + 1;
  searched_ = read_;
  head_size_ += feed + 1;
  return Step::go_on;
}

RequestParser::Step RequestParser::read_head() {
  const Step step = read_line();
  if (step != Step::go_on) return step;
  // Old clients send an empty line behind a body.
  if (!has_request_line_) return line_.empty() ? Step::go_on : read_line_of_request(line_);
  return line_.empty() ? choose_body() : read_field(line_);
}

RequestParser::Step RequestParser::read_line_of_request(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == last) return refuse(400, "a request line has three words");
  const std::string_view version = line.substr(last + 1);
  request_.method = line.substr(0, first);
  request_.target = line.substr(first + 1, last - first - 1);
  if (!is_token(request_.method) || !is_target(request_.target)) return refuse(400, "no request line");
  if (!version.starts_with("HTTP/")) return refuse(400, "this is not HTTP");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return refuse(505, "this server speaks HTTP/1.1");
  is_old_ = version == "HTTP/1.0";
  has_request_line_ = true;
  return Step::go_on;
}

RequestParser::Step RequestParser::read_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return refuse(400, "a field without a colon");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = without_blanks(line.substr(colon + 1));
  if (!is_token(name) || !is_field_value(value))
    return refuse(400, "a field with characters that it may not have");
  if (request_.fields.size() == limits_.fields) return refuse(431, "more fields than this server takes");
  request_.fields.add(std::string(name), std::string(value));
  return Step::go_on;
}

RequestParser::Step RequestParser::choose_body() {
  const Fields& fields = request_.fields;
  if (fields.count("Host") > 1 || (!is_old_ && fields.count("Host") == 0)) {
    return refuse(400, "a request names one host");
  }
  request_.keep_alive =
      is_old_ ? fields.lists("Connection", "keep-alive") : !fields.lists("Connection", "close");
  const std::string* length = fields.find("Content-Length");
  const std::string* coding = fields.find("Transfer-Encoding");
  head_size_ = 0;
  if (coding != nullptr) {
    if (length != nullptr || is_old_) return refuse(400, "two ways to say how long the body is");
    if (fields.count("Transfer-Encoding") > 1 || !same_without_case(*coding, "chunked")) {
      return refuse(501, "the one transfer coding that this server knows is chunked");
    }
    stage_ = Stage::chunk_size;
  } else {
    wanted_ = 0;
    if (length != nullptr) {
      const std::optional<std::uint64_t> number = parse_number(*length, 10);
      if (!number || fields.count("Content-Length") > 1) return refuse(400, "no length of a body");
      wanted_ = *number;
    }
    if (wanted_ > limits_.body) return refuse(413, "the body is larger than this server takes");
    stage_ = Stage::fixed_body;
  }
  if (const std::string* expected = fields.find("Expect")) {
    if (!same_without_case(*expected, "100-continue"))
      return refuse(417, "this server cannot meet that expectation");
    must_say_continue_ = !is_old_ && (coding != nullptr || wanted_ > 0);
  }
  return Step::go_on;
}

RequestParser::Step RequestParser::read_into_body(std::size_t wanted) {
  const std::string_view rest = unread().substr(0, wanted);
  body_ += rest;
  read_ += rest.size();
  searched_ = read_;
  wanted_ -= rest.size();
  return wanted_ == 0 ? Step::go_on : Step::more;
}

RequestParser::Step RequestParser::read_chunk_size() {
  const Step step = read_line();
  if (step != Step::go_on) return step;
  const std::string_view digits = without_blanks(line_.substr(0, line_.find(';')));
  const std::optional<std::uint64_t> size = parse_number(digits, 16);
  if (!size) return refuse(400, "a chunk without a size");
  if (*size > limits_.body - body_.size()) return refuse(413, "the body is larger than this server takes");
  head_size_ = 0;
  wanted_ = *size;
  stage_ = *size == 0 ? Stage::trailer : Stage::chunk;
  return Step::go_on;
}

// Fields behind a body may say nothing that matters to this server: they are read and forgotten.
RequestParser::Step RequestParser::read_trailer() {
  const Step step = read_line();
  if (step != Step::go_on) return step;
  return line_.empty() ? Step::done : Step::go_on;
}

Request RequestParser::take_request() {
  Request request = std::exchange(request_, {});
  request.body = Slice::copy_of(body_);
  body_.clear();
  body_.shrink_to_fit();
  stage_ = Stage::head;
  has_request_line_ = must_say_continue_ = false;
  head_size_ = 0;
  return request;
}

}  // namespace ottla::http
