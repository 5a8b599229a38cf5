// Two connected streams on one shard, with bounded buffers and a hostile line between them.
//
// Use:         StreamPair pair = make_stream_pair({.to_second = {.piece = 1}});
// Lifetime:    the ends share the line; each must be closed, like any stream.
// Concurrency: confined to the shard that made it.
// Errors:      as Stream says; what Line injects shows as a peer's doing: an end, a reset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "runtime/address.h"
#include "runtime/stream.h"

namespace ottla {

// Cuts a line while it is in use: what is written from then on is lost, and the reader sees the end.
struct LineSwitch {
  bool cut = false;
};

// What happens to bytes on their way in one direction.
struct LineOptions {
  std::size_t capacity = 64 * 1024;  // bytes under way before a writer waits
  std::size_t piece = SIZE_MAX;      // the most that one read gets
  // After so many bytes the reader sees the end of the stream, or a reset; the writer goes on into nothing.
  std::optional<std::uint64_t> cut_after = std::nullopt;
  std::optional<std::uint64_t> reset_after = std::nullopt;
  std::shared_ptr<const LineSwitch> control = nullptr;
  // May change bytes on their way; gets their offset in the stream.
  std::function<void(std::uint64_t offset, std::span<std::byte> bytes)> tamper = nullptr;
};

struct StreamPairOptions {
  LineOptions to_second = {};
  LineOptions to_first = {};
  Address first_address = Address::loopback(40001);
  Address second_address = Address::loopback(9093);
};

struct StreamPair {
  std::unique_ptr<Stream> first;
  std::unique_ptr<Stream> second;
};

StreamPair make_stream_pair(StreamPairOptions options = {});

}  // namespace ottla
