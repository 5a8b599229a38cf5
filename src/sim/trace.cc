#include "sim/trace.h"

#include <fmt/format.h>

#include <array>
#include <string>

namespace ottla::sim {

std::string_view name_of(TraceKind kind) {
  static constexpr std::array<std::string_view, 21> kNames = {
      "resume",  "timer",   "process", "fault", "connect", "accept", "send",
      "deliver", "receive", "end",     "reset", "open",    "read",   "write",
      "sync",    "change",  "dir",     "crash", "helper",  "log",    "note"};
  return kNames[static_cast<std::size_t>(kind)];
}

void Trace::write(Instant now, TracePlace place, TraceKind kind, std::string_view text) {
  const auto ns = now.time_since_epoch().count();
  const std::string where = place.shard == TracePlace::kNone
                                ? std::string(place.process)
                                : fmt::format("{}/{}", place.process, place.shard);
  sink_->line(fmt::format("{:>4}.{:09} {:<12} {:<8} {}", ns / 1'000'000'000, ns % 1'000'000'000, where,
                          name_of(kind), text));
}

}  // namespace ottla::sim
