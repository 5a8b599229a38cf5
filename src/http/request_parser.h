// Reads requests out of the bytes of one connection, as RFC 9112 has them: a head, then a body of a stated length or in
// chunks.
//
// Use:         read into space(); received(count); then next() until it needs more; then space() again.
// Lifetime:    a request owns what it holds.
// Concurrency: pure; confined to the shard of the connection.
// Invariants:  1. never more than one head and one body within their limits are held, and what came behind them
//                 with the same read
//              2. what two readers could understand in two ways is refused: both kinds of length, lengths that differ,
//                 blanks before a colon, folded fields, bare line feeds or carriage returns, unknown codings
// Errors:      a refusal with the status that the client should be told; the connection is beyond help then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/mutable_buffer.h"
#include "http/message.h"

namespace ottla::http {

struct RequestLimits {
  std::size_t head = std::size_t{16} << 10;
  std::size_t fields = 100;
  std::size_t body = std::size_t{1} << 20;
};

struct Refusal {
  int status;
  std::string_view reason;
};

class RequestParser {
 public:
  // `expects_continue`: the head is there, and the client waits for "100 Continue" before it sends the body.
  struct NeedsMore {
    bool expects_continue = false;
  };
  using Outcome = std::variant<NeedsMore, Request, Refusal>;

  explicit RequestParser(RequestLimits limits = {}) : limits_(limits) {}

  // Where the next bytes go; never empty.
  std::span<std::byte> space();
  void received(std::size_t count) { held_ += count; }
  Outcome next();

  // True when the client may leave without cutting a request in two.
  bool at_boundary() const { return stage_ == Stage::head && !has_request_line_ && read_ == held_; }

 private:
  enum class Stage { head, fixed_body, chunk_size, chunk, chunk_end, trailer };
  enum class Step { more, go_on, done, refused };

  std::string_view unread() const { return std::string_view(bytes_).substr(read_, held_ - read_); }
  Step refuse(int status, std::string_view reason);
  Step step();
  Step read_head();
  Step read_line_of_request(std::string_view line);
  Step read_field(std::string_view line);
  Step choose_body();
  Step read_into_body(std::size_t wanted);
  Step read_chunk_size();
  Step read_trailer();
  // Up to the next line's end; not there yet, or longer than a head may be: see `line_`.
  Step read_line();
  Request take_request();

  const RequestLimits limits_;
  std::string bytes_;  // held_ of them have come, read_ of those are done with
  std::size_t held_ = 0;
  std::size_t read_ = 0;
  std::size_t searched_ = 0;  // no line ends between read_ and here
  std::string_view line_;
  Stage stage_ = Stage::head;
  bool has_request_line_ = false;
  bool is_old_ = false;  // HTTP/1.0
  bool must_say_continue_ = false;
  std::size_t head_size_ = 0;
  std::uint64_t wanted_ = 0;  // bytes of the body or chunk that are missing
  Request request_;
  std::string body_;
  Refusal refusal_{0, {}};
};

}  // namespace ottla::http
