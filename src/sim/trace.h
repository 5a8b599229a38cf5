// Everything that happens, as one number, and on request as lines to read.
//
// Each step of the world feeds the hash with its time, place and kind and with numbers that say what it did.
// The same seed gives the same hash on every machine and in every build: no pointers, no thread ids, no
// unordered containers and no library's idea of a distribution may reach it.
//
// Concurrency: confined to the world's one thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/clock.h"

namespace ottla::sim {

enum class TraceKind : std::uint8_t {
  resume,
  timer,
  process,
  fault,
  connect,
  accept,
  send,
  deliver,
  receive,
  end_of_stream,
  reset,
  file_open,
  file_read,
  file_write,
  file_sync,
  file_change,
  directory,
  crash,
  helper,
  log,
  note,
};
std::string_view name_of(TraceKind kind);

// Where readable lines go; each without its line end.
class TraceSink {
 public:
  virtual void line(std::string_view text) = 0;

 protected:
  ~TraceSink() = default;
};

// What a line is about: a process and one of its shards, or the world itself.
struct TracePlace {
  static constexpr std::uint32_t kNone = 0xFFFF;
  std::string_view process = "world";
  std::uint32_t host = kNone;
  std::uint32_t shard = kNone;
};

class Trace {
 public:
  void set_sink(TraceSink* sink) { sink_ = sink; }
  bool readable() const { return sink_ != nullptr; }

  // `text()` gives the rest of the line, and is asked only if somebody reads it.
  template <typename Text>
  void add(Instant now, TracePlace place, TraceKind kind, std::uint64_t a, std::uint64_t b, Text text) {
    mix(static_cast<std::uint64_t>(now.time_since_epoch().count()));
    mix((std::uint64_t{place.host} << 32) ^ (std::uint64_t{place.shard} << 8) ^
        static_cast<std::uint64_t>(kind));
    mix(a);
    mix(b);
    ++events_;
    if (sink_ != nullptr) [[unlikely]]
      write(now, place, kind, text());
  }

  // A line that is not an event of its own: of the log, say.
  void show(Instant now, TracePlace place, TraceKind kind, std::string_view text) {
    if (sink_ != nullptr) write(now, place, kind, text);
  }

  std::uint64_t hash() const { return hash_; }
  std::uint64_t events() const { return events_; }

 private:
  void mix(std::uint64_t value) {
    hash_ = (hash_ ^ value) * 0x9fb21c651e98df25ULL;
    hash_ ^= hash_ >> 32;
  }
  void write(Instant now, TracePlace place, TraceKind kind, std::string_view text);

  std::uint64_t hash_ = 0x6f74746c61ULL;
  std::uint64_t events_ = 0;
  TraceSink* sink_ = nullptr;
};

}  // namespace ottla::sim
