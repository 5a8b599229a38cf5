// What faults did: each kind of damage, counted where it had its effect.
//
// A planned fault that met nothing (a reset without connections, a torn write on an idle disk) is not counted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ottla::sim {

enum class Strike : std::uint8_t {
  process_killed,
  power_lost,
  process_paused,
  clock_jumped,
  clock_drifted,
  clock_frozen,
  bytes_held,  // a partition stood in the way of bytes or of a connection
  link_slowed,
  connection_reset,  // reset by the network, not by an end
  peer_vanished,     // an end died without telling the other
  read_shortened,
  write_lost,  // not synced, and gone after a crash
  write_torn,
  name_lost,  // a directory operation that was not synced, and gone after a crash
  read_failed,
  write_failed,
  sync_failed,
  disk_was_full,
  disk_was_read_only,
  disk_slowed,
  disk_stalled,
  bit_flipped,
  file_lost,
  stale_returned,  // an old copy of a file or directory
  disk_lost,
};
inline constexpr std::size_t kStrikes = static_cast<std::size_t>(Strike::disk_lost) + 1;

// "power lost"
std::string_view name_of(Strike strike);

class StrikeCounts {
 public:
  void add(Strike strike, std::uint64_t times = 1) { counts_[static_cast<std::size_t>(strike)] += times; }
  std::uint64_t operator[](Strike strike) const { return counts_[static_cast<std::size_t>(strike)]; }
  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : counts_) sum += count;
    return sum;
  }
  StrikeCounts& operator+=(const StrikeCounts& other) {
    for (std::size_t i = 0; i < kStrikes; ++i) counts_[i] += other.counts_[i];
    return *this;
  }
  friend bool operator==(const StrikeCounts&, const StrikeCounts&) = default;

 private:
  std::array<std::uint64_t, kStrikes> counts_{};
};

}  // namespace ottla::sim
