// What a world is like when nothing is broken.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/clock.h"
#include "sim/latency.h"

namespace ottla::sim {

struct NetworkOptions {
  Latency link{std::chrono::microseconds(100), std::chrono::microseconds(100), std::chrono::milliseconds(20),
               500};
  Latency loopback{std::chrono::microseconds(5), std::chrono::microseconds(5), {}, 0};
  std::uint64_t bytes_per_second = 1'000'000'000;
  std::size_t buffer_bytes = 256 * 1024;  // of one direction of a connection, both ends together
  // Of 256 reads, how many get less than there is, and of 256 sends, how many travel in two parts.
  std::uint32_t short_reads = 16;
  std::uint32_t split_sends = 16;
  // Bytes that cannot be delivered for so long end their connection.
  Duration give_up_after = std::chrono::seconds(60);
  // What a living end that hears nothing takes to notice that the other is gone, when keep-alive is on.
  Duration keep_alive_after = std::chrono::seconds(120);
};

struct DiskOptions {
  Latency read{std::chrono::microseconds(5), std::chrono::microseconds(5), std::chrono::milliseconds(5), 500};
  Latency write{std::chrono::microseconds(5), std::chrono::microseconds(10), std::chrono::milliseconds(5),
                500};
  Latency sync{std::chrono::microseconds(200), std::chrono::microseconds(400), std::chrono::milliseconds(50),
               1000};
  Latency directory{std::chrono::microseconds(10), std::chrono::microseconds(20), {}, 0};
  std::uint64_t capacity = std::uint64_t{64} << 30;
};

struct WorldOptions {
  NetworkOptions network;
  DiskOptions disk;
  // What one resumption of a coroutine takes, and one look at the clock.
  Duration step_cost = std::chrono::nanoseconds(500);
  Duration look_cost = std::chrono::nanoseconds(20);
};

}  // namespace ottla::sim
