// The small language of stories about streams: two connected ends on one shard, and bytes that show where they
// came from.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/chain.h"
#include "base/error.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/stream.h"

namespace ottla::contract {

inline Network& network() {
  return this_shard().network();
}

inline Task<std::unique_ptr<Listener>> listen_on_loopback(ListenOptions options = {}) {
  co_return (co_await network().listen(Address::loopback(0), options)).value();
}
inline Task<std::unique_ptr<Stream>> connect_to(Address address, ConnectOptions options = {}) {
  co_return (co_await network().connect(std::move(address), options, {})).value();
}
inline Task<std::unique_ptr<Stream>> accept_from(Listener& listener) {
  co_return (co_await listener.accept({})).value()->adopt().value();
}

struct StreamPair {
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;

  Task<void> close() {
    co_await client->close();
    co_await server->close();
  }
};

inline Task<StreamPair> make_pair(SocketOptions options = {}) {
  const auto listener = co_await listen_on_loopback({.accepted = options});
  StreamPair pair;
  pair.client = co_await connect_to(listener->address(), {.socket = options});
  pair.server = co_await accept_from(*listener);
  co_await listener->close();
  co_return pair;
}

// So small that a few megabytes never fit between the two ends.
inline constexpr SocketOptions kSmallBuffers{.send_buffer = 16 * 1024, .receive_buffer = 16 * 1024};
inline constexpr std::size_t kMoreThanFits = 8U << 20;

// No two runs of it look alike for megabytes.
inline std::string pattern(std::size_t size, std::uint64_t seed = 1) {
  std::string out(size, '\0');
  std::uint64_t state = seed * 0x9e3779b97f4a7c15U + 1;
  for (char& byte : out) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<char>(state >> 56);
  }
  return out;
}

inline Chain chain_of(std::string_view text) {
  return Chain(Slice::copy_of(text));
}

template <typename T>
std::string outcome(const Result<T>& result) {
  return result.ok() ? "ok" : std::string(name_of(result.error().code()));
}

// Up to `size` bytes, fewer only when the stream ends; what ended it follows in brackets.
inline Task<std::string> read_exactly(Stream& stream, std::size_t size) {
  std::string out(size, '\0');
  std::size_t filled = 0;
  while (filled < size) {
    const auto count = co_await stream.read(std::as_writable_bytes(std::span(out)).subspan(filled));
    if (!count.ok()) {
      out.resize(filled);
      co_return out + '[' + outcome(count) + ']';
    }
    filled += *count;
  }
  co_return out;
}
inline Task<std::string> read_all(Stream& stream) {
  std::string out;
  std::string buffer(64 * 1024, '\0');
  for (;;) {
    const auto count = co_await stream.read(std::as_writable_bytes(std::span(buffer)));
    if (!count.ok()) co_return out + '[' + outcome(count) + ']';
    out.append(buffer, 0, *count);
  }
}

// "ok", or the name of the error.
inline Task<std::string> try_to_read(Stream& stream, Cancel cancel = {}) {
  std::byte byte;
  co_return outcome(co_await stream.read(std::span(&byte, 1), cancel));
}
inline Task<std::string> try_to_write(Stream& stream, std::string text, Cancel cancel = {}) {
  co_return outcome(co_await stream.write(chain_of(text), cancel));
}

}  // namespace ottla::contract
